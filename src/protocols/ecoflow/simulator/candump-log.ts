import { UPPER_PAIR } from '../../../core/bytes.ts'
import type { ByteWriter } from '../../../core/writer.ts'
import type { BusFrame } from './bus.ts'

/** Takes the frames of a run and makes a log of them. */
export interface FrameLog {
  write(frame: BusFrame): void
  /** Ends the log and flushes the output. */
  end(): void
}

const OPEN = 40
const CLOSE = 41
const HASH = 35
const INTERFACE = Uint8Array.from(' can0 ', char => char.charCodeAt(0))
const LONGEST_LINE = 64

/** The form of `candump -L`: `(seconds.micros) can0 ID#DATA`. */
export class CandumpLine {
  #second = -1
  /** `(seconds.`, formatted once a second. */
  #head = new Uint8Array(0)

  /** Appends a line without its end; `pairs` gives the hex digits. */
  append(out: ByteWriter, { at, id, length, data }: BusFrame, pairs: Uint16Array = UPPER_PAIR): void {
    this.appendStamp(out, at)
    out.reserve(LONGEST_LINE)
    const { bytes, view } = out
    let to = out.length
    for (let shift = 24; shift >= 0; shift -= 8, to += 2) view.setUint16(to, pairs[(id >>> shift) & 0xff]!, true)
    bytes[to++] = HASH
    for (let i = 0; i < length; i++, to += 2) view.setUint16(to, pairs[data[i]!]!, true)
    out.length = to
  }

  /** Appends time and interface, up to the ID. */
  appendStamp(out: ByteWriter, at: number): void {
    const second = Math.floor(at / 1e6)
    if (second !== this.#second) {
      this.#second = second
      this.#head = Uint8Array.from(`${second}.`, char => char.charCodeAt(0))
    }
    out.reserve(LONGEST_LINE)
    const { bytes } = out
    let to = out.length
    bytes[to++] = OPEN
    for (let i = 0; i < this.#head.length; i++) bytes[to++] = this.#head[i]!
    let micros = at - second * 1e6
    for (let i = to + 5; i >= to; i--) {
      const tenth = (micros / 10) | 0
      bytes[i] = 48 + micros - tenth * 10
      micros = tenth
    }
    to += 6
    bytes[to++] = CLOSE
    for (let i = 0; i < INTERFACE.length; i++) bytes[to++] = INTERFACE[i]!
    out.length = to
  }
}

/** A log as it should be. */
export class CandumpLog implements FrameLog {
  readonly #out: ByteWriter
  readonly #line = new CandumpLine()

  constructor(out: ByteWriter) {
    this.#out = out
  }

  write(frame: BusFrame): void {
    this.#line.append(this.#out, frame)
    this.#out.endLine()
  }

  end(): void {
    this.#out.flush()
  }
}
