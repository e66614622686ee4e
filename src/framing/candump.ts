import { type ByteSource, HEX_PAIR } from '../core/bytes.ts'
import { CAN, CanFrame, dlcOf, type FrameOrigin, type FrameSink } from '../core/can.ts'
import type { ByteWriter } from '../core/writer.ts'
import { type LogReader, lineEnd, type Rejects, reject } from './log-reader.ts'
import { parseDecimalTime } from './stamp.ts'

const LF = 10
const CR = 13
const SPACE = 32
const HASH = 35
const OPEN = 40
const CLOSE = 41
const LONGEST_EXTENDED = 8 + 1 + 16 + 1

/**
 * Reads candump's log form, `(seconds.fraction) interface ID#DATA`. Source: docs/protocols/log-formats.md.
 *
 * Lines of one log have their columns at the same places, so the place of the ID is learned from a line that was
 * taken apart and only verified on the next ones; what does not fit is taken apart again.
 */
export class CandumpReader implements LogReader, FrameOrigin {
  readonly format = 'candump'
  lines = 0
  readonly rejects: Rejects = {}
  readonly #sink: FrameSink
  readonly #frame = new CanFrame(this)
  #source: ByteSource | undefined
  /** Columns, from the line's start: the stamp's `)`, the interface, the ID. */
  #close = 0
  #name = 0
  #id = 0

  constructor(sink: FrameSink) {
    this.#sink = sink
  }

  read(source: ByteSource, start: number, end: number): number {
    this.#source = source
    let at = start
    while (at < end) {
      const next = this.#fast(source, at, end)
      at = next
      const stop = lineEnd(source.bytes, at, end)
      if (stop < 0) break
      this.lines++
      this.#line(source.bytes, at, stop)
      at = stop + 1
    }
    return at
  }

  /** Reads lines of an 8-digit ID and whole bytes at the known columns, up to the first that is different. */
  #fast({ bytes, view }: ByteSource, start: number, end: number): number {
    const frame = this.#frame
    const { data } = frame
    const close = this.#close
    const id = this.#id
    if (id === 0) return start
    const last = end - id - LONGEST_EXTENDED
    let at = start
    let lines = 0
    while (at <= last) {
      let from = at + id
      const b0 = HEX_PAIR[view.getUint16(from, true)]!
      const b1 = HEX_PAIR[view.getUint16(from + 2, true)]!
      const b2 = HEX_PAIR[view.getUint16(from + 4, true)]!
      const b3 = HEX_PAIR[view.getUint16(from + 6, true)]!
      const framed = bytes[at] === OPEN && bytes[at + close] === CLOSE && bytes[from - 1] === SPACE
      if ((b0 | b1 | b2 | b3) < 0 || b0 > 0x1f || bytes[from + 8] !== HASH || !framed) break
      from += 9
      let bad = 0
      let length = 8
      if (bytes[from + 16] === LF) {
        const d0 = HEX_PAIR[view.getUint16(from, true)]!
        const d1 = HEX_PAIR[view.getUint16(from + 2, true)]!
        const d2 = HEX_PAIR[view.getUint16(from + 4, true)]!
        const d3 = HEX_PAIR[view.getUint16(from + 6, true)]!
        const d4 = HEX_PAIR[view.getUint16(from + 8, true)]!
        const d5 = HEX_PAIR[view.getUint16(from + 10, true)]!
        const d6 = HEX_PAIR[view.getUint16(from + 12, true)]!
        const d7 = HEX_PAIR[view.getUint16(from + 14, true)]!
        data[0] = d0
        data[1] = d1
        data[2] = d2
        data[3] = d3
        data[4] = d4
        data[5] = d5
        data[6] = d6
        data[7] = d7
        bad = d0 | d1 | d2 | d3 | d4 | d5 | d6 | d7
      } else {
        length = 0
        while (length < 8 && bytes[from + length * 2] !== LF) {
          const pair = HEX_PAIR[view.getUint16(from + length * 2, true)]!
          bad |= pair
          data[length++] = pair
        }
        if (bytes[from + length * 2] !== LF) break
      }
      if (bad < 0) break
      frame.id = (b0 << 24) | (b1 << 16) | (b2 << 8) | b3
      frame.flags = CAN.extended
      frame.length = length
      frame.dlc = length
      frame.lineStart = at
      lines++
      at = from + length * 2 + 1
      this.#sink.frame(frame)
    }
    this.lines += lines
    return at
  }

  /** Takes one line apart, `bytes[start, end)` without its line end. */
  #line(bytes: Uint8Array, start: number, end: number): void {
    const stop = end > start && bytes[end - 1] === CR ? end - 1 : end
    const close = bytes[start] === OPEN ? bytes.indexOf(CLOSE, start) : -1
    if (close < 0 || close >= stop) return this.#reject(start === stop ? 'blank lines' : 'lines that are no frames')
    let name = close + 1
    while (name < stop && bytes[name] === SPACE) name++
    let id = bytes.indexOf(SPACE, name)
    if (id < 0 || id >= stop) return this.#reject('lines that are no frames')
    while (id < stop && bytes[id] === SPACE) id++
    this.#close = close - start
    this.#name = name - start
    const problem = this.#body(bytes, id, stop)
    if (problem !== undefined) return this.#reject(problem)
    // the fast way needs the column; frames with other IDs do not move it
    this.#id = id - start
    this.#frame.lineStart = start
    this.#sink.frame(this.#frame)
  }

  /** Reads `ID#DATA[ R|T]` into the frame; gives why not, if so. */
  #body(bytes: Uint8Array, start: number, end: number): string | undefined {
    const hash = bytes.indexOf(HASH, start)
    if (hash < 0 || hash >= end) return 'lines that are no frames'
    const digits = hash - start
    if (digits === 5) return 'CAN XL frames'
    const id = digits === 3 || digits === 8 ? hexNumber(bytes, start, hash) : -1
    if (id < 0 || (digits === 8 && id > 0x3fffffff)) return 'frames with a bad ID'
    const frame = this.#frame
    frame.id = id & 0x1fffffff
    frame.flags = digits === 3 ? 0 : id > 0x1fffffff ? CAN.error : CAN.extended
    let stop = bytes.indexOf(SPACE, hash)
    if (stop < 0 || stop > end) stop = end
    if (stop + 1 < end) frame.flags |= bytes[stop + 1] === 0x54 ? CAN.tx : bytes[stop + 1] === 0x52 ? CAN.rx : 0
    if (bytes[hash + 1] === HASH) return this.#fdData(bytes, hash + 2, stop)
    if ((bytes[hash + 1]! | 0x20) === 0x72 && hash + 1 < stop) return this.#remote(bytes, hash + 2, stop)
    return this.#classicData(bytes, hash + 1, stop)
  }

  #classicData(bytes: Uint8Array, start: number, end: number): string | undefined {
    const stop = end - 2 > start && bytes[end - 2] === 0x5f ? end - 2 : end // `_E`: a raw DLC above 8
    const length = hexBytes(bytes, start, stop, this.#frame.data, 8)
    if (length < 0) return 'frames with bad data'
    this.#frame.length = length
    this.#frame.dlc = stop < end ? hexNumber(bytes, end - 1, end) : length
    return undefined
  }

  #fdData(bytes: Uint8Array, start: number, end: number): string | undefined {
    const flags = start < end ? hexNumber(bytes, start, start + 1) : -1
    const length = flags < 0 ? -1 : hexBytes(bytes, start + 1, end, this.#frame.data, 64)
    if (length < 0) return 'frames with bad data'
    this.#frame.length = length
    this.#frame.dlc = dlcOf(length)
    this.#frame.flags |= CAN.fd | (flags & 1 ? CAN.bitRateSwitch : 0) | (flags & 2 ? CAN.errorState : 0)
    return undefined
  }

  #remote(bytes: Uint8Array, start: number, end: number): string | undefined {
    const raw = end - 2 >= start && bytes[end - 2] === 0x5f ? end - 1 : start
    const dlc = raw < end ? hexNumber(bytes, raw, raw + 1) : 0
    if (dlc < 0) return 'frames with bad data'
    this.#frame.length = 0
    this.#frame.dlc = dlc
    this.#frame.flags |= CAN.remote
    return undefined
  }

  #reject(reason: string): void {
    reject(this.rejects, reason)
  }

  readTime(frame: CanFrame): void {
    parseDecimalTime(frame, this.#source!.bytes, frame.lineStart + 1, frame.lineStart + this.#close)
  }

  writeStamp(frame: CanFrame, out: ByteWriter): void {
    out.copy(this.#source!.bytes, frame.lineStart + 1, frame.lineStart + this.#close)
  }

  writeInterface(frame: CanFrame, out: ByteWriter): void {
    const { bytes } = this.#source!
    const start = frame.lineStart + this.#name
    out.copy(bytes, start, bytes.indexOf(SPACE, start))
  }
}

/** The number spelt by hex digits `bytes[start, end)`, at most 8; -1 where they are not hex. */
function hexNumber(bytes: Uint8Array, start: number, end: number): number {
  let value = 0
  for (let i = start; i < end; i++) {
    const digit = HEX_PAIR[0x30 | (bytes[i]! << 8)]!
    if (digit < 0) return -1
    value = value * 16 + digit
  }
  return value
}

/** Reads hex pairs, a `.` allowed between them, to `into`; gives their number, or -1 where they are bad or too many. */
function hexBytes(bytes: Uint8Array, start: number, end: number, into: Uint8Array, most: number): number {
  let length = 0
  for (let i = start; i < end; i += 2) {
    if (bytes[i] === 0x2e && length > 0) i++
    const pair = i + 1 < end ? HEX_PAIR[bytes[i]! | (bytes[i + 1]! << 8)]! : -1
    if (pair < 0 || length === most) return -1
    into[length++] = pair
  }
  return length
}
