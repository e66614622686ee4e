/**
 * Tables between hex text and bytes, and the byte buffer that all output goes through.
 * Everything here is on the path of every CAN frame: no strings, no allocation after start-up.
 */

const UPPER = '0123456789ABCDEF'
const LOWER = '0123456789abcdef'

/** Two ASCII hex digits, read as a little-endian 16-bit word, to the byte they spell; -1 where they are not hex. */
export const HEX_PAIR: Int16Array = hexPairs()

/** A byte to its two hex digits as a little-endian 16-bit word, ready for one 16-bit store; upper case. */
export const UPPER_PAIR: Uint16Array = digitPairs(UPPER)

/** The same in lower case. */
export const LOWER_PAIR: Uint16Array = digitPairs(LOWER)

function hexPairs(): Int16Array {
  const table = new Int16Array(65_536).fill(-1)
  const digits = '0123456789abcdefABCDEF'
  for (const high of digits) {
    for (const low of digits) {
      table[high.charCodeAt(0) | (low.charCodeAt(0) << 8)] = (Number.parseInt(high, 16) << 4) | Number.parseInt(low, 16)
    }
  }
  return table
}

function digitPairs(digits: string): Uint16Array {
  const table = new Uint16Array(256)
  for (let byte = 0; byte < 256; byte++) {
    table[byte] = digits.charCodeAt(byte >> 4) | (digits.charCodeAt(byte & 15) << 8)
  }
  return table
}

/** The number spelt by the 1 to 8 hex digits `bytes[start, end)`; -1 where they are none, too many or not hex. */
export function hexNumber(bytes: Uint8Array, start: number, end: number): number {
  if (end <= start || end - start > 8) return -1
  let value = 0
  for (let at = start; at < end; at++) {
    const digit = HEX_PAIR[0x30 | (bytes[at]! << 8)]!
    if (digit < 0) return -1
    value = value * 16 + digit
  }
  return value
}

/** Bytes of a text in UTF-8, for tables that are made once. */
export function utf8(text: string): Uint8Array {
  return new TextEncoder().encode(text)
}

/** A byte array and a view of the same memory: 16-bit loads through the view read two hex digits at once. */
export interface ByteSource {
  readonly bytes: Uint8Array
  readonly view: DataView
}

/** A fresh buffer of `size` bytes with its view. */
export function byteSource(size: number): ByteSource {
  const bytes = new Uint8Array(size)
  return { bytes, view: new DataView(bytes.buffer) }
}
