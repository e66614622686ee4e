import type { DbcSignal } from './dbc.ts'
import { plainText } from './plain-text.ts'

/** What the texts of a signal's values become. */
export interface Meaning {
  /** The signal is one of these. */
  readonly texts?: Readonly<Record<string, string>>
  /** Raw numbers that mean that there is no value. */
  readonly missing: readonly number[]
  /** Texts of a number that has a unit. */
  readonly note?: string
  /** What could not be kept. */
  readonly lost: readonly string[]
}

/** Texts that say that a number is none, in the words of many files. */
const MISSING =
  /^(sna|n\/?a|nan|not[ _-]?avail(able)?|signal[ _-]?not[ _-]?available|not[ _-]?valid|invalid|no[ _-]?value)$/i
const MOST_MISSING = 16
const MOST_TEXTS = 4096
const MOST_LABEL = 200

/**
 * What the value table of a signal says. A number with a scale or a unit stays a number, whose special values are named in
 * its note or mean that there is none; any other becomes its texts.
 */
export function meaningOf(signal: DbcSignal, isQuantity: boolean): Meaning {
  const named = (signal.texts ?? [])
    .map(({ raw, text }) => ({ raw: rawOf(raw, signal), text: plainText(text, MOST_LABEL) }))
    .filter(({ text }) => text !== '')
  if (named.length === 0) return { missing: [], lost: [] }
  if (signal.isFloat === true) return { missing: [], lost: ['its texts are left out: it is a floating-point number'] }
  const possible = named.filter(({ raw }) => raw !== undefined) as { raw: number; text: string }[]
  const lost = possible.length < named.length ? ['texts of values that it cannot have are left out'] : []
  if (!isQuantity && possible.length <= MOST_TEXTS) {
    return { texts: Object.fromEntries(possible.map(({ raw, text }) => [String(raw), text])), missing: [], lost }
  }
  const missing = possible.filter(({ text }) => MISSING.test(text)).slice(0, MOST_MISSING)
  const others = possible.filter(value => !missing.includes(value))
  const note = others.map(({ raw, text }) => `raw ${raw}: ${text}`).join(', ')
  return { missing: missing.map(({ raw }) => raw), ...(note === '' ? {} : { note }), lost }
}

/** The raw number as the signal has it: some files write negative ones without sign. Undefined where it has none such. */
function rawOf(raw: number, { length, isSigned }: DbcSignal): number | undefined {
  const bound = 2 ** (isSigned ? length - 1 : length)
  const own = isSigned && raw >= bound && raw < 2 * bound ? raw - 2 * bound : raw
  const isPossible = own < bound && own >= (isSigned ? -bound : 0) && Number.isSafeInteger(own)
  return isPossible ? own : undefined
}
