import { DecodeError } from '../core/errors.ts'
import type { Values } from '../core/values.ts'
import type { Codec } from './codec.ts'
import type { Example, Report } from './definition.ts'
import { nearest } from './suggest.ts'

/** Decodes an example and reports whatever is not as it says; `number` counts from 1. */
export function checkExample(codec: Codec, example: Example, number: number, report: Report): void {
  const say: Report = (field, text, suggestion) => report(field, `example ${number}: ${text}`, suggestion)
  const got = decoded(codec, example, say)
  if (got === undefined) return
  const names = Object.keys(got)
  for (const [name, expected] of Object.entries(example.expect)) {
    if (Object.hasOwn(got, name)) compare(name, expected, got[name], say)
    else missing(name, expected, codec, names, say)
  }
  for (const name of names) {
    if (Object.hasOwn(example.expect, name)) continue
    say(name, `got ${shown(got[name])}, "expect" does not have it`, `add ${JSON.stringify(name)}: ${shown(got[name])}`)
  }
}

function decoded(codec: Codec, example: Example, say: Report): Values | undefined {
  try {
    return codec.decode(Buffer.from(example.hex, 'hex'), {
      guesses: true,
      ...(example.short === true ? { short: 'omit' as const } : {}),
      ...(example.base === undefined ? {} : { base: example.base }),
    })
  } catch (error) {
    if (!(error instanceof DecodeError)) throw error
    say('', error.message, 'where the device itself sends less, say "short": true')
    return undefined
  }
}

function missing(name: string, expected: unknown, codec: Codec, got: readonly string[], say: Report): void {
  const known = codec.layout.fields.find(field => field.name === name)
  if (known === undefined) {
    const all = [...new Set([...codec.layout.fields.filter(field => field.published).map(field => field.name), ...got])]
    say('', `"expect" names ${JSON.stringify(name)}, which the message does not have`, nearest(name, all))
  } else if (!known.published) {
    say(name, 'is read but not published; "expect" must not have it')
  } else {
    say(name, `expected ${shown(expected)}, got nothing`)
  }
}

function compare(field: string, expected: unknown, got: unknown, say: Report): void {
  const found = difference(expected, got, '')
  if (found === undefined) return
  const path = found.path === '' ? '' : `at ${found.path} `
  const wide = typeof found.got === 'bigint' ? 'numbers beyond 2^53 stand in quotes' : undefined
  say(field, `${path}expected ${shown(found.expected)}, got ${shown(found.got)}`, wide)
}

interface Difference {
  readonly path: string
  readonly expected: unknown
  readonly got: unknown
}

/** The first difference between what was expected and what was decoded; undefined where there is none. */
function difference(expected: unknown, got: unknown, path: string): Difference | undefined {
  if (expected === got || (typeof got === 'bigint' && String(got) === expected)) return undefined
  const here = { path, expected, got }
  if (typeof expected !== 'object' || typeof got !== 'object' || expected === null || got === null) return here
  if (Array.isArray(expected) !== Array.isArray(got)) return here
  const wanted = Object.entries(expected)
  const given = new Map<string, unknown>(Object.entries(got))
  for (const [key, value] of wanted) {
    const inner = Array.isArray(expected) ? `${path}[${key}]` : `${path}.${key}`
    const found = given.has(key)
      ? difference(value, given.get(key), inner)
      : { ...here, path: inner, expected: value, got: undefined }
    if (found !== undefined) return found
  }
  return given.size === wanted.length ? undefined : here
}

/** A value as JSON would have it, at most a line of it. */
function shown(value: unknown): string {
  if (value === undefined) return 'nothing'
  const text = JSON.stringify(value, (_, inner) => (typeof inner === 'bigint' ? String(inner) : inner))
  return text.length <= 120 ? text : `${text.slice(0, 117)}...`
}
