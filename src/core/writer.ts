import { LOWER_PAIR, UPPER_PAIR } from './bytes.ts'

/** Where full blocks of output go: file descriptor, socket, test buffer. `bytes` is reused after the call returns. */
export type WriteBlock = (bytes: Uint8Array) => void

const BLOCK = 65_536
const SHORT = 48

/**
 * Output as bytes in blocks of 64 KiB. Callers reserve room, then store; nothing is allocated per line.
 *
 * A block goes out when a line ends, never within one, so a writer may take back what it has written of a line. A
 * line longer than the buffer makes it grow.
 */
export class ByteWriter {
  bytes = new Uint8Array(BLOCK * 2)
  view = new DataView(this.bytes.buffer)
  length = 0
  readonly #write: WriteBlock

  constructor(write: WriteBlock) {
    this.#write = write
  }

  /** Makes room for `count` more bytes. */
  reserve(count: number): void {
    if (this.length + count <= this.bytes.length) return
    this.#grow(count)
  }

  /** Ends a line: adds LF and hands a full block on. */
  endLine(): void {
    this.reserve(1)
    this.bytes[this.length++] = 10
    if (this.length >= BLOCK) this.flush()
  }

  flush(): void {
    if (this.length === 0) return
    const block = this.bytes.subarray(0, this.length)
    this.length = 0
    this.#write(block)
  }

  /** Appends bytes as they are. A short run costs less in a loop than in a call. */
  put(bytes: Uint8Array): void {
    if (bytes.length < SHORT) {
      this.copy(bytes, 0, bytes.length)
      return
    }
    this.reserve(bytes.length)
    this.bytes.set(bytes, this.length)
    this.length += bytes.length
  }

  /** Appends a part of other memory, `[start, end)`. Short parts are the rule, so a loop beats `set`. */
  copy(from: Uint8Array, start: number, end: number): void {
    this.reserve(end - start)
    const { bytes } = this
    let at = this.length
    for (let i = start; i < end; i++) bytes[at++] = from[i]!
    this.length = at
  }

  byte(value: number): void {
    this.reserve(1)
    this.bytes[this.length++] = value
  }

  /** Appends a text in UTF-8; for headers, reports and rare values. */
  text(text: string): void {
    const room = text.length * 3
    this.reserve(room)
    this.length += encoder.encodeInto(text, this.bytes.subarray(this.length)).written
  }

  /** Appends two upper-case hex digits. */
  hex(byte: number): void {
    this.reserve(2)
    this.view.setUint16(this.length, UPPER_PAIR[byte]!, true)
    this.length += 2
  }

  /** Appends two lower-case hex digits. */
  hexLower(byte: number): void {
    this.reserve(2)
    this.view.setUint16(this.length, LOWER_PAIR[byte]!, true)
    this.length += 2
  }

  /** Appends a whole number, |value| < 2^53, in decimal. */
  int(value: number): void {
    this.reserve(24)
    let rest = value
    if (rest < 0) {
      this.bytes[this.length++] = 45
      rest = -rest
    }
    const digits = rest < 0x80000000 ? countDigits(rest) : countDigits(Math.floor(rest / 1e9)) + 9
    this.#digits(rest, this.length + digits)
    this.length += digits
  }

  /** Appends `raw / 10^decimals` without trailing zeros: 4810 and 3 give `4.81`. */
  decimal(raw: number, decimals: number): void {
    let rest = raw
    let places = decimals
    if ((rest | 0) === rest) {
      for (let next = (rest / 10) | 0; places > 0 && next * 10 === rest; next = (rest / 10) | 0) {
        rest = next
        places--
      }
    } else {
      for (; places > 0 && rest % 10 === 0; places--) rest /= 10
    }
    if (places === 0) this.int(rest)
    else this.#fraction(rest, places)
  }

  #fraction(raw: number, places: number): void {
    this.reserve(32)
    const { bytes } = this
    let rest = raw
    if (rest < 0) {
      bytes[this.length++] = 45
      rest = -rest
    }
    const scale = POWERS[places]!
    const whole = Math.floor(rest / scale)
    this.int(whole)
    bytes[this.length++] = 46
    let fraction = rest - whole * scale // below 10^15; ten digits and fewer stay small integers
    const end = this.length + places
    for (let at = end - 1; at >= this.length; at--) {
      const next = fraction < 0x7fffffff ? (fraction / 10) | 0 : Math.floor(fraction / 10)
      bytes[at] = 48 + (fraction - next * 10)
      fraction = next
    }
    this.length = end
  }

  #digits(value: number, end: number): void {
    const { bytes } = this
    let rest = value
    let at = end
    while (rest >= 0x80000000) {
      bytes[--at] = 48 + (rest % 10)
      rest = Math.floor(rest / 10)
    }
    do {
      const next = (rest / 10) | 0
      bytes[--at] = 48 + (rest - next * 10)
      rest = next
    } while (rest !== 0)
  }

  #grow(count: number): void {
    const grown = new Uint8Array(Math.max(this.bytes.length * 2, this.length + count))
    grown.set(this.bytes.subarray(0, this.length))
    this.bytes = grown
    this.view = new DataView(grown.buffer)
  }
}

const encoder = new TextEncoder()

/** 10^n for n = 0..15. */
const POWERS = Array.from({ length: 16 }, (_, n) => 10 ** n)

function countDigits(value: number): number {
  if (value < 10) return 1
  if (value < 100) return 2
  if (value < 1000) return 3
  if (value < 10_000) return 4
  if (value < 100_000) return 5
  if (value < 1_000_000) return 6
  if (value < 10_000_000) return 7
  if (value < 100_000_000) return 8
  return value < 1_000_000_000 ? 9 : 10
}
