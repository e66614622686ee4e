import { HEX_PAIR, hexNumber, utf8 } from '../../core/bytes.ts'
import { CAN, type CanFrame, dlcOf } from '../../core/can.ts'
import type { CanMessage } from '../../core/can-bus.ts'

const OPEN = 60
const CLOSE = 62
const SPACE = 32
const DOT = 46
const ZERO = 48
/** `< fdframe 18FF50E5 07 1700000000.000000 ` and 64 bytes have 170. */
const LONGEST = 256
const MOST_CLASSIC = 8
const MOST_FD = 64
const HIGHEST_STANDARD = 0x7ff
const HIGHEST_EXTENDED = 0x1fffffff
const NANOS_DIGITS = 9
const FRAME = utf8('frame')
const FD_FRAME = utf8('fdframe')
const ERROR = utf8('error')
/** Flags of `fdframe` and `fdsend`, as linux/can.h has them. */
const FD_FLAGS = { bitRateSwitch: 1, errorState: 2 } as const

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
 *     < fdframe ID FLAGS seconds.micros DATA >
 *     < error CLASS seconds.micros >
 *
 * Of an error frame only its class comes. An `error` of other words is an answer.
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
    const start = this.#word()
    let isWhole: boolean
    if (this.#is(FRAME, start)) isWhole = this.#id() && this.#time() && this.#data(MOST_CLASSIC)
    else if (this.#is(FD_FRAME, start)) isWhole = this.#id() && this.#flags() && this.#time() && this.#data(MOST_FD)
    else if (this.#is(ERROR, start) && this.#error()) isWhole = true
    else {
      this.#say()
      return
    }
    if (isWhole) this.#receiver.received()
    else this.#receiver.rejected()
  }

  #say(): void {
    const words = String.fromCharCode(...this.#text.subarray(0, this.#length)).split(/\s+/)
    this.#receiver.said(words.filter(word => word !== ''))
  }

  /** Whether the word that was read last, from `start` on, is this one. */
  #is(word: Uint8Array, start: number): boolean {
    if (this.#at - start !== word.length) return false
    for (let i = 0; i < word.length; i++) if (this.#text[start + i] !== word[i]) return false
    return true
  }

  /** Reads class and time of an error frame; its data is not told. */
  #error(): boolean {
    const start = this.#word()
    const errors = hexNumber(this.#text, start, this.#at)
    if (errors < 0 || errors > HIGHEST_EXTENDED || !this.#time() || this.#word() !== this.#length) return false
    const { frame } = this.#receiver
    frame.id = errors
    frame.flags = CAN.error
    frame.length = MOST_CLASSIC
    frame.dlc = MOST_CLASSIC
    frame.data.fill(0, 0, MOST_CLASSIC)
    return true
  }

  #flags(): boolean {
    const start = this.#word()
    const flags = hexNumber(this.#text, start, this.#at)
    const { frame } = this.#receiver
    frame.flags |= CAN.fd
    if ((flags & FD_FLAGS.bitRateSwitch) !== 0) frame.flags |= CAN.bitRateSwitch
    if ((flags & FD_FLAGS.errorState) !== 0) frame.flags |= CAN.errorState
    return flags >= 0
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
    return decimals >= 0 && Number.isSafeInteger(seconds)
  }

  #data(most: number): boolean {
    const { frame } = this.#receiver
    let length = 0
    for (let i = 0; i < this.#length - this.#at; ) {
      const at = this.#at + i
      if (this.#text[at] === SPACE) {
        i++
        continue
      }
      const pair = at + 1 < this.#length ? HEX_PAIR[this.#text[at]! | (this.#text[at + 1]! << 8)]! : -1
      if (pair < 0 || length === most) return false
      frame.data[length++] = pair
      i += 2
    }
    frame.length = length
    frame.dlc = dlcOf(length)
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

/** The message that sends a frame; undefined where the server takes no such frames: remote ones and error frames. */
export function socketcandMessage({ id, flags, length, data }: CanMessage): string | undefined {
  const isFd = (flags & CAN.fd) !== 0
  if ((flags & (CAN.remote | CAN.error)) !== 0 || length > (isFd ? MOST_FD : MOST_CLASSIC)) return undefined
  const name = id.toString(16).padStart((flags & CAN.extended) !== 0 ? 8 : 3, '0')
  const bytes = Array.from(data.subarray(0, length), byte => ` ${byte.toString(16).padStart(2, '0')}`)
  return `< ${isFd ? `fdsend ${name} ${fdFlags(flags)}` : `send ${name}`} ${length}${bytes.join('').toUpperCase()} >`
}

function fdFlags(flags: number): string {
  const bitRateSwitch = (flags & CAN.bitRateSwitch) !== 0 ? FD_FLAGS.bitRateSwitch : 0
  return `0${bitRateSwitch | ((flags & CAN.errorState) !== 0 ? FD_FLAGS.errorState : 0)}`
}
