import { DecodeError } from '../core/errors.ts'
import { type FieldPlan, FORM, keyBytes, type Layout, READ } from './plan.ts'
import { PLAIN } from './quantity.ts'
import type { Visitor } from './walk.ts'

/** One occurrence of a field on the wire. `start`..`end` are the bytes of a length-delimited one. */
interface Entry {
  readonly wire: number
  readonly bits: bigint
  readonly start: number
  readonly end: number
}

const VARINT = 0
const FIXED64 = 1
const BYTES = 2
const FIXED32 = 5
const MAX_NESTING = 8

/**
 * Visits the fields of a protobuf message `bytes[start, end)` in wire order: those of `layout` under their names, all
 * others under their field numbers (`"62"`, nested `"65.3"`). A field that occurs several times becomes an array.
 * Source of the encoding: the public Protocol Buffers documentation.
 */
export function walkProtobuf(
  layout: Layout,
  bytes: Uint8Array,
  start: number,
  end: number,
  visitor: Visitor,
  guesses: boolean,
): void {
  const entries = new Map<string, Entry[]>()
  collect(bytes, start, end, '', layout, entries)
  for (const [path, found] of entries) {
    const known = layout.fields.find(field => field.path.join('.') === path)
    if (known !== undefined && (!known.published || (known.guess && !guesses))) continue
    const field = known ?? genericField(path, found[0]!, bytes)
    if (found.length > 1) visitor.openArray(field)
    for (const entry of found) visit(field, entry, bytes, visitor)
    if (found.length > 1) visitor.closeArray(field)
  }
}

function collect(
  bytes: Uint8Array,
  start: number,
  end: number,
  prefix: string,
  layout: Layout,
  into: Map<string, Entry[]>,
): void {
  const depth = prefix.split('.').length
  for (let at = start; at < end; ) {
    const tag = varint(bytes, at, end)
    const number = tag.value >> 3n
    const entry = entryAt(bytes, tag.next, end, Number(tag.value & 7n))
    at = entry.end
    const path = prefix + String(number)
    if (entry.wire === BYTES && depth <= MAX_NESTING && isMessage(path, layout, bytes, entry)) {
      collect(bytes, entry.start, entry.end, `${path}.`, layout, into)
      continue
    }
    const found = into.get(path)
    if (found === undefined) into.set(path, [entry])
    else found.push(entry)
  }
}

function entryAt(bytes: Uint8Array, at: number, end: number, wire: number): Entry {
  if (wire === VARINT) {
    const { value, next } = varint(bytes, at, end)
    return { wire, bits: value, start: at, end: next }
  }
  if (wire === FIXED32 || wire === FIXED64) {
    const size = wire === FIXED32 ? 4 : 8
    if (at + size > end) throw new DecodeError('protobuf: a fixed value is cut off', { at })
    return { wire, bits: fixed(bytes, at, size), start: at, end: at + size }
  }
  if (wire !== BYTES) throw new DecodeError(`protobuf: wire type ${wire}`, { at, wire })
  const { value, next } = varint(bytes, at, end)
  if (value > BigInt(end - next)) throw new DecodeError('protobuf: a length goes past the end', { at })
  return { wire, bits: 0n, start: next, end: next + Number(value) }
}

function varint(bytes: Uint8Array, at: number, end: number): { value: bigint; next: number } {
  let value = 0n
  for (let i = 0; i < 10 && at + i < end; i++) {
    const byte = bytes[at + i]!
    value |= BigInt(byte & 0x7f) << BigInt(7 * i)
    if (byte < 0x80) return { value: BigInt.asUintN(64, value), next: at + i + 1 }
  }
  throw new DecodeError('protobuf: a varint does not end', { at })
}

function fixed(bytes: Uint8Array, at: number, size: number): bigint {
  let value = 0n
  for (let i = size - 1; i >= 0; i--) value = (value << 8n) | BigInt(bytes[at + i]!)
  return value
}

/** Whether a length-delimited field holds fields: the definition says so, or it parses as such and is not text. */
function isMessage(path: string, layout: Layout, bytes: Uint8Array, { start, end }: Entry): boolean {
  const known = layout.fields.map(field => field.path.join('.'))
  if (known.includes(path)) return false
  if (known.some(other => other.startsWith(`${path}.`))) return true
  return start < end && !isText(bytes, start, end) && parses(bytes, start, end)
}

function isText(bytes: Uint8Array, start: number, end: number): boolean {
  for (let i = start; i < end; i++) if (bytes[i]! < 32 || bytes[i]! > 126) return false
  return true
}

function parses(bytes: Uint8Array, start: number, end: number): boolean {
  try {
    for (let at = start; at < end; ) {
      const tag = varint(bytes, at, end)
      if (tag.value >> 3n === 0n || tag.value >> 3n > 536_870_911n) return false
      at = entryAt(bytes, tag.next, end, Number(tag.value & 7n)).end
    }
    return true
  } catch {
    return false
  }
}

function visit(field: FieldPlan, entry: Entry, bytes: Uint8Array, visitor: Visitor): void {
  if (entry.wire === BYTES) {
    visitor.span(field, bytes, entry.start, entry.end)
    return
  }
  const number = numberOf(field, entry)
  if (typeof number === 'bigint') visitor.big(field, number)
  else visitor.number(field, number)
}

const scratch = new DataView(new ArrayBuffer(8))

function numberOf(field: FieldPlan, { wire, bits }: Entry): number | bigint {
  if (field.form === FORM.float && wire !== VARINT) {
    scratch.setBigUint64(0, bits, true)
    return wire === FIXED32 ? scratch.getFloat32(0, true) : scratch.getFloat64(0, true)
  }
  const width = wire === FIXED32 ? 32 : 64
  const value = field.signed ? BigInt.asIntN(width, bits) : bits
  return value >= -9007199254740991n && value <= 9007199254740991n ? Number(value) : value
}

/** A field that no definition names: varints are signed numbers, fixed ones floats, bytes text or hex. */
function genericField(path: string, { wire, start, end }: Entry, bytes: Uint8Array): FieldPlan {
  const form =
    wire === BYTES
      ? isText(bytes, start, end)
        ? FORM.text
        : FORM.hex
      : wire === VARINT
        ? FORM.int
        : FORM.float
  return {
    ...keyBytes(path),
    name: path,
    published: true,
    guess: false,
    at: 0,
    skip: 0,
    size: 0,
    need: 0,
    read: READ.bits,
    form,
    bits: wire === FIXED32 ? 32 : 64,
    signed: true,
    segments: new Int32Array(0),
    quantity: PLAIN,
    plain: true,
    na: [],
    names: new Map(),
    trim: true,
    slot: -1,
    when: undefined,
    repeat: undefined,
    layout: undefined,
    path: path.split('.').map(Number),
    options: {},
  }
}
