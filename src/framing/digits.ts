import { HEX_PAIR, utf8 } from '../core/bytes.ts'

const SPACE = 32
const TAB = 9
const ZERO = 48

/**
 * Index of `byte` in `bytes[start, end)`, or -1. Not `indexOf`: that one searches on behind `end`, so that a file of
 * lines without the byte would cost the square of its length.
 */
export function find(bytes: Uint8Array, byte: number, start: number, end: number): number {
  for (let at = start; at < end; at++) if (bytes[at] === byte) return at
  return -1
}

/** Index of the first byte of `bytes[start, end)` that is neither blank nor tab, or `end`. */
export function skipBlanks(bytes: Uint8Array, start: number, end: number): number {
  let at = start
  while (at < end && (bytes[at] === SPACE || bytes[at] === TAB)) at++
  return at
}

/** Where the word that begins at `start` ends: the first blank or tab of `bytes[start, end)`, or `end`. */
export function wordEnd(bytes: Uint8Array, start: number, end: number): number {
  let at = start
  while (at < end && bytes[at] !== SPACE && bytes[at] !== TAB) at++
  return at
}

/** Characters of a line that can say something in a header: a pattern must not be let loose on megabytes. */
const LONGEST_HEADER = 256

/** The line `bytes[start, end)`, or its beginning, as a string in Latin-1; for headers. */
export function headerText(bytes: Uint8Array, start: number, end: number): string {
  return new TextDecoder('latin1').decode(bytes.subarray(start, Math.min(end, start + LONGEST_HEADER)))
}

/** Whether `bytes[start, end)` begins with `word`. */
export function startsWith(bytes: Uint8Array, word: Uint8Array, start: number, end: number): boolean {
  if (start + word.length > end) return false
  for (let i = 0; i < word.length; i++) if (bytes[start + i] !== word[i]) return false
  return true
}

/** Whether `bytes[start, end)` are neither blanks nor control characters, such as the 00 of a damaged file. */
export function isPrintable(bytes: Uint8Array, start: number, end: number): boolean {
  for (let at = start; at < end; at++) if (bytes[at]! <= SPACE) return false
  return true
}

const BYTE_ORDER_MARK = utf8('\uFEFF')

/** Where the text of `bytes[start, end)` begins, behind the mark that some programs put at the start of a file. */
export function skipByteOrderMark(bytes: Uint8Array, start: number, end: number): number {
  return startsWith(bytes, BYTE_ORDER_MARK, start, end) ? start + BYTE_ORDER_MARK.length : start
}

/** The number spelt by the 1 to 16 decimal digits `bytes[start, end)`; -1 where they are none, too many or not digits. */
export function decimalNumber(bytes: Uint8Array, start: number, end: number): number {
  if (end <= start || end - start > 16) return -1
  let value = 0
  for (let at = start; at < end; at++) {
    const digit = bytes[at]! - ZERO
    if (!(digit >= 0 && digit <= 9)) return -1
    value = value * 10 + digit
  }
  return value
}

/**
 * Reads hex pairs, a `.` allowed between them, to `into`; gives their number, or -1 where they are bad or more than
 * `most`.
 */
export function hexBytes(bytes: Uint8Array, start: number, end: number, into: Uint8Array, most: number): number {
  let length = 0
  for (let i = start; i < end; i += 2) {
    if (bytes[i] === 0x2e && length > 0) i++
    const pair = i + 1 < end ? HEX_PAIR[bytes[i]! | (bytes[i + 1]! << 8)]! : -1
    if (pair < 0 || length === most) return -1
    into[length++] = pair
  }
  return length
}

/** Whether `bytes[start, start + count)` are decimal digits; `view` is of the same memory. */
export function areDigits(bytes: Uint8Array, view: DataView, start: number, count: number): boolean {
  if (count < 4) {
    for (let at = start; at < start + count; at++) if (bytes[at]! < ZERO || bytes[at]! > ZERO + 9) return false
    return true
  }
  // four at a time: what is left of a digit without its 0x30 is 0 to 9, and 6 more do not carry into the next bits
  let wrong = 0
  const last = start + count - 4
  for (let at = start; ; at += 4) {
    const word = view.getInt32(Math.min(at, last), true) ^ 0x30303030
    wrong |= word | (word + 0x06060606)
    if (at >= last) return (wrong & 0xf0f0f0f0) === 0
  }
}
