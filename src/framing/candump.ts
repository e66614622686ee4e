import { type ByteSource, HEX_PAIR, hexNumber, utf8 } from '../core/bytes.ts'
import { CAN, CanFrame, dlcOf, type FrameOrigin, type FrameSink } from '../core/can.ts'
import type { ByteWriter } from '../core/writer.ts'
import { find, hexBytes, skipByteOrderMark, startsWith } from './digits.ts'
import { LogTally, lineEnd, type TextLogReader } from './log-reader.ts'
import { isDigit, isStamp, MICRO_STAMP, parseMicroStamp, parseStamp } from './stamp.ts'

const LF = 10
const CR = 13
const SPACE = 32
const HASH = 35
const OPEN = 40
const CLOSE = 41
const UNDERSCORE = 95
const LONGEST_EXTENDED = 8 + 1 + 16 + 1
const DROPCOUNT = utf8('DROPCOUNT:')

/**
 * Reads candump's log form, `(seconds.fraction) interface ID#DATA`. Source: docs/protocols/log-formats.md.
 *
 * Lines of one log have their columns at the same places, so the place of the ID is learned from a line that was
 * taken apart and only verified on the next ones; what does not fit is taken apart again.
 */
export class CandumpReader implements TextLogReader, FrameOrigin {
  readonly kind = 'text'
  readonly format = 'candump'
  readonly tally = new LogTally()
  readonly #sink: FrameSink
  readonly #frame = new CanFrame(this)
  #source: ByteSource | undefined
  /** Columns, from the line's start: the stamp's `)` and the ID. */
  #close = 0
  #id = 0
  /** The first and the last 4 bytes between them. */
  #nameHead = 0
  #nameTail = 0

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
      const from = this.tally.lines++ === 0 ? skipByteOrderMark(source.bytes, at, stop) : at
      const problem = this.#line(source, from, stop)
      if (problem !== undefined) this.tally.reject(problem, this.tally.lines)
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
    if (id === 0 || close < 5) return start // shorter stamps than `1.50` are not worth a fast way
    const last = end - id - LONGEST_EXTENDED
    let nameHead = this.#nameHead
    let nameTail = this.#nameTail
    const longName = id - close > 8
    let at = start
    let lines = 0
    while (at <= last) {
      let from = at + id
      const b0 = HEX_PAIR[view.getUint16(from, true)]!
      const b1 = HEX_PAIR[view.getUint16(from + 2, true)]!
      const b2 = HEX_PAIR[view.getUint16(from + 4, true)]!
      const b3 = HEX_PAIR[view.getUint16(from + 6, true)]!
      if ((b0 | b1 | b2 | b3) < 0 || b0 > 0x1f || bytes[from + 8] !== HASH || bytes[at] !== OPEN) break
      // all of the head is looked at, or a cut line would swallow the next: digits, dot and minus have a bit of 0x14
      // set that `)` does not, and of 0xe0 only 0x20, as control characters and letters do not
      let word = view.getInt32(at + close - 4, true)
      let bits = word | (word << 2)
      let others = word ^ 0x20202020
      for (let i = at + 1; i < at + close - 4; i += 4) {
        word = view.getInt32(i, true)
        bits &= word | (word << 2)
        others |= word ^ 0x20202020
      }
      if ((bits & 0x10101010) !== 0x10101010 || (others & 0xe0e0e0e0) !== 0 || !isDigit(bytes[at + 1]!)) break
      const head = view.getInt32(at + close, true)
      const tail = view.getInt32(from - 4, true)
      if (head !== nameHead || tail !== nameTail || longName) {
        if (!isName(bytes, at + close, from)) break
        nameHead = head
        nameTail = tail
      }
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
    this.tally.lines += lines
    return at
  }

  /** Takes one line apart, `bytes[start, end)` without its line end; gives why it is no frame, if so. */
  #line({ bytes, view }: ByteSource, start: number, end: number): string | undefined {
    const stop = end > start && bytes[end - 1] === CR ? end - 1 : end
    if (bytes[start] !== OPEN) return reasonForNoFrame(bytes, start, stop)
    const close = find(bytes, CLOSE, start, stop)
    const gap = close < 0 ? -1 : find(bytes, SPACE, skipSpaces(bytes, close + 1, stop), stop)
    if (gap < 0) return 'lines that are no frames'
    const id = skipSpaces(bytes, gap, stop)
    if (!isName(bytes, close, id)) return 'lines that are no frames'
    if (!isStamp(bytes, start + 1, close)) return 'frames with a bad time'
    const problem = this.#body(bytes, id, stop)
    if (problem !== undefined) return problem
    this.#close = close - start
    this.#id = id - start
    this.#nameHead = view.getInt32(close, true)
    this.#nameTail = view.getInt32(id - 4, true)
    this.#frame.lineStart = start
    this.#sink.frame(this.#frame)
    return undefined
  }

  /** Reads `ID#DATA[ R|T]` into the frame; gives why not, if so. */
  #body(bytes: Uint8Array, start: number, end: number): string | undefined {
    const hash = find(bytes, HASH, start, end)
    if (hash < 0) return 'lines that are no frames'
    const digits = hash - start
    const id = hexNumber(bytes, start, hash)
    if (digits === 5 && id >= 0) return 'CAN XL frames'
    if (id < 0 || id > 0x3fffffff || (digits !== 8 && (digits !== 3 || id > 0x7ff))) return 'frames with a bad ID'
    const frame = this.#frame
    frame.id = id & 0x1fffffff
    frame.flags = digits === 3 ? 0 : id > 0x1fffffff ? CAN.error : CAN.extended
    const gap = find(bytes, SPACE, hash, end)
    const stop = gap < 0 ? end : gap
    if (stop + 1 < end) frame.flags |= bytes[stop + 1] === 0x54 ? CAN.tx : bytes[stop + 1] === 0x52 ? CAN.rx : 0
    if (hash + 1 < stop && bytes[hash + 1] === HASH) return this.#fdData(bytes, hash + 2, stop)
    if (hash + 1 < stop && (bytes[hash + 1]! | 0x20) === 0x72) return this.#remote(bytes, hash + 2, stop)
    return this.#classicData(bytes, hash + 1, stop)
  }

  #classicData(bytes: Uint8Array, start: number, end: number): string | undefined {
    const raw = end - 2 > start && bytes[end - 2] === UNDERSCORE ? hexNumber(bytes, end - 1, end) : 0
    const length = hexBytes(bytes, start, raw === 0 ? end : end - 2, this.#frame.data, 8)
    // `_E` stands for a length code above 8 and only behind 8 bytes
    if (length < 0 || (raw !== 0 && (raw < 9 || length < 8))) return 'frames with bad data'
    this.#frame.length = length
    this.#frame.dlc = raw === 0 ? length : raw
    return undefined
  }

  #fdData(bytes: Uint8Array, start: number, end: number): string | undefined {
    const flags = start < end && !(this.#frame.flags & CAN.error) ? hexNumber(bytes, start, start + 1) : -1
    const length = flags < 0 ? -1 : hexBytes(bytes, start + 1, end, this.#frame.data, 64)
    if (length < 0) return 'frames with bad data'
    this.#frame.length = length
    this.#frame.dlc = dlcOf(length)
    this.#frame.flags |= CAN.fd | (flags & 1 ? CAN.bitRateSwitch : 0) | (flags & 2 ? CAN.errorState : 0)
    return undefined
  }

  #remote(bytes: Uint8Array, start: number, end: number): string | undefined {
    const raw = end - 2 >= start && bytes[end - 2] === UNDERSCORE ? end - 1 : start
    const dlc = raw < end ? hexNumber(bytes, raw, end) : 0
    if (dlc < 0 || dlc > 15 || this.#frame.flags & CAN.error) return 'frames with bad data'
    this.#frame.length = 0
    this.#frame.dlc = dlc
    this.#frame.flags |= CAN.remote
    return undefined
  }

  readTime(frame: CanFrame): void {
    const { bytes, view } = this.#source!
    const start = frame.lineStart + 1
    if (this.#close === MICRO_STAMP + 1 && parseMicroStamp(frame, view, start)) return
    parseStamp(frame, bytes, start, frame.lineStart + this.#close)
  }

  writeStamp(frame: CanFrame, out: ByteWriter): void {
    out.copy(this.#source!.bytes, frame.lineStart + 1, frame.lineStart + this.#close)
  }

  writeInterface(frame: CanFrame, out: ByteWriter): void {
    const { bytes } = this.#source!
    const stop = frame.lineStart + this.#id
    const start = skipSpaces(bytes, frame.lineStart + this.#close + 1, stop)
    out.copy(bytes, start, find(bytes, SPACE, start, stop))
  }
}

/** Whether `bytes[start, end)` is the stamp's `)`, one name and the blanks around it. */
function isName(bytes: Uint8Array, start: number, end: number): boolean {
  if (bytes[start] !== CLOSE) return false
  let at = skipSpaces(bytes, start + 1, end)
  while (at < end && bytes[at]! > SPACE) at++
  return at < end && skipSpaces(bytes, at, end) === end
}

function reasonForNoFrame(bytes: Uint8Array, start: number, end: number): string {
  if (start === end) return 'blank lines'
  return startsWith(bytes, DROPCOUNT, start, end) ? 'reports of dropped frames' : 'lines that are no frames'
}

/** Only blanks count: the fast way and the slow one have to agree about what a column is. */
function skipSpaces(bytes: Uint8Array, start: number, end: number): number {
  let at = start
  while (at < end && bytes[at] === SPACE) at++
  return at
}
