import { UPPER_PAIR, utf8 } from '../../core/bytes.ts'
import { CAN, type CanFrame } from '../../core/can.ts'
import type { ByteWriter } from '../../core/writer.ts'

const SPACE = 32
const MINUS = 45
/** Digits of an arbitration ID. */
const LONG_ID = 8
const SHORT_ID = 3
/** A blank and two digits for each of 64 bytes. */
const SPACED_DATA = 64 * 3
const UPPER = utf8('0123456789ABCDEF')
const LOWER = utf8('0123456789abcdef')
const RX = utf8('Rx')
const TX = utf8('Tx')

/** Appends one hex digit, upper-case unless `digits` says else. */
export function hexDigit(out: ByteWriter, value: number, digits = UPPER): void {
  out.byte(digits[value]!)
}

/** Appends a number in hex, 0 to FFFFFFFF, without zeros before it but for `width` digits. */
export function hexNumber(out: ByteWriter, value: number, width = 1, digits = UPPER): void {
  let count = width
  while (count < LONG_ID && value >>> (count * 4) !== 0) count++
  for (let shift = (count - 1) * 4; shift >= 0; shift -= 4) out.byte(digits[(value >>> shift) & 15]!)
}

/** The same in lower case. */
export function hexNumberLower(out: ByteWriter, value: number, width = 1): void {
  hexNumber(out, value, width, LOWER)
}

/** Appends an arbitration ID as 8 hex digits. */
export function longId(out: ByteWriter, id: number): void {
  out.reserve(LONG_ID)
  const { view, length: at } = out
  view.setUint16(at, UPPER_PAIR[id >>> 24]!, true)
  view.setUint16(at + 2, UPPER_PAIR[(id >>> 16) & 0xff]!, true)
  view.setUint16(at + 4, UPPER_PAIR[(id >>> 8) & 0xff]!, true)
  view.setUint16(at + 6, UPPER_PAIR[id & 0xff]!, true)
  out.length = at + LONG_ID
}

/** Appends an arbitration ID as 3 hex digits. */
export function shortId(out: ByteWriter, id: number): void {
  out.reserve(SHORT_ID)
  const { view, length: at } = out
  view.setUint8(at, UPPER[id >> 8]!)
  view.setUint16(at + 1, UPPER_PAIR[id & 0xff]!, true)
  out.length = at + SHORT_ID
}

/** Appends `data[0, length)` in hex. */
export function packedData(out: ByteWriter, { data, length }: CanFrame): void {
  out.reserve(SPACED_DATA)
  const { view } = out
  let at = out.length
  for (let i = 0; i < length; i++, at += 2) view.setUint16(at, UPPER_PAIR[data[i]!]!, true)
  out.length = at
}

/** Appends the data of a frame in hex, a blank before each byte, `count` bytes of which what it lacks is 00. */
export function spacedData(out: ByteWriter, { data, length }: CanFrame, count = length): void {
  out.reserve(SPACED_DATA)
  const { view } = out
  let at = out.length
  for (let i = 0; i < count; i++, at += 3) {
    view.setUint8(at, SPACE)
    view.setUint16(at + 1, UPPER_PAIR[i < length ? data[i]! : 0]!, true)
  }
  out.length = at
}

/** Appends `Tx` for what was sent, else `Rx`. */
export function direction(out: ByteWriter, { flags }: CanFrame): void {
  out.put((flags & CAN.tx) !== 0 ? TX : RX)
}

/** Appends blanks until `count` bytes stand behind `start`. */
export function padTo(out: ByteWriter, start: number, count: number): void {
  while (out.length < start + count) out.byte(SPACE)
}

/** Appends a whole number, 0 to 2^53, at the right end of `width` characters; with a minus where `isNegative`. */
export function rightInt(out: ByteWriter, value: number, width: number, isNegative = false): void {
  let digits = 1
  for (let limit = 10; value >= limit; limit *= 10) digits++
  for (let used = isNegative ? digits + 1 : digits; used < width; used++) out.byte(SPACE)
  if (isNegative) out.byte(MINUS)
  out.int(value)
}

/** Appends a line, for headers. */
export function line(out: ByteWriter, text: string, end = ''): void {
  out.text(text + end)
  out.endLine()
}
