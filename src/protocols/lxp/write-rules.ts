import type { Model } from './model.ts'

/** What may be written to a hold register. Words are as on the wire: where the unit is 0.1 kW, 100 is 10 kW. */
export type WriteRule =
  | NumberRule
  /** Hour in the low byte, minute in the high one. */
  | { readonly kind: 'time' }
  /** Switches: those of the mask `safe` may be turned, the others are dangerous. */
  | { readonly kind: 'bits'; readonly safe: number }
  /** Changes what protects the device, the battery or the grid, or how the device can be reached. */
  | { readonly kind: 'dangerous' }
  /** Not a setting but an order to the device: reading it tells nothing. Dangerous. */
  | { readonly kind: 'command' }

/** A number within limits. */
export interface NumberRule {
  readonly kind: 'number'
  readonly min: number
  /** The greatest word by model; a model that is not there does not have the register. */
  readonly max: Readonly<Partial<Record<Model, number>>>
  /** A register whose value is a limit too. */
  readonly atMost?: number
}

/** A word that is to be written. */
export interface WordWrite {
  readonly register: number
  readonly word: number
  /** Bits that are to be other than now, or may be. */
  readonly changed: number
  readonly model: Model
  /** The value of the register that `atMost` names, where it has been read. */
  readonly cap?: number
}

/** Why something must not be written. */
export type Refusal =
  | { readonly why: 'unlisted' | 'dangerous' | 'time' }
  | { readonly why: 'limits'; readonly min: number; readonly max: number }

/** The limits of numbers that may be set without danger. Source: docs/protocols/lxp.md. */
const NUMBERS: ReadonlyMap<number, NumberRule> = new Map([
  [64, upTo(100)],
  [65, upTo(100)],
  [66, { kind: 'number', min: 0, max: { lxp: 100, hybrid: 100, offgrid: 100 } }], // %, else 0.1 kW
  [67, upTo(101)],
  [74, { kind: 'number', min: 0, max: { lxp: 100, hybrid: 150, offgrid: 150 } }],
  [75, upTo(100)],
  [82, { kind: 'number', min: 0, max: { lxp: 100, hybrid: 255, offgrid: 255 } }],
  [83, upTo(100)],
  [105, upTo(90, 10)],
  [125, { ...upTo(90), atMost: 105 }],
  [160, upTo(90)],
  [161, upTo(100, 20)],
  [227, { kind: 'number', min: 10, max: { hybrid: 101, offgrid: 101 } }],
])

function upTo(max: number, min = 0): NumberRule {
  return { kind: 'number', min, max: { lxp: max, hybrid: max, offgrid: max } }
}

type Span = readonly [first: number, last: number]

/** Times of day between which something is charged or discharged. */
const WINDOWS: readonly Span[] = [
  [68, 73],
  [76, 81],
  [84, 89],
  [152, 157],
]

/** Words made of switches; of 21: AC charge, forced discharge, charge priority. */
const SWITCHES: ReadonlyMap<number, number> = new Map([
  [21, (1 << 7) | (1 << 10) | (1 << 11)],
  [110, 0],
  [120, 0],
  [179, 0],
])

/** Restores defaults, clears records, restarts. */
const COMMANDS: readonly number[] = [11]

/** The serial number, 2-6, is not among them: nothing writes it. */
const DANGEROUS: readonly Span[] = [
  [15, 15],
  [22, 63],
  [90, 102],
  [112, 113],
  [144, 149],
  [180, 193],
  [203, 203],
  [205, 205],
]

/** The rule for a hold register; undefined where none may be written at all. */
export function ruleOf(register: number): WriteRule | undefined {
  const number = NUMBERS.get(register)
  if (number !== undefined) return number
  const safe = SWITCHES.get(register)
  if (safe !== undefined) return { kind: 'bits', safe }
  if (isWithin(register, WINDOWS)) return { kind: 'time' }
  if (COMMANDS.includes(register)) return { kind: 'command' }
  return isWithin(register, DANGEROUS) ? { kind: 'dangerous' } : undefined
}

function isWithin(register: number, spans: readonly Span[]): boolean {
  return spans.some(([first, last]) => register >= first && register <= last)
}

/** Why a word must not be written; undefined where it may. `force` permits what is dangerous, and nothing else. */
export function refusalOf(write: WordWrite, force: boolean): Refusal | undefined {
  const rule = ruleOf(write.register)
  switch (rule?.kind) {
    case undefined:
      return { why: 'unlisted' }
    case 'number':
      return numberRefusal(rule, write)
    case 'time':
      return isTime(write.word) ? undefined : { why: 'time' }
    case 'bits':
      return (write.changed & ~rule.safe) === 0 || force ? undefined : { why: 'dangerous' }
    default:
      return force ? undefined : { why: 'dangerous' }
  }
}

function numberRefusal({ min, max }: NumberRule, { word, model, cap }: WordWrite): Refusal | undefined {
  const most = max[model]
  if (most === undefined) return { why: 'unlisted' }
  const limit = Math.min(most, cap ?? most)
  return word >= min && word <= limit ? undefined : { why: 'limits', min, max: limit }
}

function isTime(word: number): boolean {
  return (word & 0xff) < 24 && word >> 8 < 60
}
