import { type FieldPlan, READ } from './plan.ts'

/**
 * The raw number of a field whose first byte is `bytes[at]`. The caller has checked that `at + field.size` bytes are
 * there. Fields of more than 53 bits are for `readBig`.
 */
export function readNumber(field: FieldPlan, bytes: Uint8Array, at: number): number {
  switch (field.read) {
    case READ.u8:
      return bytes[at]!
    case READ.i8:
      return (bytes[at]! << 24) >> 24
    case READ.u16le:
      return bytes[at]! | (bytes[at + 1]! << 8)
    case READ.u16be:
      return (bytes[at]! << 8) | bytes[at + 1]!
    case READ.i16le:
      return ((bytes[at]! << 16) | (bytes[at + 1]! << 24)) >> 16
    case READ.i16be:
      return ((bytes[at]! << 24) | (bytes[at + 1]! << 16)) >> 16
    case READ.u32le:
      return i32le(bytes, at) >>> 0
    case READ.u32be:
      return i32be(bytes, at) >>> 0
    case READ.i32le:
      return i32le(bytes, at)
    case READ.i32be:
      return i32be(bytes, at)
    case READ.bits:
      return readBits(field, bytes, at)
    default:
      return readFloat(field, bytes, at)
  }
}

function i32le(bytes: Uint8Array, at: number): number {
  return bytes[at]! | (bytes[at + 1]! << 8) | (bytes[at + 2]! << 16) | (bytes[at + 3]! << 24)
}

function i32be(bytes: Uint8Array, at: number): number {
  return (bytes[at]! << 24) | (bytes[at + 1]! << 16) | (bytes[at + 2]! << 8) | bytes[at + 3]!
}

function readBits({ segments, bits, signed }: FieldPlan, bytes: Uint8Array, at: number): number {
  let value = 0
  for (let i = 0; i < segments.length; i += 3) {
    const width = segments[i + 2]!
    const part = (bytes[at + segments[i]!]! >> segments[i + 1]!) & ((1 << width) - 1)
    value = value * (1 << width) + part
  }
  return signed && value >= 2 ** (bits - 1) ? value - 2 ** bits : value
}

/** The raw number of a field of up to 64 bits. */
export function readBig({ segments, bits, signed }: FieldPlan, bytes: Uint8Array, at: number): bigint {
  let value = 0n
  for (let i = 0; i < segments.length; i += 3) {
    const width = segments[i + 2]!
    const part = (bytes[at + segments[i]!]! >> segments[i + 1]!) & ((1 << width) - 1)
    value = (value << BigInt(width)) | BigInt(part)
  }
  return signed ? BigInt.asIntN(bits, value) : value
}

const scratch = new DataView(new ArrayBuffer(8))

/** Bytes of a float whose registers are swapped are picked one by one, the most significant first. */
function readFloat({ read, segments }: FieldPlan, bytes: Uint8Array, at: number): number {
  const little = read === READ.f32le || read === READ.f64le
  const size = read === READ.f32le || read === READ.f32be ? 4 : 8
  for (let i = 0; i < size; i++) scratch.setUint8(i, bytes[at + (segments.length > 0 ? segments[i * 3]! : i)]!)
  return size === 4 ? scratch.getFloat32(0, little) : scratch.getFloat64(0, little)
}
