import { UPPER_PAIR, utf8 } from '../../core/bytes.ts'
import { CAN, type CanFrame } from '../../core/can.ts'
import type { ByteWriter } from '../../core/writer.ts'
import { writeDecimals } from '../stamp.ts'
import type { LogWriter, WritableLog, WriterOptions } from './log-writer.ts'
import type { Losses } from './losses.ts'
import { line, longId } from './text.ts'

const HEADER = 'Time Stamp,ID,Extended,Dir,Bus,LEN,D1,D2,D3,D4,D5,D6,D7,D8'
const COMMA = 44
const ZERO = 48
/** Extended and direction of a standard and an extended frame, received, then sent. */
const KINDS: readonly Uint8Array[] = [',false,Rx,', ',true,Rx,', ',false,Tx,', ',true,Tx,'].map(utf8)
/** The length's cell. */
const LENGTHS: readonly Uint8Array[] = Array.from({ length: 9 }, (_, length) => utf8(`,${length},`))
const CELLS = 8
const CELL_WIDTH = 3
/** Seconds up to which microseconds are whole numbers of a float, and 16 digits. */
const MOST_SECONDS = 9e9

/**
 * Writes SavvyCAN's (GVRET's) CSV, the form with directions. Source: docs/protocols/log-formats.md, section 3.
 *
 *     1500,18FF50E5,true,Tx,0,3,A1,B2,C3,00,00,00,00,00,
 */
class GvretCsvWriter implements LogWriter {
  readonly #out: ByteWriter
  readonly #losses: Losses
  /** Digits of the whole seconds, made once a second. */
  #second = Number.NaN
  #digits: Uint8Array = new Uint8Array(0)

  constructor(out: ByteWriter, { losses }: WriterOptions) {
    this.#out = out
    this.#losses = losses
    line(out, HEADER)
  }

  write(frame: CanFrame, bus: number): void {
    const out = this.#out
    const { id, flags, length } = frame
    this.#time(frame)
    out.byte(COMMA)
    longId(out, id)
    out.put(KINDS[((flags & CAN.extended) !== 0 ? 1 : 0) | ((flags & CAN.tx) !== 0 ? 2 : 0)]!)
    if (bus < 10) out.byte(ZERO + bus)
    else out.int(bus)
    out.put(LENGTHS[length]!)
    this.#cells(frame)
    out.endLine()
  }

  end(): void {}

  /** Appends whole microseconds. */
  #time({ seconds, nanos }: CanFrame): void {
    const out = this.#out
    if (seconds > 0 && seconds < MOST_SECONDS) {
      if (seconds !== this.#second) {
        this.#second = seconds
        this.#digits = utf8(String(seconds))
      }
      out.put(this.#digits)
      writeDecimals(nanos, 6, out)
    } else if (seconds <= 0 && seconds > -MOST_SECONDS) out.int(seconds * 1e6 + Math.floor(nanos / 1000))
    else {
      this.#losses.add('range')
      out.int(0)
    }
  }

  /** Appends eight bytes, those that the frame lacks as 00. */
  #cells({ data, length }: CanFrame): void {
    const out = this.#out
    out.reserve(CELLS * CELL_WIDTH)
    const { view } = out
    let at = out.length
    for (let i = 0; i < CELLS; i++, at += CELL_WIDTH) {
      view.setUint16(at, UPPER_PAIR[i < length ? data[i]! : 0]!, true)
      view.setUint8(at + 2, COMMA)
    }
    out.length = at
  }
}

export const GVRET_CSV: WritableLog = {
  name: 'SavvyCAN CSV',
  isBinary: false,
  capacity: {
    fd: 'none',
    fdFlags: 'none',
    fdLengths: 'any',
    remote: false,
    error: 'none',
    codes: false,
    direction: 'known',
    unit: 1000,
    interfaces: 'numbers',
  },
  create: (out, options) => new GvretCsvWriter(out, options),
}
