import { DecodeError } from '../core/errors.ts'

/** Wire types of the Protocol Buffers encoding. */
export const VARINT = 0
export const FIXED64 = 1
export const BYTES = 2
export const FIXED32 = 5

/**
 * What was read last: the halves of a number, and where the body of a length-delimited value begins. Results of
 * `varint` and `valueEnd` that would have to be allocated if they were returned.
 */
export const wire = { low: 0, high: 0, bodyStart: 0 }

/** Reads a varint into `low` and `high`; gives where it ends. */
export function varint(bytes: Uint8Array, start: number, end: number): number {
  wire.low = 0
  wire.high = 0
  for (let at = start, shift = 0; at < end && shift < 70; at++, shift += 7) {
    const byte = bytes[at]!
    const bits = byte & 0x7f
    if (shift < 28) wire.low |= bits << shift
    else if (shift === 28) {
      wire.low |= bits << 28
      wire.high = bits >> 4
    } else if (shift < 63) wire.high |= bits << (shift - 32)
    else wire.high |= (bits & 1) << 31
    if (byte < 0x80) return at + 1
  }
  throw new DecodeError('protobuf: a varint does not end', { at: start })
}

/** Where the value at `at` ends; sets `low` and `high`, or `bodyStart`. */
export function valueEnd(bytes: Uint8Array, at: number, end: number, kind: number): number {
  if (kind === VARINT) return varint(bytes, at, end)
  if (kind === FIXED32 || kind === FIXED64) {
    const to = at + (kind === FIXED32 ? 4 : 8)
    if (to > end) throw new DecodeError('protobuf: a fixed value is cut off', { at })
    wire.low = word(bytes, at)
    wire.high = kind === FIXED32 ? 0 : word(bytes, at + 4)
    return to
  }
  if (kind !== BYTES) throw new DecodeError(`protobuf: wire type ${kind}`, { at, wire: kind })
  wire.bodyStart = varint(bytes, at, end)
  if (wire.high !== 0 || wire.low < 0 || wire.bodyStart + wire.low > end)
    throw new DecodeError('protobuf: a length goes past the end', { at })
  return wire.bodyStart + wire.low
}

function word(bytes: Uint8Array, at: number): number {
  return bytes[at]! | (bytes[at + 1]! << 8) | (bytes[at + 2]! << 16) | (bytes[at + 3]! << 24)
}

/** Whether `bytes[start, end)` is printable ASCII. */
export function isText(bytes: Uint8Array, start: number, end: number): boolean {
  for (let i = start; i < end; i++) if (bytes[i]! < 32 || bytes[i]! > 126) return false
  return true
}

/** Whether `bytes[start, end)` can be read as fields to its end. */
export function parses(bytes: Uint8Array, start: number, end: number): boolean {
  try {
    for (let at = start; at < end; ) {
      at = varint(bytes, at, end)
      if (wire.high !== 0 || wire.low >>> 3 === 0) return false
      at = valueEnd(bytes, at, end, wire.low & 7)
    }
    return true
  } catch {
    return false
  }
}
