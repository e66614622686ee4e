import { type ByteSource, HEX_PAIR, utf8 } from '../core/bytes.ts'
import { CAN, CanFrame, type FrameOrigin, type FrameSink } from '../core/can.ts'
import type { ByteWriter } from '../core/writer.ts'
import { CsvCells, type ParseQuoted } from './csv-cells.ts'
import { areDigits, decimalNumber, skipByteOrderMark } from './digits.ts'
import { headerHasDirection, isHeader, readRow, rowBus, rowMicros } from './gvret-row.ts'
import { LogTally, lineEnd, type TextLogReader } from './log-reader.ts'
import { writeTime } from './stamp.ts'

const LF = 10
const CR = 13
const ZERO = 48
const NINE = 57
/** `true` and `fals` as little-endian words. */
const TRUE = 0x65757274
const FALS = 0x736c6166
const LONGEST_STAMP = 16
const LONGEST_LINE = LONGEST_STAMP + ',01234567,false,Rx,0,8,00,00,00,00,00,00,00,00,\r\n'.length
const INTERFACE = utf8('can')
/** What a line counts for whose stamp is broken, in microseconds. */
const STEP = 5000
/** The one time of a log without times, in microseconds: what the program before this one gave such lines. */
const CONSTANT = 1_709_845_200_032_995

export interface GvretOptions {
  /** Columns are those of V2, ID 1, LEN 5, data 6 and on, whatever a header says: `canlog --csv`. */
  readonly headerless?: boolean
  /** Every frame has the constant time, whatever its stamp. */
  readonly constantTime?: boolean
  /** The file is known to have stamps other than 0, so that 0 is a time; else 0 stands for the constant until one comes. */
  readonly hasTimes?: boolean
  /** Takes lines with quotes apart; without it they are passed over. */
  readonly parseQuoted?: ParseQuoted | undefined
}

/**
 * Reads SavvyCAN's (GVRET's) CSV. Source: docs/protocols/log-formats.md, section 3.
 *
 *     microseconds,ID,true|false,[Rx|Tx,]bus,LEN,D1,...,D8[,]
 *
 * Plain lines (ID of 8 digits, bus and LEN of one) are verified and read in one go; all others are cut into cells.
 * The file may lack a time: see `GvretOptions`.
 */
export class GvretCsvReader implements TextLogReader, FrameOrigin {
  readonly kind = 'text'
  readonly format = 'gvret-csv'
  readonly tally = new LogTally()
  readonly #sink: FrameSink
  readonly #frame = new CanFrame(this)
  readonly #cells: CsvCells
  readonly #isHeaderless: boolean
  readonly #isConstant: boolean
  #bytes: Uint8Array = new Uint8Array(0)
  /** 0 until a line has shown it. */
  #separator = 0
  #hasDirection = true
  #hasTimes: boolean
  /** Digits of the frame's stamp, where `#micros` is still to be read from them; else 0. */
  #stampDigits = 0
  #micros = 0
  #bus = 0

  constructor(sink: FrameSink, options: GvretOptions = {}) {
    this.#sink = sink
    this.#cells = new CsvCells(options.parseQuoted)
    this.#isHeaderless = options.headerless ?? false
    this.#isConstant = options.constantTime ?? false
    this.#hasTimes = options.hasTimes ?? false
  }

  /** Whether a stamp other than 0 has been seen. */
  get hasTimes(): boolean {
    return this.#hasTimes
  }

  read(source: ByteSource, start: number, end: number): number {
    const { bytes } = source
    this.#bytes = bytes
    let at = start
    while (at < end) {
      at = this.#fast(source, at, end)
      const stop = lineEnd(bytes, at, end)
      if (stop < 0) break
      this.tally.lines++
      const problem = this.#line(bytes, at, stop > at && bytes[stop - 1] === CR ? stop - 1 : stop)
      if (problem !== undefined) this.tally.reject(problem, this.tally.lines)
      at = stop + 1
    }
    this.#readMicros() // of the last frame, while its line is at hand: the next may have to count on from it
    return at
  }

  /** Reads plain lines, up to the first that is not. */
  #fast({ bytes, view }: ByteSource, start: number, end: number): number {
    const frame = this.#frame
    const { data } = frame
    const separator = this.#separator
    const hasDirection = this.#hasDirection
    const last = separator === 0 ? -1 : end - LONGEST_LINE
    let width = 1
    let at = start
    let lines = 0
    while (at <= last) {
      if (bytes[at + width] !== separator || !areDigits(bytes, view, at, width)) {
        width = 0
        while (width < LONGEST_STAMP && bytes[at + width]! >= ZERO && bytes[at + width]! <= NINE) width++
        if (width === 0 || (width > 1 && bytes[at] === ZERO)) break
      }
      let from = at + width + 1
      const b0 = HEX_PAIR[view.getUint16(from, true)]!
      const b1 = HEX_PAIR[view.getUint16(from + 2, true)]!
      const b2 = HEX_PAIR[view.getUint16(from + 4, true)]!
      const b3 = HEX_PAIR[view.getUint16(from + 6, true)]!
      if ((b0 | b1 | b2 | b3) < 0 || b0 > 0x1f) break
      let wrong = (bytes[from - 1]! ^ separator) | (bytes[from + 8]! ^ separator)
      const id = (b0 << 24) | (b1 << 16) | (b2 << 8) | b3
      const extended = view.getInt32(from + 9, true) | 0x20202020
      from += 13
      let flags = id > 0x7ff ? CAN.extended : 0
      if (extended === TRUE) flags = CAN.extended
      else if (extended !== FALS || (bytes[from++]! | 0x20) !== 0x65) break
      wrong |= bytes[from]! ^ separator
      if (hasDirection) {
        const direction = bytes[from + 1]! | 0x20
        if (direction === 0x72) flags |= CAN.rx
        else if (direction === 0x74) flags |= CAN.tx
        else break
        wrong |= ((bytes[from + 2]! | 0x20) ^ 0x78) | (bytes[from + 3]! ^ separator)
        from += 3
      }
      const bus = bytes[from + 1]! - ZERO
      const length = bytes[from + 3]! - ZERO
      wrong |= (bytes[from + 2]! ^ separator) | (bytes[from + 4]! ^ separator)
      if (wrong !== 0 || bus < 0 || bus > 9 || length < 0 || length > 8) break
      from += 5
      const w0 = view.getInt32(from, true)
      const w1 = view.getInt32(from + 3, true)
      const w2 = view.getInt32(from + 6, true)
      const w3 = view.getInt32(from + 9, true)
      const w4 = view.getInt32(from + 12, true)
      const w5 = view.getInt32(from + 15, true)
      const w6 = view.getInt32(from + 18, true)
      const d0 = HEX_PAIR[w0 & 0xffff]!
      const d1 = HEX_PAIR[w1 & 0xffff]!
      const d2 = HEX_PAIR[w2 & 0xffff]!
      const d3 = HEX_PAIR[w3 & 0xffff]!
      const d4 = HEX_PAIR[w4 & 0xffff]!
      const d5 = HEX_PAIR[w5 & 0xffff]!
      const d6 = HEX_PAIR[w6 & 0xffff]!
      const d7 = HEX_PAIR[view.getUint16(from + 21, true)]!
      const and = w0 & w1 & w2 & w3 & w4 & w5 & w6 & 0xff0000
      const or = (w0 | w1 | w2 | w3 | w4 | w5 | w6) & 0xff0000
      if (and === or && or === separator << 16 && (d0 | d1 | d2 | d3 | d4 | d5 | d6 | d7) >= 0) {
        data[0] = d0
        data[1] = d1
        data[2] = d2
        data[3] = d3
        data[4] = d4
        data[5] = d5
        data[6] = d6
        data[7] = d7
        from += 23
      } else {
        let isPlain = true
        for (let i = 0; i < length; i++) {
          const pair = HEX_PAIR[view.getUint16(from + i * 3, true)]!
          if (pair < 0 || (i > 0 && bytes[from + i * 3 - 1] !== separator)) isPlain = false
          data[i] = pair
        }
        if (!isPlain) break
        from += length === 0 ? 0 : length * 3 - 1
      }
      if (bytes[from] === separator) from++
      if (bytes[from] === CR) from++
      if (bytes[from] !== LF) break
      frame.id = id
      frame.flags = flags
      frame.length = length
      frame.dlc = length
      frame.lineStart = at
      this.#bus = bus
      this.#stampDigits = width
      if (bytes[at] !== ZERO) this.#hasTimes = true
      lines++
      at = from + 1
      this.#sink.frame(frame)
    }
    this.tally.lines += lines
    return at
  }

  /** Takes one line apart, `bytes[start, end)` without its line end; gives why it is no frame, if so. */
  #line(bytes: Uint8Array, start: number, end: number): string | undefined {
    const from = skipByteOrderMark(bytes, start, end)
    if (from === end) return 'blank lines'
    const cells = this.#cells
    const problem = cells.cut(bytes, from, end)
    if (problem !== undefined) return problem
    if (isHeader(cells)) {
      this.#hasDirection = this.#isHeaderless || headerHasDirection(cells)
      return undefined
    }
    const reason = readRow(cells, this.#hasDirection, this.#frame)
    if (reason !== undefined) return reason
    this.#setTime(cells)
    this.#frame.lineStart = start
    this.#separator = cells.separator
    this.#bus = rowBus(cells, this.#hasDirection)
    this.#sink.frame(this.#frame)
    return undefined
  }

  /** Sets the frame's time; a broken stamp counts on from the frame before, where there are times at all. */
  #setTime(cells: CsvCells): void {
    this.#micros = rowMicros(cells) ?? (this.#hasTimes ? this.#readMicros() + STEP : 0)
    this.#stampDigits = 0
    if (this.#micros !== 0) this.#hasTimes = true
  }

  /** Time stamp of the frame in microseconds, as the file has it. */
  #readMicros(): number {
    const digits = this.#stampDigits
    if (digits === 0) return this.#micros
    const start = this.#frame.lineStart
    this.#stampDigits = 0
    this.#micros = decimalNumber(this.#bytes, start, start + digits)
    return this.#micros
  }

  #time(): number {
    const micros = this.#readMicros()
    return this.#isConstant || (micros === 0 && !this.#hasTimes) ? CONSTANT : micros
  }

  readTime(frame: CanFrame): void {
    const micros = this.#time()
    frame.seconds = Math.floor(micros / 1e6)
    frame.nanos = (micros - frame.seconds * 1e6) * 1000
  }

  writeStamp(frame: CanFrame, out: ByteWriter): void {
    this.readTime(frame)
    writeTime(frame, out)
  }

  writeInterface(_frame: CanFrame, out: ByteWriter): void {
    out.put(INTERFACE)
    out.int(this.#bus)
  }
}
