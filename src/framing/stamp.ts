import type { CanFrame } from '../core/can.ts'

const DOT = 46
const MINUS = 45
const ZERO = 48

/**
 * Sets a frame's time from decimal seconds, `bytes[start, end)`: digits after the dot are a fraction of any length, so
 * `1.5` is 1 s 500 000 000 ns. What is not a digit ends the number.
 */
export function parseDecimalTime(frame: CanFrame, bytes: Uint8Array, start: number, end: number): void {
  const negative = bytes[start] === MINUS
  let at = negative ? start + 1 : start
  let seconds = 0
  for (; at < end && isDigit(bytes[at]!); at++) seconds = seconds * 10 + bytes[at]! - ZERO
  let nanos = 0
  let unit = 1e9
  if (bytes[at] === DOT) {
    for (at++; at < end && unit > 1 && isDigit(bytes[at]!); at++) {
      unit /= 10
      nanos += (bytes[at]! - ZERO) * unit
    }
  }
  // time before the zero point counts down in seconds and up in nanoseconds
  frame.seconds = negative ? -seconds - (nanos > 0 ? 1 : 0) : seconds
  frame.nanos = negative && nanos > 0 ? 1e9 - nanos : nanos
}

function isDigit(byte: number): boolean {
  return byte >= ZERO && byte <= ZERO + 9
}
