import { HEX_PAIR, hexNumber } from '../../core/bytes.ts'
import { CAN, type CanFrame } from '../../core/can.ts'
import type { CanMessage } from '../../core/can-bus.ts'

const OPEN = 60
const CLOSE = 62
const SPACE = 32
const DOT = 46
const ZERO = 48
/** `< frame 18FF50E5 1700000000.000000 0011223344556677 >` has 52. */
const LONGEST = 256
const HIGHEST_STANDARD = 0x7ff
const HIGHEST_EXTENDED = 0x1fffffff
const NANOS_DIGITS = 9
const FRAME = 'frame'

/** Who takes what a server says. */
export interface SocketcandReceiver {
  /** Filled anew for each frame. */
  readonly frame: CanFrame
  /** `frame` has come, with its time. */
  received(): void
  /** A message that is no frame, its words: `ok`, `error`, `hi`. */
  said(words: readonly string[]): void
  /** A message is nothing that a server says. */
  rejected(): void
}

/**
 * Cuts what a socketcand server sends into messages. Source: docs/protocols/log-formats.md, section 10.
 *
 *     < frame ID seconds.micros DATA >
 *
 * What stands between messages does not count.
 */
export class SocketcandReader {
  readonly #receiver: SocketcandReceiver
  readonly #text = new Uint8Array(LONGEST)
  /** Bytes of the message so far; -1 between messages. */
  #length = -1
  /** Where the part of the message that is read next begins. */
  #at = 0

  constructor(receiver: SocketcandReceiver) {
    this.#receiver = receiver
  }

  push(bytes: Uint8Array): void {
    for (let i = 0; i < bytes.length; i++) {
      const byte = bytes[i]!
      if (byte === OPEN) {
        if (this.#length >= 0) this.#receiver.rejected()
        this.#length = 0
      } else if (byte === CLOSE && this.#length >= 0) {
        this.#take()
        this.#length = -1
      } else if (this.#length >= 0) this.#keep(byte)
    }
  }

  #keep(byte: number): void {
    if (this.#length < LONGEST) {
      this.#text[this.#length++] = byte
      return
    }
    this.#length = -1
    this.#receiver.rejected()
  }

  #take(): void {
    this.#at = 0
    if (!this.#isFrame()) {
      const words = String.fromCharCode(...this.#text.subarray(0, this.#length)).split(/\s+/)
      this.#receiver.said(words.filter(word => word !== ''))
    } else if (this.#id() && this.#time() && this.#data()) this.#receiver.received()
    else this.#receiver.rejected()
  }

  #isFrame(): boolean {
    const start = this.#word()
    if (this.#at - start !== FRAME.length) return false
    for (let i = 0; i < FRAME.length; i++) if (this.#text[start + i] !== FRAME.charCodeAt(i)) return false
    return true
  }

  #id(): boolean {
    const start = this.#word()
    const digits = this.#at - start
    const id = hexNumber(this.#text, start, this.#at)
    if (id < 0) return false
    const { frame } = this.#receiver
    frame.id = id
    frame.flags = digits === 8 ? CAN.extended : 0
    return (digits === 8 && id <= HIGHEST_EXTENDED) || (digits === 3 && id <= HIGHEST_STANDARD)
  }

  /** Decimal seconds, digits behind the dot a fraction. */
  #time(): boolean {
    const start = this.#word()
    const { frame } = this.#receiver
    let seconds = 0
    let nanos = 0
    let decimals = -1
    for (let i = start; i < this.#at; i++) {
      const digit = this.#text[i]! - ZERO
      if (this.#text[i] === DOT && decimals < 0) decimals = 0
      else if (digit < 0 || digit > 9) return false
      else if (decimals < 0) seconds = seconds * 10 + digit
      else if (decimals++ < NANOS_DIGITS) nanos = nanos * 10 + digit
    }
    for (let i = Math.max(decimals, 0); i < NANOS_DIGITS; i++) nanos *= 10
    frame.seconds = seconds
    frame.nanos = nanos
    return this.#at > start && Number.isSafeInteger(seconds)
  }

  #data(): boolean {
    const { frame } = this.#receiver
    let length = 0
    for (let i = 0; i < this.#length - this.#at; ) {
      const at = this.#at + i
      if (this.#text[at] === SPACE) {
        i++
        continue
      }
      const pair = at + 1 < this.#length ? HEX_PAIR[this.#text[at]! | (this.#text[at + 1]! << 8)]! : -1
      if (pair < 0 || length === 8) return false
      frame.data[length++] = pair
      i += 2
    }
    frame.length = length
    frame.dlc = length
    return true
  }

  /** Goes behind the next word; gives where it begins. */
  #word(): number {
    let start = this.#at
    while (start < this.#length && this.#text[start]! <= SPACE) start++
    this.#at = start
    while (this.#at < this.#length && this.#text[this.#at]! > SPACE) this.#at++
    return start
  }
}

/** The message that sends a frame; undefined where the server takes no such frames: remote, error, CAN FD. */
export function socketcandMessage({ id, flags, length, data }: CanMessage): string | undefined {
  if ((flags & (CAN.remote | CAN.error | CAN.fd)) !== 0 || length > 8) return undefined
  const digits = (flags & CAN.extended) !== 0 ? 8 : 3
  const bytes = Array.from(data.subarray(0, length), byte => ` ${byte.toString(16).padStart(2, '0')}`)
  return `< send ${id.toString(16).padStart(digits, '0')} ${length}${bytes.join('').toUpperCase()} >`
}
