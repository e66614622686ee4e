import type { Value, Values } from '../core/values.ts'
import { type FieldPlan, FORM } from './plan.ts'
import { scale, shortestFloat } from './quantity.ts'
import { dotted, flagNames, hexText, hhmmText, latin1, powerFactor } from './text.ts'
import type { Visitor } from './visitor.ts'

/** Builds an object from a walk: one per decode, for the few readings a second that programs look at. */
export class ObjectBuilder implements Visitor {
  readonly values: Values = {}
  readonly #raw: boolean
  readonly #open: (Values | Value[])[] = [this.values]

  /** With `raw` all stays as on the wire: no scale, no names, no markers, no trimming. */
  constructor(raw: boolean) {
    this.#raw = raw
  }

  number(field: FieldPlan, raw: number): void {
    this.#add(field.name, this.#raw ? raw : numberValue(field, raw))
  }

  big(field: FieldPlan, raw: bigint): void {
    this.#add(field.name, this.#raw ? raw : bigValue(field, raw))
  }

  span(field: FieldPlan, bytes: Uint8Array, start: number, end: number): void {
    this.#add(field.name, spanText(field, bytes, start, end, field.trim && !this.#raw))
  }

  openArray(field: FieldPlan): void {
    const array: Value[] = []
    this.#add(field.name, array)
    this.#open.push(array)
  }

  closeArray(): void {
    this.#open.pop()
  }

  openObject(field: FieldPlan): void {
    const inner: Values = {}
    this.#add(field.name, inner)
    this.#open.push(inner)
  }

  closeObject(): void {
    this.#open.pop()
  }

  #add(name: string, value: Value): void {
    const into = this.#open[this.#open.length - 1]!
    if (Array.isArray(into)) into.push(value)
    else into[name] = value
  }
}

/** The value of a raw number: scaled, named, or null where the device says that it has none. */
export function numberValue(field: FieldPlan, raw: number): Value {
  if (field.na.length > 0 && field.na.includes(raw)) return null
  switch (field.form) {
    case FORM.bool:
      return raw !== 0
    case FORM.enum:
      return field.names.get(raw) ?? raw
    case FORM.flags:
      return flagNames(raw, field.names)
    case FORM.float:
      return floatValue(field, raw)
    case FORM.hhmm:
      return hhmmText(raw)
    case FORM.pf:
      return powerFactor(raw)
    default:
      return scale(raw, field.quantity)
  }
}

function floatValue({ bits, plain, quantity }: FieldPlan, raw: number): number | null {
  if (!Number.isFinite(raw)) return null
  const clean = bits === 32 ? shortestFloat(raw) : raw
  return plain ? clean : scale(clean, quantity)
}

/**
 * The value of a 64-bit integer: a number while that is exact or where it is scaled, else a bigint. A marker beyond
 * 2^53 is itself rounded by JSON, so the rounded number is compared with it.
 */
export function bigValue(field: FieldPlan, raw: bigint): Value {
  const exact = raw >= -9007199254740991n && raw <= 9007199254740991n
  return exact || !field.plain || field.na.includes(Number(raw)) ? numberValue(field, Number(raw)) : raw
}

/** The text of a span of bytes. */
export function spanText(field: FieldPlan, bytes: Uint8Array, start: number, end: number, trim: boolean): string {
  switch (field.form) {
    case FORM.text:
      return latin1(bytes, start, end, trim)
    case FORM.dottedBe:
    case FORM.dottedLe:
      return dotted(bytes, start, end, field.form === FORM.dottedLe)
    default:
      return hexText(bytes, start, end)
  }
}
