import { type ByteSource, HEX_PAIR, hexNumber, utf8 } from '../core/bytes.ts'
import { CAN, CanFrame, dlcOf, type FrameOrigin, type FrameSink } from '../core/can.ts'
import type { ByteWriter } from '../core/writer.ts'
import { decimalNumber, find, isPrintable, skipBlanks, startsWith, wordEnd } from './digits.ts'
import { LogTally, type TextLogReader, takeLines } from './log-reader.ts'
import { isStamp, parseStamp } from './stamp.ts'

const SPACE = 32
const OPEN = 40
const CLOSE = 41
const BACKTICK = 96
const NO_FRAME = 'lines that are no frames'
const DROPCOUNT = utf8('DROPCOUNT:')
const REMOTE = utf8('remote request')
const NO_STAMP = utf8('0.000000')

/**
 * Reads what candump shows on a screen. Source: docs/protocols/log-formats.md, section 2.
 *
 *     [(stamp)]  interface  [RX|TX B|- E|-]  ID  [length]  data  [ERRORFRAME]  ['text']
 *
 * Blanks only separate. A length of two digits means CAN FD; `{E}` (option -8) is a data length code; bytes joined by
 * backticks (option -S) stand last one first; bytes of eight digits (option -i) are binary. Lines without a stamp have
 * the time 0.
 */
export class CandumpScreenReader implements TextLogReader, FrameOrigin {
  readonly kind = 'text'
  readonly format = 'candump-screen'
  readonly tally = new LogTally()
  readonly #sink: FrameSink
  readonly #frame = new CanFrame(this)
  #bytes: Uint8Array = new Uint8Array(0)
  /** Places of the frame's stamp (without brackets) and its interface; an empty stamp is none. */
  #stamp = 0
  #stampEnd = 0
  #name = 0
  #nameEnd = 0

  constructor(sink: FrameSink) {
    this.#sink = sink
  }

  read({ bytes }: ByteSource, start: number, end: number): number {
    this.#bytes = bytes
    return takeLines(this.tally, bytes, start, end, (from, to) => {
      const problem = this.#line(bytes, from, to)
      if (problem === undefined) this.#sink.frame(this.#frame)
      return problem
    })
  }

  /** Reads a line into the frame; gives why not, if so. */
  #line(bytes: Uint8Array, start: number, end: number): string | undefined {
    let at = skipBlanks(bytes, start, end)
    if (at === end) return 'blank lines'
    this.#stamp = at + 1
    this.#stampEnd = at + 1
    if (bytes[at] === OPEN) {
      this.#stampEnd = find(bytes, CLOSE, at, end)
      if (this.#stampEnd < 0) return NO_FRAME
      if (!isStamp(bytes, this.#stamp, this.#stampEnd)) return 'frames with a bad time'
      at = skipBlanks(bytes, this.#stampEnd + 1, end)
    }
    if (startsWith(bytes, DROPCOUNT, at, end)) return 'reports of dropped frames'
    this.#name = at
    this.#nameEnd = wordEnd(bytes, at, end)
    if (!isPrintable(bytes, at, this.#nameEnd)) return NO_FRAME
    this.#frame.lineStart = start
    this.#frame.flags = 0
    const id = this.#extra(bytes, skipBlanks(bytes, this.#nameEnd, end), end)
    const idEnd = wordEnd(bytes, id, end)
    const size = skipBlanks(bytes, idEnd, end)
    return this.#id(bytes, id, idEnd) ?? this.#data(bytes, size, end)
  }

  /** Reads what -x adds, `RX B E`, if it is there; gives where the ID begins. */
  #extra(bytes: Uint8Array, start: number, end: number): number {
    if (wordEnd(bytes, start, end) !== start + 2 || (bytes[start + 1]! | 0x20) !== 0x78) return start
    const direction = bytes[start]! | 0x20
    if (direction !== 0x72 && direction !== 0x74) return start
    const rate = skipBlanks(bytes, start + 2, end)
    const state = skipBlanks(bytes, rate + 1, end)
    this.#frame.flags =
      (direction === 0x74 ? CAN.tx : CAN.rx) |
      ((bytes[rate]! | 0x20) === 0x62 ? CAN.bitRateSwitch : 0) |
      ((bytes[state]! | 0x20) === 0x65 ? CAN.errorState : 0)
    return skipBlanks(bytes, state + 1, end)
  }

  #id(bytes: Uint8Array, start: number, end: number): string | undefined {
    const digits = end - start
    if (digits !== 3 && digits !== 8) return NO_FRAME
    const id = hexNumber(bytes, start, end)
    if (id < 0) return NO_FRAME
    if (id > (digits === 3 ? 0x7ff : 0x3fffffff)) return 'frames with a bad ID'
    this.#frame.id = id & 0x1fffffff
    this.#frame.flags |= digits === 3 ? 0 : id > 0x1fffffff ? CAN.error : CAN.extended
    return undefined
  }

  /** Reads `[length]` or `{code}` and what follows. */
  #data(bytes: Uint8Array, start: number, end: number): string | undefined {
    const frame = this.#frame
    const isCode = bytes[start] === 0x7b
    if (start >= end || (!isCode && bytes[start] !== 0x5b)) return NO_FRAME
    const close = find(bytes, isCode ? 0x7d : 0x5d, start, Math.min(end, start + 4))
    const number = isCode ? hexNumber(bytes, start + 1, close) : decimalNumber(bytes, start + 1, close)
    const isFd = !isCode && close === start + 3
    if (number < 0 || number > (isFd ? 64 : isCode ? 15 : 8)) return 'frames with a bad length'
    if (isFd) frame.flags |= CAN.fd
    else frame.flags &= ~(CAN.bitRateSwitch | CAN.errorState)
    const at = skipBlanks(bytes, close + 1, end)
    const isRemote = startsWith(bytes, REMOTE, at, end)
    if (isRemote) frame.flags |= CAN.remote
    frame.length = isRemote ? 0 : isFd ? number : Math.min(number, 8)
    frame.dlc = isFd ? dlcOf(number) : number
    if (isRemote && frame.flags & (CAN.error | CAN.fd)) return 'frames with bad data'
    return readBytes(bytes, at, end, frame) ? undefined : 'frames with bad data'
  }

  readTime(frame: CanFrame): void {
    parseStamp(frame, this.#bytes, this.#stamp, this.#stampEnd)
  }

  writeStamp(_frame: CanFrame, out: ByteWriter): void {
    if (this.#stampEnd > this.#stamp) out.copy(this.#bytes, this.#stamp, this.#stampEnd)
    else out.put(NO_STAMP)
  }

  writeInterface(_frame: CanFrame, out: ByteWriter): void {
    out.copy(this.#bytes, this.#name, this.#nameEnd)
  }
}

/** Reads `frame.length` bytes, hex or binary, joined by blanks or, backwards, by backticks. What follows is not data. */
function readBytes(bytes: Uint8Array, start: number, end: number, frame: CanFrame): boolean {
  const { data, length } = frame
  let at = start
  let isBackwards = false
  for (let i = 0; i < length; i++) {
    const stop = byteEnd(bytes, at, end)
    const byte = stop - at === 8 ? binaryByte(bytes, at) : stop - at === 2 ? hexPair(bytes, at) : -1
    if (byte < 0) return false
    const isJoined = stop < end && bytes[stop] === BACKTICK
    if (i === 0) isBackwards = isJoined
    data[isBackwards ? length - 1 - i : i] = byte
    if (isJoined !== isBackwards && i < length - 1) return false
    at = isBackwards ? stop + 1 : skipBlanks(bytes, stop, end)
  }
  return true
}

/** Where a byte's digits end. */
function byteEnd(bytes: Uint8Array, start: number, end: number): number {
  let at = start
  while (at < end && bytes[at] !== SPACE && bytes[at] !== BACKTICK) at++
  return at
}

function hexPair(bytes: Uint8Array, at: number): number {
  return HEX_PAIR[bytes[at]! | (bytes[at + 1]! << 8)]!
}

function binaryByte(bytes: Uint8Array, start: number): number {
  let value = 0
  for (let at = start; at < start + 8; at++) {
    if ((bytes[at]! & 0xfe) !== 0x30) return -1
    value = (value << 1) | (bytes[at]! & 1)
  }
  return value
}
