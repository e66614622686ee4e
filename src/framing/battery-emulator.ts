import { hexNumber } from '../core/bytes.ts'
import { CAN, type CanFrame, dlcOf, type FrameSink } from '../core/can.ts'
import { decimalNumber, find, skipBlanks, wordEnd } from './digits.ts'
import { BAD_DATA, BAD_ID, BAD_LENGTH, BLANK, LineReader, NO_FRAME } from './line-reader.ts'
import { parseDecimalTime } from './stamp.ts'

const HASH = 35
const OPEN = 40
const CLOSE = 41
const DOT = 46
const ZERO = 48
const SQUARE_OPEN = 91
const SQUARE_CLOSE = 93
/** Seconds after which the device's clock prints 0 again. */
const WRAP = 100_000

export interface BatteryEmulatorOptions {
  /** The file is known to have lower-case directions, so that upper-case ones mean CAN FD from its first line on. */
  readonly isCurrent?: boolean
}

/**
 * Reads the CAN logs of Battery-Emulator. Source: docs/protocols/log-formats.md, section 6.1.
 *
 *     (seconds.fraction) rx|tx|RX|TX number ID [length] data       web page, SD card, USB
 *     milliseconds  ID  length  data                               USB in 2024, digits without leading zeros
 *
 * A time without a dot is in milliseconds: the current firmware prints it so below one second. Upper case means CAN FD,
 * but only in a file that has lower case too: older firmware knew nothing else. The number is twice the interface's,
 * plus 1 for what the device sent.
 */
export class BatteryEmulatorReader extends LineReader {
  readonly format = 'battery-emulator'
  #isCurrent: boolean
  /** How often the clock has begun anew. */
  #wraps = 0

  constructor(sink: FrameSink, options: BatteryEmulatorOptions = {}) {
    super(sink)
    this.#isCurrent = options.isCurrent ?? false
  }

  /** Whether a lower-case direction has been seen. */
  get isCurrent(): boolean {
    return this.#isCurrent
  }

  protected override line(bytes: Uint8Array, start: number, end: number): string | undefined {
    const at = skipBlanks(bytes, start, end)
    if (at === end) return BLANK
    if (bytes[at] === HASH) return 'comments'
    if (bytes[at] === SQUARE_OPEN) return 'gaps, frames not printed by the device'
    const problem = bytes[at] === OPEN ? this.#printed(bytes, at, end) : this.#bare(bytes, at, end)
    return problem ?? this.emit()
  }

  /** Reads `(time) direction ID [length] data`. */
  #printed(bytes: Uint8Array, start: number, end: number): string | undefined {
    const close = find(bytes, CLOSE, start, end)
    if (close < 0) return NO_FRAME
    const direction = skipBlanks(bytes, close + 1, end)
    const directionEnd = wordEnd(bytes, direction, end)
    const id = skipBlanks(bytes, directionEnd, end)
    const idEnd = wordEnd(bytes, id, end)
    const length = skipBlanks(bytes, idEnd, end)
    const lengthEnd = find(bytes, SQUARE_CLOSE, length, Math.min(end, length + 4))
    if (length >= end || bytes[length] !== SQUARE_OPEN) return NO_FRAME
    const isFd = this.#direction(bytes, direction, directionEnd)
    if (isFd === undefined) return NO_FRAME
    const problem = this.#head(bytes, id, idEnd, decimalNumber(bytes, length + 1, lengthEnd), isFd)
    if (problem !== undefined) return problem
    if (readBytes(bytes, lengthEnd + 1, end, this.frame) < 0) return BAD_DATA
    this.#time(bytes, start + 1, close, true)
    return undefined
  }

  /** Reads `rx0`: sets the frame's direction and interface; gives whether it means CAN FD, undefined if it is none. */
  #direction(bytes: Uint8Array, start: number, end: number): boolean | undefined {
    const letter = bytes[start]! | 0x20
    const number = decimalNumber(bytes, start + 2, end)
    if ((letter !== 0x72 && letter !== 0x74) || (bytes[start + 1]! | 0x20) !== 0x78 || number < 0) return undefined
    const isLower = letter === bytes[start]
    if (isLower) this.#isCurrent = true
    this.origin.bus = Math.floor(number / 2)
    this.frame.flags = letter === 0x74 ? CAN.tx : CAN.rx
    return this.#isCurrent && !isLower
  }

  /**
   * Reads `milliseconds ID length data`. Nothing marks such a line as a frame but its form, and the tail of a cut line
   * of bytes comes close: so the length has no zero before it and the line ends with the data.
   */
  #bare(bytes: Uint8Array, start: number, end: number): string | undefined {
    const timeEnd = wordEnd(bytes, start, end)
    const id = skipBlanks(bytes, timeEnd, end)
    const idEnd = wordEnd(bytes, id, end)
    const length = skipBlanks(bytes, idEnd, end)
    const lengthEnd = wordEnd(bytes, length, end)
    const isPadded = bytes[length] === ZERO && lengthEnd - length > 1
    const count = isPadded ? -1 : decimalNumber(bytes, length, lengthEnd)
    if (decimalNumber(bytes, start, timeEnd) < 0 || hexNumber(bytes, id, idEnd) < 0 || count < 0) return NO_FRAME
    this.frame.flags = 0
    this.origin.bus = 0
    const problem = this.#head(bytes, id, idEnd, count, false)
    if (problem !== undefined) return problem
    if (readBytes(bytes, lengthEnd, end, this.frame) !== end) return BAD_DATA
    this.#time(bytes, start, timeEnd, false)
    return undefined
  }

  #head(bytes: Uint8Array, start: number, end: number, length: number, isFd: boolean): string | undefined {
    const frame = this.frame
    const id = hexNumber(bytes, start, end)
    if (id < 0 || id > 0x1fffffff) return BAD_ID
    if (length < 0 || length > 64) return BAD_LENGTH
    frame.id = id
    // only the current firmware pads IDs, extended ones to 8 digits
    if (end - start === 8 || id > 0x7ff) frame.flags |= CAN.extended
    if (isFd || length > 8) frame.flags |= CAN.fd
    frame.length = length
    frame.dlc = dlcOf(length)
    return undefined
  }

  #time(bytes: Uint8Array, start: number, end: number, wraps: boolean): void {
    const { origin } = this
    const before = origin.seconds - this.#wraps * WRAP
    parseDecimalTime(origin, bytes, start, end)
    if (find(bytes, DOT, start, end) < 0) {
      const millis = origin.seconds
      origin.seconds = Math.floor(millis / 1000)
      origin.nanos = (millis - origin.seconds * 1000) * 1_000_000
    }
    if (wraps && before > 0.9 * WRAP && before < WRAP && origin.seconds < 0.1 * WRAP) this.#wraps++
    origin.seconds += this.#wraps * WRAP
  }
}

/** Reads `frame.length` bytes of one or two hex digits, blanks between; gives where the line goes on, or -1. */
function readBytes(bytes: Uint8Array, start: number, end: number, frame: CanFrame): number {
  let at = skipBlanks(bytes, start, end)
  for (let i = 0; i < frame.length; i++) {
    const stop = wordEnd(bytes, at, end)
    const byte = stop - at <= 2 ? hexNumber(bytes, at, stop) : -1
    if (byte < 0) return -1
    frame.data[i] = byte
    at = skipBlanks(bytes, stop, end)
  }
  return at
}
