import { hexNumber } from '../core/bytes.ts'
import { decimalNumber } from './digits.ts'
import { type Instant, parseDecimalTime } from './stamp.ts'

const SPACE = 32
const TAB = 9
const MINUS = 45
const DOT = 46

/** A line cut into parts, cells or words. The parts are views of the line's memory: they end with it. */
export class LineParts {
  /** Number of parts. */
  count = 0
  /** The memory that the parts are in. */
  bytes: Uint8Array = new Uint8Array(0)
  readonly #starts: Int32Array
  readonly #ends: Int32Array

  /** `most`: parts behind it are not looked at. */
  constructor(most: number) {
    this.#starts = new Int32Array(most)
    this.#ends = new Int32Array(most)
  }

  /** Whether there is room for no further part. */
  get isFull(): boolean {
    return this.count === this.#starts.length
  }

  /** Forgets the parts of the line before. */
  begin(bytes: Uint8Array): void {
    this.bytes = bytes
    this.count = 0
  }

  /** Adds `bytes[start, end)` as the next part. */
  add(start: number, end: number): void {
    this.#starts[this.count] = start
    this.#ends[this.count++] = end
  }

  /** Cuts `bytes[start, end)` into words, separated by blanks and tabs. */
  cutWords(bytes: Uint8Array, start: number, end: number): void {
    this.begin(bytes)
    let from = -1
    for (let at = start; at < end && !this.isFull; at++) {
      const isBlank = bytes[at] === SPACE || bytes[at] === TAB
      if (!isBlank && from < 0) from = at
      if (isBlank && from >= 0) {
        this.add(from, at)
        from = -1
      }
    }
    if (from >= 0 && !this.isFull) this.add(from, end)
  }

  /** Where a part begins; parts behind the last are empty. */
  start(part: number): number {
    return part < this.count ? this.#starts[part]! : 0
  }

  /** Where a part ends. */
  end(part: number): number {
    return part < this.count ? this.#ends[part]! : 0
  }

  /** Number of characters of a part. */
  length(part: number): number {
    return this.end(part) - this.start(part)
  }

  /** The part as a number in hex, characters left out at its start and its end, or -1. */
  hex(part: number, fromStart = 0, fromEnd = 0): number {
    return hexNumber(this.bytes, this.start(part) + fromStart, this.end(part) - fromEnd)
  }

  /** The part as a whole number in decimal, characters left out at its start and its end, or -1. */
  decimal(part: number, fromStart = 0, fromEnd = 0): number {
    return decimalNumber(this.bytes, this.start(part) + fromStart, this.end(part) - fromEnd)
  }

  /** The first character of the part as a code, letters in lower case; 0 where it is empty. */
  first(part: number): number {
    if (this.length(part) === 0) return 0
    const byte = this.bytes[this.start(part)]!
    return byte >= 0x41 && byte <= 0x5a ? byte | 0x20 : byte
  }

  /** The last character of the part as a code, 0 where it is empty. */
  last(part: number): number {
    return this.length(part) === 0 ? 0 : this.bytes[this.end(part) - 1]!
  }

  /** Whether the part is `text`, which is in lower case, in any case. */
  is(part: number, text: Uint8Array): boolean {
    const start = this.start(part)
    if (this.length(part) !== text.length) return false
    for (let i = 0; i < text.length; i++) if ((this.bytes[start + i]! | 0x20) !== text[i]) return false
    return true
  }

  /**
   * Reads `count` parts as bytes, from `part` on: two hex digits each, so that one that was cut off is none, or decimal
   * numbers. False where one is no byte.
   */
  readBytes(part: number, count: number, into: Uint8Array, isDecimal = false): boolean {
    for (let i = 0; i < count; i++) {
      const byte = isDecimal ? this.decimal(part + i) : this.length(part + i) === 2 ? this.hex(part + i) : -1
      if (byte < 0 || byte > 0xff) return false
      into[i] = byte
    }
    return true
  }

  /** Reads the part as decimal seconds; false where it is no decimal number. */
  time(part: number, into: Instant): boolean {
    const end = this.end(part)
    const start = this.start(part)
    let at = this.bytes[start] === MINUS ? start + 1 : start
    let digits = 0
    let dots = 0
    for (; at < end; at++) {
      const byte = this.bytes[at]!
      if (byte === DOT) dots++
      else if (byte >= 0x30 && byte <= 0x39) digits++
      else return false
    }
    if (digits === 0 || dots > 1) return false
    parseDecimalTime(into, this.bytes, start, end)
    return true
  }
}
