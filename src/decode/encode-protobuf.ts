import { DecodeError } from '../core/errors.ts'
import type { Value, Values } from '../core/values.ts'
import { rawOf, spanBytes } from './encode.ts'
import { type FieldPlan, FORM, type Layout, READ } from './plan.ts'

const VARINT = 0
const FIXED64 = 1
const BYTES = 2
const FIXED32 = 5

/** Fields and messages of one level, by field number. */
type Branch = Map<number, Leaf | Branch>

/** A field with a value. */
interface Leaf {
  readonly field: FieldPlan
  readonly value: Value
}

/**
 * The protobuf message of `values`: the inverse of `walkProtobuf` for the fields that have a name. They are written by
 * ascending number, nested ones in a message of their own, an array as several occurrences; what has no value is left
 * out. A value that does not fit is a `DecodeError`. Source of the encoding: the public Protocol Buffers documentation.
 */
export function encodeProtobuf(layout: Layout, values: Values): Uint8Array {
  const root: Branch = new Map()
  for (const field of layout.fields) {
    const value = Object.hasOwn(values, field.name) ? values[field.name] : undefined
    if (value !== undefined) plant(root, field, value)
  }
  const bytes: number[] = []
  writeBranch(bytes, root)
  return Uint8Array.from(bytes)
}

function plant(root: Branch, field: FieldPlan, value: Value): void {
  let branch = root
  for (const number of field.path.slice(0, -1)) {
    const next = branch.get(number) ?? new Map()
    if (!(next instanceof Map)) throw refuse(field, 'lies inside a field')
    branch.set(number, next)
    branch = next
  }
  const number = field.path.at(-1)!
  if (branch.has(number)) throw refuse(field, 'lies around another field')
  branch.set(number, { field, value })
}

function writeBranch(bytes: number[], branch: Branch): void {
  const ordered = [...branch].sort(([a], [b]) => a - b)
  for (const [number, entry] of ordered) {
    if (entry instanceof Map) {
      const inner: number[] = []
      writeBranch(inner, entry)
      writeBytes(bytes, number, inner)
    } else if (Array.isArray(entry.value)) {
      for (const element of entry.value) writeField(bytes, number, entry.field, element)
    } else {
      writeField(bytes, number, entry.field, entry.value)
    }
  }
}

function writeField(bytes: number[], number: number, field: FieldPlan, value: Value): void {
  if (field.read === READ.span || field.read === READ.pascal) {
    writeBytes(bytes, number, spanBytes(field, String(value)))
    return
  }
  const raw = rawOf(field, value)
  if (field.form === FORM.float) {
    writeTag(bytes, number, field.bits === 32 ? FIXED32 : FIXED64)
    writeFloat(bytes, Number(raw), field)
    return
  }
  writeTag(bytes, number, VARINT)
  writeVarint(bytes, varintOf(field, raw))
}

/** A negative number takes all ten bytes: protobuf extends its sign to 64 bits, also that of an int32. */
function varintOf(field: FieldPlan, raw: number | bigint): bigint {
  const low = field.signed ? -(1n << BigInt(field.bits - 1)) : 0n
  const high = (1n << BigInt(field.signed ? field.bits - 1 : field.bits)) - 1n
  if (raw >= low && raw <= high) return BigInt.asUintN(64, BigInt(raw))
  throw refuse(field, `does not fit: raw ${raw} is not within ${low} to ${high}`)
}

function writeTag(bytes: number[], number: number, wire: number): void {
  writeVarint(bytes, BigInt(number) * 8n + BigInt(wire))
}

function writeVarint(bytes: number[], value: bigint): void {
  let rest = value
  while (rest > 0x7fn) {
    bytes.push(Number(rest & 0x7fn) | 0x80)
    rest >>= 7n
  }
  bytes.push(Number(rest))
}

function writeBytes(bytes: number[], number: number, content: ArrayLike<number>): void {
  writeTag(bytes, number, BYTES)
  writeVarint(bytes, BigInt(content.length))
  for (let i = 0; i < content.length; i++) bytes.push(content[i]!)
}

const scratch = new DataView(new ArrayBuffer(8))

function writeFloat(bytes: number[], value: number, field: FieldPlan): void {
  if (field.bits === 32) {
    if (!Number.isFinite(Math.fround(value)) && Number.isFinite(value)) throw refuse(field, 'does not fit 32 bits')
    scratch.setFloat32(0, value, true)
  } else {
    scratch.setFloat64(0, value, true)
  }
  for (let i = 0; i < field.bits / 8; i++) bytes.push(scratch.getUint8(i))
}

function refuse(field: FieldPlan, why: string): DecodeError {
  return new DecodeError(`${field.name} ${why}`, { field: field.name })
}
