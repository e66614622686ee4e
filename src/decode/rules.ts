import type { Report } from './definition.ts'
import { nearest } from './suggest.ts'

/** Says what is wrong with a value that a stranger wrote; nothing where nothing is. */
export type Rule = (value: unknown, spot: Spot) => void

/** Where in a definition a value stands: the message and field, and the property of it. */
export class Spot {
  readonly place: string
  readonly #label: string
  readonly #report: Report
  readonly #tally: { broken: number }

  constructor(report: Report, place = '', label = '', tally = { broken: 0 }) {
    this.place = place
    this.#label = label
    this.#report = report
    this.#tally = tally
  }

  /** Problems so far of the kind that makes what they are in unfit for use. */
  get broken(): number {
    return this.#tally.broken
  }

  /** A part of the value here, named in words. */
  in(label: string): Spot {
    const whole = this.#label === '' ? label : `${this.#label}: ${label}`
    return new Spot(this.#report, this.place, whole, this.#tally)
  }

  /** Another message or field. */
  at(place: string): Spot {
    return new Spot(this.#report, place, '', this.#tally)
  }

  /** The value here cannot be used. */
  refuse(text: string, suggestion?: string): void {
    this.#tally.broken++
    this.remark(text, suggestion)
  }

  /** Something is wrong, but the rest can be used. */
  remark(text: string, suggestion?: string): void {
    this.#report(this.place, this.#label === '' ? text : `${this.#label} ${text}`, suggestion)
  }

  /** The value here is not what it must be. */
  expected(what: string, value: unknown, suggestion?: string): void {
    this.refuse(`must be ${what}, not ${shown(value)}`, suggestion)
  }
}

/** A value in a few words, whatever its size. */
function shown(value: unknown): string {
  if (typeof value === 'string') return JSON.stringify(value.length <= 60 ? value : `${value.slice(0, 57)}...`)
  if (Array.isArray(value)) return value.length === 0 ? 'an empty list' : 'a list'
  return typeof value === 'object' && value !== null ? 'an object' : String(value)
}

/** A text of 1 to `max` characters, none of them a control character. */
export function text(max: number, min = 1): Rule {
  return (value, spot) => {
    if (typeof value !== 'string') spot.expected('a text', value)
    else if (value.length < min) spot.refuse('is empty')
    else if (value.length > max) spot.refuse(`has ${value.length} characters; at most ${max} are allowed`)
    else if (/[\u0000-\u001f\u007f-\u009f]/.test(value)) spot.refuse('holds control characters')
  }
}

/** A short text of a certain form, said in words by `what`. */
export function matching(form: RegExp, what: string, max = 100): Rule {
  return (value, spot) => {
    const fits = typeof value === 'string' && value.length <= max && form.test(value)
    if (!fits) spot.expected(what, value)
  }
}

/** One of a few words. */
export function oneOf(words: readonly string[]): Rule {
  const what = words.map(word => JSON.stringify(word)).join(', ')
  return (value, spot) => {
    if (typeof value === 'string' && words.includes(value)) return
    spot.expected(`one of ${what}`, value, typeof value === 'string' ? nearest(value, words) : undefined)
  }
}

/** A whole number from `least` to `most`. */
export function whole(least: number, most: number): Rule {
  return (value, spot) => {
    const fits = Number.isInteger(value) && (value as number) >= least && (value as number) <= most
    if (!fits) spot.expected(`a whole number from ${least} to ${most}`, value)
  }
}

/** Any number that there is. */
export const number: Rule = (value, spot) => {
  if (typeof value !== 'number' || !Number.isFinite(value)) spot.expected('a number', value)
}

/** true or false. */
export const truth: Rule = (value, spot) => {
  if (typeof value !== 'boolean') spot.expected('true or false', value)
}

/** A list of `min` to `max` elements. */
export function list(rule: Rule, min: number, max: number, what = 'element'): Rule {
  return (value, spot) => {
    if (!Array.isArray(value)) spot.expected('a list', value)
    else if (value.length < min) spot.refuse(`needs ${min === 1 ? 'an element' : `${min} elements`}`)
    else if (value.length > max) spot.refuse(`has ${value.length} elements; at most ${max} are allowed`)
    else for (const [i, element] of value.entries()) rule(element, spot.in(`${what} ${i + 1}`))
  }
}

/** A list in which each place has a rule of its own; those from `required` on may be left out. */
export function row(rules: readonly Rule[], required: number, what: string): Rule {
  return (value, spot) => {
    if (!Array.isArray(value) || value.length < required || value.length > rules.length) spot.expected(what, value)
    else for (const [i, element] of value.entries()) rules[i]!(element, spot.in(`element ${i + 1}`))
  }
}

/** An object whose properties have names of the writer's own, at most `max`; `name` judges those. */
export function table(
  name: Rule,
  rule: Rule,
  max: number,
  nested = (spot: Spot, key: string) => named(spot, key),
): Rule {
  return (value, spot) => {
    const entries = isObject(value) ? Object.entries(value) : undefined
    if (entries === undefined) spot.expected('an object', value)
    else if (entries.length > max) spot.refuse(`has ${entries.length} entries; at most ${max} are allowed`)
    else {
      for (const [key, element] of entries) {
        const inner = nested(spot, key)
        name(key, inner.in('the name'))
        rule(element, inner)
      }
    }
  }
}

/** An object with these properties and no others. */
export function object(shape: Readonly<Record<string, Rule>>, required: readonly string[] = []): Rule {
  return (value, spot) => {
    if (!isObject(value)) {
      spot.expected('an object', value)
      return
    }
    for (const [key, element] of Object.entries(value)) {
      if (Object.hasOwn(shape, key)) shape[key]!(element, named(spot, key))
      else unknownProperty(key, Object.keys(shape), spot)
    }
    for (const key of required) {
      if (!Object.hasOwn(value, key)) spot.refuse(`${JSON.stringify(key)} is missing`)
    }
  }
}

function named(spot: Spot, key: string): Spot {
  return spot.in(JSON.stringify(key.slice(0, 60)))
}

function unknownProperty(key: string, known: readonly string[], spot: Spot): void {
  spot.remark(`unknown property ${shown(key)}`, nearest(key, known) ?? `known are ${known.join(', ')}`)
}

/** Whether a value is an object in JSON's sense. */
export function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
