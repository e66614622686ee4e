import type { CanFrame } from '../core/can.ts'
import type { ByteWriter } from '../core/writer.ts'
import { decimalNumber } from './digits.ts'

const DOT = 46
const MINUS = 45
const ZERO = 48
const DATE_LENGTH = 'YYYY-MM-DD HH:MM:SS'.length
/** Seconds from the zero point to the last instant that a date can express. */
const LAST_SECOND = 8_640_000_000_000

/**
 * Sets a frame's time from a candump stamp without its brackets, `bytes[start, end)`: decimal seconds, or the local
 * date and time of `candump -tA`, `2023-11-14 22:13:20.000000`.
 */
export function parseStamp(frame: CanFrame, bytes: Uint8Array, start: number, end: number): void {
  if (end - start >= DATE_LENGTH && bytes[start + 4] === MINUS) parseLocalDate(frame, bytes, start, end)
  else parseDecimalTime(frame, bytes, start, end)
}

/**
 * Sets a frame's time from decimal seconds, `bytes[start, end)`: digits after the dot are a fraction of any length, so
 * `1.5` is 1 s 500 000 000 ns. What is not a digit ends the number.
 */
export function parseDecimalTime(frame: CanFrame, bytes: Uint8Array, start: number, end: number): void {
  const negative = bytes[start] === MINUS
  let at = negative ? start + 1 : start
  let seconds = 0
  for (; at < end && isDigit(bytes[at]!); at++) seconds = seconds * 10 + bytes[at]! - ZERO
  if (seconds > LAST_SECOND) seconds = LAST_SECOND
  const nanos = fraction(bytes, at, end)
  // time before the zero point counts down in seconds and up in nanoseconds
  frame.seconds = negative ? 0 - seconds - (nanos > 0 ? 1 : 0) : seconds
  frame.nanos = negative && nanos > 0 ? 1e9 - nanos : nanos
}

/** Appends whole microseconds as seconds with 6 decimals. */
export function writeMicros(micros: number, out: ByteWriter): void {
  if (micros < 0) out.byte(MINUS)
  const whole = Math.abs(micros)
  const seconds = Math.floor(whole / 1e6)
  out.int(seconds)
  out.byte(DOT)
  let rest = whole - seconds * 1e6
  for (let unit = 100_000; unit >= 1; unit /= 10) {
    const digit = Math.floor(rest / unit)
    out.byte(ZERO + digit)
    rest -= digit * unit
  }
}

function parseLocalDate(frame: CanFrame, bytes: Uint8Array, start: number, end: number): void {
  const number = (at: number, digits: number) => decimalNumber(bytes, start + at, start + at + digits)
  const date = new Date(number(0, 4), number(5, 2) - 1, number(8, 2), number(11, 2), number(14, 2), number(17, 2))
  frame.seconds = Math.floor(date.getTime() / 1000)
  frame.nanos = fraction(bytes, start + DATE_LENGTH, end)
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

function isDigit(byte: number): boolean {
  return byte >= ZERO && byte <= ZERO + 9
}
