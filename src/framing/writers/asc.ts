import { utf8 } from '../../core/bytes.ts'
import { CAN, type CanFrame } from '../../core/can.ts'
import type { ByteWriter } from '../../core/writer.ts'
import { ascDate } from '../asc-date.ts'
import { writeFraction } from '../stamp.ts'
import { LOCAL, toWallClock, type Zone } from '../zone.ts'
import { startOf } from './log-start.ts'
import type { LogWriter, WritableLog, WriterOptions } from './log-writer.ts'
import { direction, hexDigit, hexNumber, hexNumberLower, line, padTo, rightInt, spacedData } from './text.ts'

const SPACE = 32
const SECOND_WIDTH = 4
const CHANNEL_WIDTH = 2
const ID_WIDTH = 16
const DIRECTION_WIDTH = 5
const FD_CHANNEL_WIDTH = 3
/** Most digits of an ID. */
const MOST_DIGITS = 8
const FD_ID_WIDTH = 11
const LENGTH_WIDTH = 2
const X = 0x78
const ERROR_FRAME = utf8('ErrorFrame')
const REMOTE = utf8('r ')
const DATA = utf8('d ')
const CAN_FD = utf8('CANFD ')
/** Where the name of a message may stand, behind the ID. */
const NO_NAME = utf8(' '.repeat(34))
/** By the flags of CAN FD, bit rate switch 1 and error state 2: what stands before the length and behind the data. */
const RATE_AND_STATE: readonly Uint8Array[] = ['0 0 ', '1 0 ', '0 1 ', '1 1 '].map(utf8)
/** Duration in ns and bits are not known any more: they are what log2asc puts there, and so are the zeros. */
const TAILS: readonly Uint8Array[] = ['1000', '3000', '5000', '7000'].map(flags =>
  utf8(`   130000  130     ${flags} 0 0 0 0 0`),
)

/**
 * Writes Vector's ASC in the columns that its tools expect. Source: docs/protocols/log-formats.md, section 4.
 *
 * The measurement starts with the second of the first frame; the date is a wall clock's.
 */
class AscWriter implements LogWriter {
  readonly #out: ByteWriter
  readonly #zone: Zone
  #start: number | undefined

  constructor(out: ByteWriter, { zone = LOCAL }: WriterOptions) {
    this.#out = out
    this.#zone = zone
  }

  write(frame: CanFrame, bus: number): void {
    const out = this.#out
    this.#start ??= this.#begin(frame)
    this.#time(frame.seconds - this.#start, frame.nanos)
    if ((frame.flags & CAN.fd) !== 0) this.#fd(frame, bus + 1)
    else {
      const start = out.length
      out.int(bus + 1)
      padTo(out, start, CHANNEL_WIDTH)
      out.byte(SPACE)
      if ((frame.flags & CAN.error) !== 0) out.put(ERROR_FRAME)
      else this.#classic(frame)
    }
    out.endLine()
  }

  end(): void {
    if (this.#start === undefined) this.#header()
    line(this.#out, 'End TriggerBlock')
  }

  #begin(frame: CanFrame): number {
    const start = startOf(frame)
    const date = ascDate(toWallClock(start, this.#zone))
    line(this.#out, `date ${date}`)
    this.#header()
    line(this.#out, `Begin Triggerblock ${date}`)
    line(this.#out, '   0.000000 Start of measurement')
    return start
  }

  #header(): void {
    line(this.#out, 'base hex  timestamps absolute')
    line(this.#out, 'no internal events logged')
  }

  /** Appends `%4u.%06u ` of a time since the start; before it there is a minus. */
  #time(seconds: number, nanos: number): void {
    const out = this.#out
    const borrow = seconds < 0 && nanos > 0
    rightInt(out, borrow ? -1 - seconds : Math.abs(seconds), SECOND_WIDTH, seconds < 0)
    writeFraction(borrow ? 1e9 - nanos : nanos, 6, out)
    out.byte(SPACE)
  }

  #classic(frame: CanFrame): void {
    const out = this.#out
    const start = out.length
    this.#id(frame)
    padTo(out, start, ID_WIDTH)
    direction(out, frame)
    padTo(out, start, ID_WIDTH + DIRECTION_WIDTH)
    out.put((frame.flags & CAN.remote) !== 0 ? REMOTE : DATA)
    hexDigit(out, frame.dlc)
    spacedData(out, frame)
  }

  #fd(frame: CanFrame, channel: number): void {
    const out = this.#out
    const { id, flags } = frame
    const rateAndState = ((flags & CAN.bitRateSwitch) !== 0 ? 1 : 0) | ((flags & CAN.errorState) !== 0 ? 2 : 0)
    out.put(CAN_FD)
    rightInt(out, channel, FD_CHANNEL_WIDTH)
    out.byte(SPACE)
    const start = out.length
    direction(out, frame)
    padTo(out, start, DIRECTION_WIDTH + FD_ID_WIDTH - 1 - hexDigits(id))
    this.#id(frame)
    padTo(out, start, DIRECTION_WIDTH + FD_ID_WIDTH)
    out.put(NO_NAME)
    out.put(RATE_AND_STATE[rateAndState]!)
    hexNumberLower(out, frame.dlc)
    out.byte(SPACE)
    rightInt(out, frame.length, LENGTH_WIDTH)
    spacedData(out, frame)
    out.put(TAILS[rateAndState]!)
  }

  /** An ID in hex, `x` behind an extended one. */
  #id({ id, flags }: CanFrame): void {
    hexNumber(this.#out, id)
    if ((flags & CAN.extended) !== 0) this.#out.byte(X)
  }
}

/** Digits of a number in hex. */
function hexDigits(value: number): number {
  let count = 1
  while (count < MOST_DIGITS && value >>> (count * 4) !== 0) count++
  return count
}

export const ASC: WritableLog = {
  name: 'Vector ASC',
  isBinary: false,
  capacity: {
    fd: 'all',
    fdFlags: 'all',
    fdLengths: 'any',
    remote: true,
    error: 'bare',
    codes: true,
    direction: 'known',
    unit: 1000,
    interfaces: 'numbers',
  },
  create: (out, options) => new AscWriter(out, options),
}
