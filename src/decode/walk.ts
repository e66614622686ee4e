import { DecodeError } from '../core/errors.ts'
import { MAX_REPEAT } from './definition.ts'
import { type FieldPlan, holds, type Layout, READ } from './plan.ts'
import { readBig, readNumber } from './read.ts'

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
}

/** Everything, nothing left out, from offset 0. */
export const STRICT: WalkOptions = { guesses: true, short: false, origin: 0 }

/**
 * Visits the fields of `bytes[start, end)` and returns how many are missing because the payload ends before them.
 * With an origin only fields wholly inside the window are visited, and none counts as missing.
 */
export function walk(
  layout: Layout,
  bytes: Uint8Array,
  start: number,
  end: number,
  visitor: Visitor,
  options: WalkOptions,
): number {
  const fields = options.guesses ? layout.fields : layout.sure
  return layout.flat
    ? walkFlat(fields, bytes, start - options.origin, start, end, visitor, options.short || options.origin > 0)
    : new Walker(layout.slots, bytes, end, visitor, options).fields(fields, start - options.origin, start).missing
}

function walkFlat(
  fields: readonly FieldPlan[],
  bytes: Uint8Array,
  base: number,
  start: number,
  end: number,
  visitor: Visitor,
  short: boolean,
): number {
  let missing = 0
  for (let i = 0; i < fields.length; i++) {
    const field = fields[i]!
    const at = base + field.at
    if (at + field.need > end || at < start) {
      if (!short) throw tooShort(field, end - base, field.at + field.need)
      if (at >= start && spansCut(field, at, end)) visitor.span(field, bytes, at, end)
      else missing++
    } else if (field.read < READ.bigBits) {
      visitor.number(field, readNumber(field, bytes, at))
    } else {
      visitScalar(field, bytes, at, end, visitor)
    }
  }
  return missing
}

/** A text that the payload's end cuts is shorter, not missing. */
function spansCut(field: FieldPlan, at: number, end: number): boolean {
  return field.read === READ.span && at < end
}

function tooShort(field: FieldPlan, have: number, need: number): DecodeError {
  return new DecodeError(`${field.name} ends at byte ${need}, the payload has ${have}`, { field: field.name, have, need })
}

function visitScalar(field: FieldPlan, bytes: Uint8Array, at: number, end: number, visitor: Visitor): number {
  if (field.read === READ.span) {
    visitor.span(field, bytes, at, at + field.size)
    return field.size
  }
  if (field.read === READ.pascal) {
    const to = Math.min(at + 1 + bytes[at]!, end)
    visitor.span(field, bytes, at + 1, to)
    return to - at
  }
  if (field.read === READ.bigBits) visitor.big(field, readBig(field, bytes, at))
  else visitor.number(field, readNumber(field, bytes, at))
  return field.size
}

/** Arrays of arrays multiply; no message of a real device holds a tenth of this. */
const MAX_VISITS = 65_536

/** The walk with everything: relative places, conditions, arrays, nested types, unpublished fields. */
class Walker {
  missing = 0
  readonly #slots: Float64Array
  readonly #budget: { left: number }
  readonly #bytes: Uint8Array
  readonly #end: number
  readonly #visitor: Visitor
  readonly #options: WalkOptions

  constructor(
    slots: number,
    bytes: Uint8Array,
    end: number,
    visitor: Visitor,
    options: WalkOptions,
    budget = { left: MAX_VISITS },
  ) {
    this.#budget = budget
    this.#slots = new Float64Array(slots)
    this.#bytes = bytes
    this.#end = end
    this.#visitor = visitor
    this.#options = options
  }

  /** Visits fields whose places count from `base`; the first relative one follows `cursor`. */
  fields(fields: readonly FieldPlan[], base: number, cursor: number): this {
    this.#run(fields, base, cursor)
    return this
  }

  #run(fields: readonly FieldPlan[], base: number, cursor: number): number {
    const low = base + this.#options.origin
    let next = cursor
    for (const field of fields) {
      if (field.when !== undefined && !holds(field.when, this.#slots)) continue
      const at = field.at < 0 ? next + field.skip : base + field.at
      next = at < low ? next : this.#field(field, at)
    }
    return next
  }

  #field(field: FieldPlan, at: number): number {
    if (field.repeat === undefined) return this.#element(field, at)
    if (!field.published) return this.#elements(field, at)
    this.#visitor.openArray(field)
    const next = this.#elements(field, at)
    this.#visitor.closeArray(field)
    return next
  }

  #elements(field: FieldPlan, at: number): number {
    const { slot, add, fixed } = field.repeat!
    const count = slot < 0 ? fixed : this.#slots[slot]! + add
    if (count > MAX_REPEAT) throw new DecodeError(`${field.name}: ${count} elements`, { field: field.name, count })
    let next = at
    for (let i = 0; i < count; i++) {
      const missing = this.missing
      next = this.#element(field, next)
      if (this.missing > missing) break
    }
    return next
  }

  #element(field: FieldPlan, at: number): number {
    if (--this.#budget.left < 0) throw new DecodeError(`${field.name}: more than ${MAX_VISITS} values in one message`)
    if (field.layout !== undefined) return this.#nested(field, field.layout, at)
    if (at + field.need > this.#end) return this.#cut(field, at)
    if (field.slot >= 0) this.#slots[field.slot] = readNumber(field, this.#bytes, at)
    const shown = field.published && (this.#options.guesses || !field.guess)
    if (shown) return at + visitScalar(field, this.#bytes, at, this.#end, this.#visitor)
    return at + (field.read === READ.pascal ? 1 + this.#bytes[at]! : field.size)
  }

  #nested(field: FieldPlan, layout: Layout, at: number): number {
    const options = { ...this.#options, origin: 0 }
    const inner = new Walker(layout.slots, this.#bytes, this.#end, this.#visitor, options, this.#budget)
    if (field.published) this.#visitor.openObject(field)
    const next = inner.#run(this.#options.guesses ? layout.fields : layout.sure, at, at)
    if (field.published) this.#visitor.closeObject(field)
    this.missing += inner.missing
    return Math.max(next, at + layout.size)
  }

  #cut(field: FieldPlan, at: number): number {
    if (!this.#options.short && this.#options.origin === 0) throw tooShort(field, this.#end, at + field.size)
    if (spansCut(field, at, this.#end)) this.#visitor.span(field, this.#bytes, at, this.#end)
    else this.missing++
    return this.#end
  }
}
