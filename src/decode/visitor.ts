import type { FieldPlan } from './plan.ts'

/** Takes the raw content of fields in definition order; the two ways out (object, bytes) are visitors. */
export interface Visitor {
  number(field: FieldPlan, raw: number): void
  big(field: FieldPlan, raw: bigint): void
  /** Text, hex, BCD and dotted quads: `bytes[start, end)`. */
  span(field: FieldPlan, bytes: Uint8Array, start: number, end: number): void
  openArray(field: FieldPlan): void
  closeArray(field: FieldPlan): void
  openObject(field: FieldPlan): void
  closeObject(field: FieldPlan): void
}

export interface WalkOptions {
  /** Fields marked as guesses too. */
  readonly guesses: boolean
  /** Fields beyond the end are left out and counted; otherwise the first one is a `DecodeError`. */
  readonly short: boolean
  /** Byte offset that the payload's first byte has in the definition, for windows of a register map. */
  readonly origin: number
  /** The payload is a window of the layout, which may also begin at 0; what is not wholly inside it is passed over. */
  readonly window?: boolean
  /** With `short`: a text that begins beyond the end is empty instead of missing. */
  readonly emptyText?: boolean
}

/** Takes the insides of a nested type that is not published. */
export const NOBODY: Visitor = {
  number() {},
  big() {},
  span() {},
  openArray() {},
  closeArray() {},
  openObject() {},
  closeObject() {},
}
