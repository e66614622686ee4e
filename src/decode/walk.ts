import { DecodeError } from '../core/errors.ts'
import { MAX_REPEAT } from './definition.ts'
import { type FieldPlan, holds, type Layout, READ } from './plan.ts'
import { readBig, readNumber } from './read.ts'
import { NOBODY, type Visitor, type WalkOptions } from './visitor.ts'

/**
 * Visits the fields of `bytes[start, end)` and returns how many are missing because the payload ends before them.
 * With a window or an origin only fields wholly inside it are visited, and none counts as missing.
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
  if (!layout.flat) return new Walker(layout.slots, bytes, start, end, visitor, options).message(fields)
  if (options.window !== true && options.origin === 0) {
    return walkFlat(fields, bytes, start, end, visitor, options)
  }
  walkWindow(fields, bytes, start - options.origin, start, end, visitor)
  return 0
}

function walkFlat(
  fields: readonly FieldPlan[],
  bytes: Uint8Array,
  start: number,
  end: number,
  visitor: Visitor,
  { short, emptyText = false }: WalkOptions,
): number {
  let missing = 0
  for (let i = 0; i < fields.length; i++) {
    const field = fields[i]!
    const at = start + field.at
    if (at + field.need > end) {
      if (!short) throw tooShort(field, end - start, field.at + field.need)
      if (spansCut(field, at, end)) visitor.span(field, bytes, at, end)
      else if (emptyText && field.read === READ.span) visitor.span(field, bytes, end, end)
      else missing++
    } else if (field.read < READ.bigBits) {
      visitor.number(field, readNumber(field, bytes, at))
    } else {
      visitScalar(field, bytes, at, end, visitor)
    }
  }
  return missing
}

/** Visits the fields that lie wholly in `bytes[start, end)`; `base` is where the layout's first byte would be. */
function walkWindow(
  fields: readonly FieldPlan[],
  bytes: Uint8Array,
  base: number,
  start: number,
  end: number,
  visitor: Visitor,
): void {
  for (let i = 0; i < fields.length; i++) {
    const field = fields[i]!
    const at = base + field.at
    if (at >= start && at + field.need <= end) visitScalar(field, bytes, at, end, visitor)
  }
}

/** A text that the payload's end cuts is shorter, not missing. */
function spansCut(field: FieldPlan, at: number, end: number): boolean {
  return field.read === READ.span && at < end
}

function tooShort(field: FieldPlan, have: number, need: number): DecodeError {
  const context = { field: field.name, have, need }
  return new DecodeError(`${field.name} ends at byte ${need}, the payload has ${have}`, context)
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

/** Arrays of arrays multiply, and elements may take no bytes; no message of a real device holds a tenth of this. */
const mostVisits = (lengthBytes: number) => Math.min(65_536, 4096 + 8 * lengthBytes)

/** The walk with everything: relative places, conditions, arrays, nested types, unpublished fields. */
class Walker {
  missing = 0
  readonly #slots: Float64Array
  readonly #budget: { left: number }
  readonly #bytes: Uint8Array
  readonly #start: number
  readonly #end: number
  readonly #visitor: Visitor
  readonly #options: WalkOptions
  readonly #window: boolean

  constructor(
    slots: number,
    bytes: Uint8Array,
    start: number,
    end: number,
    visitor: Visitor,
    options: WalkOptions,
    budget = { left: mostVisits(end - start) },
  ) {
    this.#budget = budget
    this.#slots = new Float64Array(slots).fill(Number.NaN)
    this.#bytes = bytes
    this.#start = start
    this.#end = end
    this.#visitor = visitor
    this.#options = options
    this.#window = options.window === true || options.origin > 0
  }

  /** Visits the fields of a whole message; gives how many are missing. */
  message(fields: readonly FieldPlan[]): number {
    this.#run(fields, this.#start - this.#options.origin)
    return this.#window ? 0 : this.missing
  }

  /** Visits fields whose places count from `base`; the first relative one begins there. */
  #run(fields: readonly FieldPlan[], base: number): number {
    const starts: number[] = []
    let next = base
    for (const field of fields) {
      const skipped = field.when !== undefined && !holds(field.when, this.#slots)
      const at = field.anchor >= 0 ? starts[field.anchor]! : field.at < 0 ? next + field.skip : base + field.at
      starts.push(skipped ? Number.NaN : at)
      if (skipped || Number.isNaN(at)) continue
      const end = this.#window && !this.#inside(field, at) ? at + extent(field) : this.#field(field, at)
      if (field.anchor < 0) next = end
    }
    return next
  }

  #inside(field: FieldPlan, at: number): boolean {
    const size = extent(field)
    return at >= this.#start && (size === Number.POSITIVE_INFINITY || at + size <= this.#end)
  }

  #shown(field: FieldPlan): boolean {
    return field.published && (this.#options.guesses || !field.guess)
  }

  #field(field: FieldPlan, at: number): number {
    if (field.repeat === undefined) return this.#element(field, at)
    if (!this.#shown(field)) return this.#elements(field, at)
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
    if (--this.#budget.left < 0) throw new DecodeError(`${field.name}: more values than the payload can hold`)
    if (field.layout !== undefined) return this.#nested(field, field.layout, at)
    if (at + field.need > this.#end) return this.#cut(field, at)
    if (field.slot >= 0) this.#slots[field.slot] = readNumber(field, this.#bytes, at)
    if (this.#shown(field)) return at + visitScalar(field, this.#bytes, at, this.#end, this.#visitor)
    return at + (field.read === READ.pascal ? 1 + this.#bytes[at]! : field.size)
  }

  #nested(field: FieldPlan, layout: Layout, at: number): number {
    const visitor = this.#shown(field) ? this.#visitor : NOBODY
    const inner = new Walker(layout.slots, this.#bytes, this.#start, this.#end, visitor, this.#options, this.#budget)
    visitor.openObject(field)
    const next = inner.#run(this.#options.guesses ? layout.fields : layout.sure, at)
    visitor.closeObject(field)
    this.missing += inner.missing
    return Math.max(next, at + layout.size)
  }

  /** A field that the payload's end cuts: an error, unless nobody asked for it. */
  #cut(field: FieldPlan, at: number): number {
    const shown = this.#shown(field)
    if (!this.#options.short && !this.#window && (shown || !field.guess)) {
      throw tooShort(field, this.#end - this.#start, at + field.need - this.#start)
    }
    if (shown && !this.#window && spansCut(field, at, this.#end)) this.#visitor.span(field, this.#bytes, at, this.#end)
    else this.missing++
    return this.#end
  }
}

/** Bytes that all elements of a field take; infinite where only the payload says. */
function extent({ size, layout, repeat, read }: FieldPlan): number {
  if (read === READ.pascal || (repeat !== undefined && repeat.slot >= 0)) return Number.POSITIVE_INFINITY
  return (layout === undefined ? size : layout.size) * (repeat === undefined ? 1 : repeat.fixed)
}
