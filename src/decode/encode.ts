import { DecodeError } from '../core/errors.ts'
import type { Value, Values } from '../core/values.ts'
import { type FieldPlan, FORM, holds, type Layout, READ } from './plan.ts'
import { unscale } from './quantity.ts'

/**
 * The bytes of `values`: the inverse of decode. `length` is the least length of the result; bytes that no field
 * covers are 0. Counts that are not given follow from their arrays. A value that does not fit is a `DecodeError`.
 */
export function encode(layout: Layout, values: Values, length = 0): Uint8Array {
  const encoder = new Encoder(Math.max(length, layout.size))
  encoder.fields(layout, values, 0)
  return encoder.bytes()
}

class Encoder {
  #buffer: Uint8Array
  #length: number

  constructor(length: number) {
    this.#buffer = new Uint8Array(Math.max(length, 64))
    this.#length = length
  }

  bytes(): Uint8Array {
    return this.#buffer.slice(0, this.#length)
  }

  fields(layout: Layout, values: Values, base: number): number {
    const raws = new Float64Array(layout.slots)
    const starts: number[] = []
    let next = base
    for (const field of layout.fields) {
      const given = own(values, field.name)
      const value = given === undefined ? impliedCount(field, layout, values) : given
      const skipped = field.when !== undefined && !holds(field.when, raws)
      const at = field.anchor >= 0 ? starts[field.anchor]! : field.at < 0 ? next + field.skip : base + field.at
      starts.push(skipped ? Number.NaN : at)
      if (skipped || Number.isNaN(at) || (value === undefined && (field.at >= 0 || field.anchor >= 0))) continue
      if (value === undefined) throw refuse(field, 'is missing')
      const end = this.#field(field, value, at, raws)
      if (field.anchor < 0) next = end
    }
    return next
  }

  #field(field: FieldPlan, value: Value, at: number, raws: Float64Array): number {
    if (field.slot >= 0) raws[field.slot] = Number(rawOf(field, value))
    if (field.repeat === undefined) return this.#element(field, value, at)
    if (!Array.isArray(value)) throw refuse(field, 'must be an array')
    const { slot, fixed, add } = field.repeat
    const count = slot < 0 ? fixed : Math.max(0, raws[slot]! + add)
    if (value.length !== count) throw refuse(field, `has ${value.length} elements, not ${count}`)
    return value.reduce((next: number, element: Value) => this.#element(field, element, next), at)
  }

  #element(field: FieldPlan, value: Value, at: number): number {
    if (field.layout !== undefined) {
      if (typeof value !== 'object' || value === null || Array.isArray(value)) throw refuse(field, 'must be an object')
      this.#reserve(at + field.layout.size)
      return Math.max(this.fields(field.layout, value as Values, at), at + field.layout.size)
    }
    if (field.read === READ.span || field.read === READ.pascal) return this.#span(field, value, at)
    this.#reserve(at + field.size)
    writeNumber(field, this.#buffer, at, rawOf(field, value))
    return at + field.size
  }

  #span(field: FieldPlan, value: Value, at: number): number {
    const bytes = spanBytes(field, String(value))
    const head = field.read === READ.pascal ? 1 : 0
    if (bytes.length > (head === 1 ? 255 : field.size)) throw refuse(field, `holds ${bytes.length} bytes, too many`)
    const size = head === 1 ? 1 + bytes.length : field.size
    this.#reserve(at + size)
    if (head === 1) this.#buffer[at] = bytes.length
    this.#buffer.set(bytes, at + head)
    return at + size
  }

  #reserve(end: number): void {
    if (end > this.#buffer.length) {
      const grown = new Uint8Array(Math.max(end, this.#buffer.length * 2))
      grown.set(this.#buffer)
      this.#buffer = grown
    }
    this.#length = Math.max(this.#length, end)
  }
}

function own(values: Values, name: string): Value | undefined {
  return Object.hasOwn(values, name) ? values[name] : undefined
}

/** A count that nobody gave: the length of the array that it counts. */
function impliedCount(field: FieldPlan, { fields }: Layout, values: Values): Value | undefined {
  if (field.slot < 0) return undefined
  const counted = fields.find(other => other.repeat?.slot === field.slot && Array.isArray(own(values, other.name)))
  if (counted === undefined) return undefined
  return (own(values, counted.name) as readonly Value[]).length - counted.repeat!.add
}

function refuse(field: FieldPlan, why: string): DecodeError {
  return new DecodeError(`${field.name} ${why}`, { field: field.name })
}

/** The bytes of a text, of dotted numbers or of hex. */
export function spanBytes(field: FieldPlan, text: string): Uint8Array {
  if (field.form === FORM.text) {
    if (/[^\u0000-\u00ff]/.test(text)) throw refuse(field, 'holds characters that are not Latin-1')
    return Uint8Array.from(text, char => char.charCodeAt(0))
  }
  if (field.form === FORM.dottedBe || field.form === FORM.dottedLe) {
    const parts = text.split('.').map(Number)
    const fits = parts.length === field.size && parts.every(part => part >= 0 && part <= 255)
    if (!fits) throw refuse(field, `is not ${field.size} numbers with dots`)
    return Uint8Array.from(field.form === FORM.dottedBe ? parts : parts.reverse())
  }
  if (text.length % 2 !== 0 || /[^0-9a-fA-F]/.test(text)) throw refuse(field, 'is not hex')
  return Uint8Array.from({ length: text.length / 2 }, (_, i) => Number.parseInt(text.slice(i * 2, i * 2 + 2), 16))
}

/** The number on the wire that `value` stands for; throws `DecodeError` where there is none. */
export function rawOf(field: FieldPlan, value: Value): number | bigint {
  if (typeof value === 'bigint') return value
  if (value === null) {
    if (field.na.length === 0 && field.form === FORM.float) return Number.NaN
    if (field.na.length === 0) throw refuse(field, 'has no marker for "not available"')
    return field.na[0]!
  }
  const raw = field.form === FORM.float ? floatRaw(field, value) : integerRaw(field, value)
  if (!Number.isFinite(raw))
    throw refuse(field, `cannot be ${typeof value === 'number' ? value : JSON.stringify(value)}`)
  return raw
}

function floatRaw(field: FieldPlan, value: Value): number {
  if (typeof value !== 'number') return Number.NaN
  return field.plain ? value : unscale(value, field.quantity)
}

function integerRaw(field: FieldPlan, value: Value): number {
  if (field.form === FORM.bool) return typeof value === 'boolean' ? Number(value) : Number.NaN
  if (field.form === FORM.flags && Array.isArray(value)) return flagBits(field, value)
  if (field.form === FORM.hhmm) return hhmmRaw(String(value))
  if (field.form === FORM.pf) return powerFactorRaw(value)
  if (typeof value === 'string') return named(field, value)
  return typeof value === 'number' ? Math.round(unscale(value, field.quantity)) : Number.NaN
}

function named(field: FieldPlan, text: string): number {
  for (const [number, name] of field.names) if (name === text) return number
  return Number.NaN
}

function flagBits(field: FieldPlan, names: readonly Value[]): number {
  return names.reduce((word: number, name) => {
    const unnamed = /^bit(\d{1,2})$/.exec(String(name))
    const bit = unnamed === null ? named(field, String(name)) : Number(unnamed[1])
    return word + 2 ** bit
  }, 0)
}

function hhmmRaw(text: string): number {
  const match = /^(\d{1,3}):(\d{1,3})$/.exec(text)
  if (match === null || Number(match[1]) > 255 || Number(match[2]) > 255) return Number.NaN
  return Number(match[1]) | (Number(match[2]) << 8)
}

function powerFactorRaw(value: Value): number {
  if (typeof value !== 'number' || Math.abs(value) > 1) return Number.NaN
  const thousandths = Math.round(value * 1000)
  return thousandths < 0 ? 1000 - thousandths : thousandths
}

const scratch = new DataView(new ArrayBuffer(8))

function writeNumber(field: FieldPlan, bytes: Uint8Array, at: number, raw: number | bigint): void {
  if (field.form === FORM.float) {
    writeFloat(field, bytes, at, Number(raw))
    return
  }
  const value = typeof raw === 'bigint' ? raw : BigInt(raw)
  const low = field.signed ? -(1n << BigInt(field.bits - 1)) : 0n
  const high = (1n << BigInt(field.signed ? field.bits - 1 : field.bits)) - 1n
  if (value < low || value > high) throw refuse(field, `does not fit: raw ${value} is not within ${low} to ${high}`)
  const unsigned = BigInt.asUintN(field.bits, value)
  if (field.segments.length > 0) writeSegments(field, bytes, at, unsigned)
  else writeWhole(field, bytes, at, unsigned)
}

function writeFloat(field: FieldPlan, bytes: Uint8Array, at: number, value: number): void {
  const { read, size, segments } = field
  if (size === 4 && Math.abs(Math.fround(value)) === Number.POSITIVE_INFINITY)
    throw refuse(field, 'does not fit 32 bits')
  const little = read === READ.f32le || read === READ.f64le
  if (size === 4) scratch.setFloat32(0, value, little)
  else scratch.setFloat64(0, value, little)
  for (let i = 0; i < size; i++) bytes[at + (segments.length > 0 ? segments[i * 3]! : i)] = scratch.getUint8(i)
}

const BIG_ENDIAN: ReadonlySet<number> = new Set([READ.u16be, READ.i16be, READ.u32be, READ.i32be])

function writeWhole({ read, size }: FieldPlan, bytes: Uint8Array, at: number, value: bigint): void {
  for (let i = 0; i < size; i++) {
    const place = BIG_ENDIAN.has(read) ? size - 1 - i : i
    bytes[at + place] = Number((value >> BigInt(8 * i)) & 0xffn)
  }
}

function writeSegments({ segments }: FieldPlan, bytes: Uint8Array, at: number, value: bigint): void {
  let rest = value
  for (let i = segments.length - 3; i >= 0; i -= 3) {
    const place = at + segments[i]!
    const shift = segments[i + 1]!
    const mask = ((1 << segments[i + 2]!) - 1) << shift
    bytes[place] = (bytes[place]! & ~mask) | ((Number(rest & 0xffn) << shift) & mask)
    rest >>= BigInt(segments[i + 2]!)
  }
}
