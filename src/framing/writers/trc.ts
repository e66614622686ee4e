import { utf8 } from '../../core/bytes.ts'
import { CAN, type CanFrame, FD_LENGTHS } from '../../core/can.ts'
import type { ByteWriter } from '../../core/writer.ts'
import { writeFraction } from '../stamp.ts'
import { trcDays } from '../trc-header.ts'
import { toWallClock, UTC, type Zone } from '../zone.ts'
import { startOf } from './log-start.ts'
import type { LogWriter, WritableLog, WriterOptions } from './log-writer.ts'
import { direction, line, longId, padTo, rightInt, shortId, spacedData } from './text.ts'

const CR = 13
const SPACE = 32
const ZERO = 48
const NUMBER_WIDTH = 7
/** Digits before the dot of an offset. */
const OFFSET_WIDTH = 9
const BUS_WIDTH = 2
const STANDARD_INDENT = 4
const CODE_WIDTH = 2
const BEFORE_CODE = utf8(' - ')
const BEFORE_DATA = utf8('   ')
const TYPES = {
  classic: utf8(' DT '),
  remote: utf8(' RR '),
  fd: utf8(' FD '),
  bitRateSwitch: utf8(' FB '),
  errorState: utf8(' BI '),
  both: utf8(' FE '),
} as const
const TITLES = [
  ';',
  ';   Number  Offset   Type  ID       Rx/Tx',
  ';   |       [ms]     |  Bus [hex]   |  Reserved',
  ';   |       |        |  |   |       |  |  Length Code',
  ';   |       |        |  |   |       |  |  |    Data [hex] ...',
  ';---+-- ------+------ +- +- --+----- +- +- +--- +- -- -- -- -- -- -- --',
]

/**
 * Writes PEAK's TRC in version 2.1, lines ending with CRLF. Source: docs/protocols/log-formats.md, section 5.
 *
 *           2         1.500 DT 1  18FF50E5 Tx -  3    A1 B2 C3
 *
 * Offsets are in milliseconds from the second of the first frame.
 */
class TrcWriter implements LogWriter {
  readonly #out: ByteWriter
  readonly #zone: Zone
  #start: number | undefined
  #number = 0

  constructor(out: ByteWriter, { zone = UTC }: WriterOptions) {
    this.#out = out
    this.#zone = zone
  }

  write(frame: CanFrame, bus: number): void {
    const out = this.#out
    this.#start ??= this.#begin(frame)
    rightInt(out, ++this.#number, NUMBER_WIDTH)
    out.byte(SPACE)
    this.#offset(frame.seconds - this.#start, frame.nanos)
    out.put(typeOf(frame))
    const start = out.length
    out.int(bus + 1)
    padTo(out, start, BUS_WIDTH)
    out.byte(SPACE)
    this.#id(frame)
    out.byte(SPACE)
    direction(out, frame)
    out.put(BEFORE_CODE)
    rightInt(out, frame.dlc, CODE_WIDTH)
    this.#data(frame)
    out.byte(CR)
    out.endLine()
  }

  end(): void {
    if (this.#start === undefined) this.#header()
  }

  #begin(frame: CanFrame): number {
    const start = startOf(frame)
    this.#header(`;$STARTTIME=${trcDays(toWallClock(start, this.#zone))}`)
    return start
  }

  #header(...start: readonly string[]): void {
    const lines = [';$FILEVERSION=2.1', ...start, ';$COLUMNS=N,O,T,B,I,d,R,L,D', ...TITLES]
    for (const text of lines) line(this.#out, text, '\r')
  }

  /** Appends milliseconds with three decimals; before the start there is a minus. */
  #offset(seconds: number, nanos: number): void {
    const out = this.#out
    const micros = seconds * 1e6 + Math.floor(nanos / 1000)
    const size = Math.abs(micros)
    const millis = Math.floor(size / 1000)
    rightInt(out, millis, OFFSET_WIDTH, micros < 0)
    writeFraction((size - millis * 1000) * 1e6, 3, out)
  }

  /** An ID of 4 digits is a standard one. */
  #id({ id, flags }: CanFrame): void {
    const out = this.#out
    if ((flags & CAN.extended) !== 0) longId(out, id)
    else {
      padTo(out, out.length, STANDARD_INDENT)
      out.byte(ZERO)
      shortId(out, id)
    }
  }

  /** A length that has no code is filled up to that of the next one. */
  #data(frame: CanFrame): void {
    const count = (frame.flags & CAN.fd) !== 0 ? FD_LENGTHS[frame.dlc]! : frame.length
    if (count === 0) return
    this.#out.put(BEFORE_DATA)
    spacedData(this.#out, frame, count)
  }
}

function typeOf({ flags }: CanFrame): Uint8Array {
  if ((flags & CAN.remote) !== 0) return TYPES.remote
  if ((flags & CAN.fd) === 0) return TYPES.classic
  const rateSwitch = (flags & CAN.bitRateSwitch) !== 0
  if ((flags & CAN.errorState) !== 0) return rateSwitch ? TYPES.both : TYPES.errorState
  return rateSwitch ? TYPES.bitRateSwitch : TYPES.fd
}

export const TRC: WritableLog = {
  name: 'PCAN-View TRC',
  isBinary: false,
  capacity: {
    fd: 'all',
    fdFlags: 'all',
    fdLengths: 'coded',
    remote: true,
    error: 'none',
    codes: true,
    direction: 'known',
    unit: 1000,
    interfaces: 'numbers',
  },
  create: (out, options) => new TrcWriter(out, options),
}
