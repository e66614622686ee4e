import type { FieldInfo } from '../core/field-info.ts'
import type { Values } from '../core/values.ts'
import type { Definition, DerivedRow, MessageDefinition } from './definition.ts'
import { describe } from './describe.ts'
import { encode } from './encode.ts'
import { encodeProtobuf } from './encode-protobuf.ts'
import type { Layout } from './plan.ts'
import { walkProtobuf } from './protobuf.ts'
import { ObjectBuilder } from './to-object.ts'
import type { Visitor, WalkOptions } from './visitor.ts'
import { walk } from './walk.ts'

export interface DecodeOptions {
  /** Numbers as on the wire: no scale, no names, no markers. */
  readonly raw?: boolean
  /** Fields marked as guesses too. */
  readonly guesses?: boolean
  /** `omit` leaves out fields beyond the payload's end; otherwise the first one is a `DecodeError`. */
  readonly short?: 'omit'
  /** The place, in the definition's unit, of the payload's first byte: a window of a register map. */
  readonly base?: number
  /** Told how many fields were left out, if any. */
  readonly onMissing?: (count: number) => void
}

/** One message of a definition, compiled for one model: both ways between payload and values. */
export class Codec {
  readonly name: string
  readonly message: MessageDefinition
  readonly layout: Layout
  readonly #protobuf: boolean
  #fields: readonly FieldInfo[] | undefined
  readonly #placeBytes: number

  constructor(name: string, definition: Definition, message: MessageDefinition, layout: Layout) {
    const unit = message.unit ?? definition.unit ?? 'byte'
    this.name = name
    this.message = message
    this.layout = layout
    this.#protobuf = unit === 'protobuf'
    this.#placeBytes = unit === 'register' ? 2 : 1
  }

  /** What is needed to describe the values: names, units, labels, in definition order, derived ones last. */
  get fields(): readonly FieldInfo[] {
    const derived: readonly [string, DerivedRow][] = Object.entries(this.message.derived ?? {})
    this.#fields ??= describe(this.layout, derived)
    return this.#fields
  }

  /** Values by name; throws `DecodeError` where the payload ends before a field, unless `short` is `omit`. */
  decode(payload: Uint8Array, options: DecodeOptions = {}): Values {
    const builder = new ObjectBuilder(options.raw ?? false)
    const missing = this.visit(payload, 0, payload.length, builder, {
      guesses: options.guesses ?? false,
      short: options.short === 'omit',
      origin: (options.base ?? 0) * this.#placeBytes,
      window: options.base !== undefined,
    })
    if (missing > 0) options.onMissing?.(missing)
    return builder.values
  }

  /** Walks the fields of `bytes[start, end)`; returns how many are missing. The hot way out: nothing is built. */
  visit(bytes: Uint8Array, start: number, end: number, visitor: Visitor, options: WalkOptions): number {
    if (!this.#protobuf) return walk(this.layout, bytes, start, end, visitor, options)
    walkProtobuf(this.layout, bytes, start, end, visitor, options.guesses)
    return 0
  }

  /**
   * The payload of `values`, at least `length` bytes (protobuf: as many as it takes); throws `DecodeError` where one
   * does not fit.
   */
  encode(values: Values, length = 0): Uint8Array {
    return this.#protobuf ? encodeProtobuf(this.layout, values) : encode(this.layout, values, length)
  }
}
