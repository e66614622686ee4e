import { inspect } from 'node:util'
import { utf8 } from '../core/bytes.ts'
import type { Comparison, FieldOptions } from './definition.ts'
import type { Quantity } from './quantity.ts'

/** How the bytes of a field become a raw number or a span of bytes. Small integers, so that the walk can switch. */
export const READ = {
  u8: 0,
  i8: 1,
  u16le: 2,
  u16be: 3,
  i16le: 4,
  i16be: 5,
  u32le: 6,
  u32be: 7,
  i32le: 8,
  i32be: 9,
  f32le: 10,
  f32be: 11,
  f64le: 12,
  f64be: 13,
  /** Any run of bits up to 53, by segments. */
  bits: 14,
  /** More than 53 bits, by segments, as a bigint. */
  bigBits: 15,
  /** A span of bytes of fixed length. */
  span: 16,
  /** A length byte and so many bytes. */
  pascal: 17,
  /** Fields of their own. */
  nested: 18,
} as const

/** What a raw number or span means. */
export const FORM = {
  int: 0,
  float: 1,
  bool: 2,
  enum: 3,
  flags: 4,
  text: 5,
  hex: 6,
  bcd: 7,
  dottedBe: 8,
  dottedLe: 9,
  hhmm: 10,
  pf: 11,
  big: 12,
  nested: 13,
} as const

/** A reference to a field read earlier, by the slot its raw number is kept in. */
export interface SlotCondition {
  readonly slot: number
  readonly operator: Comparison
  readonly value: number
}

/** Elements of an array: `fixed`, or the raw number in `slot` plus `add`. */
export interface Count {
  readonly fixed: number
  readonly slot: number
  readonly add: number
}

/** One field, compiled: everything the walk, the writers and the encoder need, and nothing to look up. */
export interface FieldPlan {
  readonly name: string
  /** `"name":` for JSON, with the comma that stands before it unless it is the first. */
  readonly jsonKey: Uint8Array
  /** `name: ` as Node's inspect prints it, with `, ` before it. */
  readonly inspectKey: Uint8Array
  readonly published: boolean
  readonly guess: boolean
  /** First byte, or -1 where other fields decide. */
  readonly at: number
  /** Bytes left out before a field that follows the previous one. */
  readonly skip: number
  /** Index in its layout of the earlier field that it begins at the same place as, or -1. */
  readonly anchor: number
  /** Bytes taken, of one element; 0 where it varies. */
  readonly size: number
  /** Bytes without which the field is missing: `size`, or 1 for a text with a length of its own. */
  readonly need: number
  readonly read: number
  readonly form: number
  readonly bits: number
  readonly signed: boolean
  /** Runs of bits from the most to the least significant: byte, right shift, width. Empty for the fast reads. */
  readonly segments: Int32Array
  readonly quantity: Quantity
  /** The raw integer is the value: no scale, no offset. */
  readonly plain: boolean
  readonly na: readonly number[]
  readonly names: ReadonlyMap<number, string>
  /** The same texts as JSON strings. */
  readonly jsonNames: ReadonlyMap<number, Uint8Array>
  readonly trim: boolean
  /** Where the raw number is kept for later fields, or -1. */
  readonly slot: number
  readonly when: SlotCondition | undefined
  readonly repeat: Count | undefined
  readonly layout: Layout | undefined
  /** Protobuf: the field numbers on the way, outermost first. */
  readonly path: readonly number[]
  readonly options: FieldOptions
}

/** The compiled fields of a message or of a nested type. */
export interface Layout {
  readonly fields: readonly FieldPlan[]
  /** Without the guesses and what only they need. */
  readonly sure: readonly FieldPlan[]
  /** Bytes that the fields with a fixed place need. */
  readonly size: number
  readonly slots: number
  /** Every field is one published scalar at a fixed place: no conditions, no arrays. */
  readonly flat: boolean
}

const IDENTIFIER = /^[A-Za-z_][A-Za-z0-9_]*$/

/** The two texts of a field's name that writers copy. */
export function keyBytes(name: string): Pick<FieldPlan, 'jsonKey' | 'inspectKey'> {
  const bare = IDENTIFIER.test(name) ? name : inspect(name)
  return { jsonKey: utf8(`,${JSON.stringify(name)}:`), inspectKey: utf8(`, ${bare}: `) }
}

const COMPARE: Readonly<Record<Comparison, (a: number, b: number) => boolean>> = {
  '==': (a, b) => a === b,
  '!=': (a, b) => a < b || a > b,
  '<': (a, b) => a < b,
  '<=': (a, b) => a <= b,
  '>': (a, b) => a > b,
  '>=': (a, b) => a >= b,
}

/** Whether a condition holds for the raw numbers read so far; none holds for a field that was not there (NaN). */
export function holds({ slot, operator, value }: SlotCondition, raws: Float64Array): boolean {
  return COMPARE[operator](raws[slot]!, value)
}
