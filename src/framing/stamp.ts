import type { ByteWriter } from '../core/writer.ts'
import { decimalNumber } from './digits.ts'

const DOT = 46
const MINUS = 45
const ZERO = 48
const SPACE = 32
const TILDE = 126
const DATE_LENGTH = 'YYYY-MM-DD HH:MM:SS'.length
/** Seconds from the zero point to the last instant that a date can express. */
const LAST_SECOND = 8_640_000_000_000

/** A time in whole seconds and nanoseconds, 0 to 999 999 999: before the zero point seconds count down, nanoseconds up. */
export interface Instant {
  seconds: number
  nanos: number
}

/**
 * Sets a time from a candump stamp without its brackets, `bytes[start, end)`: decimal seconds, or the local
 * date and time of `candump -tA`, `2023-11-14 22:13:20.000000`.
 */
export function parseStamp(time: Instant, bytes: Uint8Array, start: number, end: number): void {
  if (end - start >= DATE_LENGTH && bytes[start + 4] === MINUS) parseLocalDate(time, bytes, start, end)
  else parseDecimalTime(time, bytes, start, end)
}

/** Whether `bytes[start, end)` can be a candump stamp: it has a digit, and nothing that a damaged file has in its place. */
export function isStamp(bytes: Uint8Array, start: number, end: number): boolean {
  let digits = 0
  for (let at = start; at < end; at++) {
    const byte = bytes[at]!
    if (byte < SPACE || byte > TILDE) return false
    if (isDigit(byte)) digits++
  }
  return digits > 0
}

/**
 * Sets a time from decimal seconds, `bytes[start, end)`: digits after the dot are a fraction of any length, so
 * `1.5` is 1 s 500 000 000 ns. What is not a digit ends the number.
 */
export function parseDecimalTime(time: Instant, bytes: Uint8Array, start: number, end: number): void {
  const negative = bytes[start] === MINUS
  let at = negative ? start + 1 : start
  let seconds = 0
  for (; at < end && isDigit(bytes[at]!); at++) seconds = seconds * 10 + bytes[at]! - ZERO
  if (seconds > LAST_SECOND) seconds = LAST_SECOND
  const nanos = fraction(bytes, at, end)
  time.seconds = negative ? 0 - seconds - (nanos > 0 ? 1 : 0) : seconds
  time.nanos = negative && nanos > 0 ? 1e9 - nanos : nanos
}

/** Length of the stamp of any time between 2001 and 2286 in microseconds, `1700000000.123456`. */
export const MICRO_STAMP = 17

/**
 * Sets a time from such a stamp at `at`, four digits at once; false where it is none. Most stamps of logs are, and it
 * takes a quarter of the time that the others take.
 */
export function parseMicroStamp(time: Instant, view: DataView, at: number): boolean {
  const first = view.getInt32(at, true) ^ FOUR_ZEROS
  const second = view.getInt32(at + 4, true) ^ FOUR_ZEROS
  const third = view.getInt32(at + 7, true) ^ THREE_ZEROS_AND_DOT
  const fourth = view.getInt32(at + 11, true) ^ FOUR_ZEROS
  const fifth = view.getInt32(at + 13, true) ^ FOUR_ZEROS
  // what is left of a digit without its 0x30 is 0 to 9, and 6 more do not carry into the next bits
  const all = first | second | third | fourth | fifth
  const carried = (first + SIXES) | (second + SIXES) | (third + SIXES) | (fourth + SIXES) | (fifth + SIXES)
  if (((all | carried) & 0xf0f0f0f0) !== 0 || third >>> 24 !== 0) return false
  time.seconds = fourDigits(first) * 1e6 + fourDigits(second) * 100 + ((third >> 8) & 255) * 10 + ((third >> 16) & 255)
  time.nanos = (fourDigits(fourth) * 100 + ((fifth >> 16) & 255) * 10 + (fifth >> 24)) * 1000
  return true
}

/** Four digits as little-endian text, and three with a dot behind. */
const FOUR_ZEROS = 0x30303030
const THREE_ZEROS_AND_DOT = 0x2e303030
const SIXES = 0x06060606

/** The number of four digits, the first in the lowest byte, none with its 0x30. */
function fourDigits(word: number): number {
  return (word & 255) * 1000 + ((word >> 8) & 255) * 100 + ((word >> 16) & 255) * 10 + (word >> 24)
}

/** Appends a time as seconds with 6 decimals, with 9 where those are needed. */
export function writeTime({ seconds, nanos }: Instant, out: ByteWriter): void {
  const negative = seconds < 0
  if (negative) out.byte(MINUS)
  const borrow = negative && nanos > 0
  out.int(borrow ? -1 - seconds : Math.abs(seconds))
  writeFraction(borrow ? 1e9 - nanos : nanos, nanos % 1000 === 0 ? 6 : 9, out)
}

/** Appends a dot and the first 3, 6 or 9 decimals of a fraction of a second, given in nanoseconds. */
export function writeFraction(nanos: number, digits: 3 | 6 | 9, out: ByteWriter): void {
  out.byte(DOT)
  writeDecimals(nanos, digits, out)
}

/** Appends the first 3, 6 or 9 decimals of a fraction of a second, given in nanoseconds, without the dot. */
export function writeDecimals(nanos: number, digits: 3 | 6 | 9, out: ByteWriter): void {
  out.reserve(9)
  const { view, length: at } = out
  const micros = Math.floor(nanos / 1000)
  const millis = (micros / 1000) | 0
  putThree(view, at, millis)
  if (digits > 3) putThree(view, at + 3, micros - millis * 1000)
  if (digits > 6) putThree(view, at + 6, nanos - micros * 1000)
  out.length = at + digits
}

/** Stores three decimal digits. */
function putThree(view: DataView, at: number, value: number): void {
  const hundreds = (value / 100) | 0
  view.setUint8(at, ZERO + hundreds)
  view.setUint16(at + 1, DECIMAL_PAIRS[value - hundreds * 100]!, true)
}

/** Two decimal digits as a little-endian word, for 0 to 99. */
const DECIMAL_PAIRS = Uint16Array.from({ length: 100 }, (_, n) => (ZERO + ((n / 10) | 0)) | ((ZERO + (n % 10)) << 8))

function parseLocalDate(time: Instant, bytes: Uint8Array, start: number, end: number): void {
  const number = (at: number, digits: number) => decimalNumber(bytes, start + at, start + at + digits)
  const date = new Date(number(0, 4), number(5, 2) - 1, number(8, 2), number(11, 2), number(14, 2), number(17, 2))
  time.seconds = Math.floor(date.getTime() / 1000)
  time.nanos = fraction(bytes, start + DATE_LENGTH, end)
}

/** Nanoseconds of a decimal fraction with its dot; 0 where there is none. */
function fraction(bytes: Uint8Array, start: number, end: number): number {
  if (start >= end || bytes[start] !== DOT) return 0
  let digits = 0
  let value = 0
  for (let at = start + 1; at < end && digits < 9 && isDigit(bytes[at]!); at++) {
    value = value * 10 + bytes[at]! - ZERO
    digits++
  }
  return value * NANOS[digits]!
}

/** Nanoseconds that the last of so many decimals stands for. */
const NANOS = Array.from({ length: 10 }, (_, digits) => 10 ** (9 - digits))

/** Whether a byte is a decimal digit. */
export function isDigit(byte: number): boolean {
  return byte >= ZERO && byte <= ZERO + 9
}

/** Adds a span of time. */
export function addTime(time: Instant, { seconds, nanos }: Instant): void {
  const sum = time.nanos + nanos
  time.seconds += seconds + (sum >= 1e9 ? 1 : 0)
  time.nanos = sum >= 1e9 ? sum - 1e9 : sum
}
