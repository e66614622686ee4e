import type { CanFrame } from '../../../core/can.ts'
import { ByteWriter } from '../../../core/writer.ts'

const TEXT_LENGTH = 17
const MAX_MS = 8.64e15
const DOT = 0x2e

/**
 * The time of frames in ms, and its text `YYMMDD.HHmmss.SSS` in the local zone. The date is worked out once a second
 * of log time, not once a message.
 */
export class LogTime {
  /** `YYMMDD.HHmmss.SSS` of the last `render`. */
  readonly text = new Uint8Array(TEXT_LENGTH)
  readonly #factor: number
  readonly #step: number | undefined
  #lines = 0
  #second = Number.NaN
  /** With `compat`: the stamp at hand as text. */
  readonly #stamp: ByteWriter | undefined

  /** `compat`: the last digit of a stamp is left out, as the original does. */
  constructor(factor: number, step: number | undefined, compat: boolean) {
    this.#factor = factor
    this.#step = step
    this.#stamp = compat ? new ByteWriter(() => {}) : undefined
  }

  /** Counts a line: with a fixed step it is the lines that make the time. */
  tick(): void {
    this.#lines++
  }

  /** The time of a frame in ms with its fraction. */
  exactMs(frame: CanFrame): number {
    if (this.#step !== undefined) return this.#lines * this.#step
    this.#read(frame)
    return (frame.seconds * 1000 + frame.nanos / 1e6) * this.#factor
  }

  /** The time of a frame in whole ms, cut, never rounded up. */
  ms(frame: CanFrame): number {
    if (this.#step !== undefined) return Math.floor(this.#lines * this.#step)
    this.#read(frame)
    if (this.#factor === 1) return frame.seconds * 1000 + ((frame.nanos / 1e6) | 0)
    return frame.seconds * 1000 * this.#factor + Math.floor((frame.nanos * this.#factor) / 1e6)
  }

  #read(frame: CanFrame): void {
    frame.origin.readTime(frame)
    if (this.#stamp !== undefined) dropLastDigit(frame, this.#stamp)
  }

  /** Sets `text` to the time of a frame. */
  render(frame: CanFrame): void {
    if (this.#factor !== 1 || this.#step !== undefined) {
      this.renderMs(this.ms(frame))
      return
    }
    this.#read(frame)
    this.#show(frame.seconds, (frame.nanos / 1e6) | 0)
  }

  /** Sets `text` to a time in ms. */
  renderMs(time: number): void {
    const ms = Math.abs(time) <= MAX_MS ? time : 0
    const second = Math.floor(ms / 1000)
    this.#show(second, (ms - second * 1000) | 0)
  }

  /** `rest` are the ms of the second. */
  #show(second: number, rest: number): void {
    if (second !== this.#second) this.#renderSecond(second)
    const tens = (rest / 10) | 0
    const hundreds = (tens / 10) | 0
    this.text[14] = 48 + hundreds
    this.text[15] = 48 + tens - hundreds * 10
    this.text[16] = 48 + rest - tens * 10
  }

  /** The minute of a frame, `YYMMDD.HHmm`. */
  minute(frame: CanFrame): string {
    this.render(frame)
    return String.fromCharCode(...this.text.subarray(0, 11))
  }

  /** The rendered time of a frame as a string, for rows and comparisons. */
  string(frame: CanFrame): string {
    this.render(frame)
    return String.fromCharCode(...this.text)
  }

  #renderSecond(second: number): void {
    this.#second = second
    const date = new Date(second * 1000)
    this.#digits(0, date.getFullYear() % 100, 2)
    this.#digits(2, date.getMonth() + 1, 2)
    this.#digits(4, date.getDate(), 2)
    this.text[6] = 0x2e
    this.#digits(7, date.getHours(), 2)
    this.#digits(9, date.getMinutes(), 2)
    this.#digits(11, date.getSeconds(), 2)
    this.text[13] = 0x2e
  }

  #digits(at: number, value: number, count: number): void {
    let rest = value
    for (let i = at + count - 1; i >= at; i--) {
      const next = Math.floor(rest / 10)
      this.text[i] = 48 + (rest - next * 10)
      rest = next
    }
  }
}

/** Takes the last digit of its stamp from a frame's time. */
function dropLastDigit(frame: CanFrame, stamp: ByteWriter): void {
  stamp.length = 0
  frame.origin.writeStamp(frame, stamp)
  const dot = stamp.bytes.subarray(0, stamp.length).indexOf(DOT)
  const decimals = dot < 0 ? 0 : stamp.length - dot - 1
  if (decimals === 0) frame.seconds = Math.floor(frame.seconds / 10)
  else if (decimals < 10) frame.nanos -= frame.nanos % 10 ** (10 - decimals)
}
