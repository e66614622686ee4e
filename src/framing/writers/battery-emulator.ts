import { utf8 } from '../../core/bytes.ts'
import { CAN, type CanFrame } from '../../core/can.ts'
import type { ByteWriter } from '../../core/writer.ts'
import { writeFraction } from '../stamp.ts'
import { RELATIVE_SECONDS, startOf } from './log-start.ts'
import type { LogWriter, WritableLog, WriterOptions } from './log-writer.ts'
import type { Losses } from './losses.ts'
import { hexNumberLower } from './text.ts'

const SPACE = 32
const OPEN = 40
const SQUARE_CLOSE = 93
const BEFORE_LENGTH = utf8(' [')
/** Received and sent, of classic frames, then of CAN FD. */
const DIRECTIONS: readonly Uint8Array[] = [') rx', ') tx', ') RX', ') TX'].map(utf8)
/** Milliseconds after which the clock of the device prints 0 again. */
const WRAP = 100_000_000

/**
 * Writes the log of Battery-Emulator as its current firmware does. Source: docs/protocols/log-formats.md, section 6.1.
 *
 *     (12.345) tx1 18ff50e5 [3] a1 b2 c3
 *
 * Times count from the second of the first frame where that has a date, because the device knows none.
 */
class BatteryEmulatorWriter implements LogWriter {
  readonly #out: ByteWriter
  readonly #losses: Losses
  #start: number | undefined

  constructor(out: ByteWriter, { losses }: WriterOptions) {
    this.#out = out
    this.#losses = losses
  }

  write(frame: CanFrame, bus: number): void {
    const out = this.#out
    const { flags, length, data } = frame
    const isSent = (flags & CAN.tx) !== 0
    const isExtended = (flags & CAN.extended) !== 0
    out.byte(OPEN)
    this.#time(frame)
    out.put(DIRECTIONS[(isSent ? 1 : 0) | ((flags & CAN.fd) !== 0 ? 2 : 0)]!)
    out.int(bus * 2 + (isSent ? 1 : 0))
    out.byte(SPACE)
    hexNumberLower(out, frame.id, isExtended ? 8 : 3)
    out.put(BEFORE_LENGTH)
    out.int(length)
    out.byte(SQUARE_CLOSE)
    for (let i = 0; i < length; i++) {
      out.byte(SPACE)
      out.hexLower(data[i]!)
    }
    out.endLine()
  }

  end(): void {}

  /** Below one second it is a number of milliseconds. */
  #time(frame: CanFrame): void {
    const out = this.#out
    this.#start ??= this.#begin(frame)
    const ms = (frame.seconds - this.#start) * 1000 + Math.floor(frame.nanos / 1e6)
    if (ms < 0) this.#losses.add('range')
    const shown = ms < 0 ? 0 : ms % WRAP
    const seconds = Math.floor(shown / 1000)
    out.int(seconds === 0 ? shown : seconds)
    if (seconds > 0) writeFraction((shown - seconds * 1000) * 1e6, 3, out)
  }

  #begin(frame: CanFrame): number {
    if (Math.abs(frame.seconds) < RELATIVE_SECONDS) return 0
    const start = startOf(frame)
    this.#losses.note(`times count from ${new Date(start * 1000).toISOString()} on: Battery-Emulator has no dates`)
    return start
  }
}

export const BATTERY_EMULATOR: WritableLog = {
  name: 'Battery-Emulator',
  isBinary: false,
  capacity: {
    fd: 'all',
    fdFlags: 'none',
    fdLengths: 'any',
    remote: false,
    error: 'none',
    codes: false,
    direction: 'known',
    unit: 1_000_000,
    interfaces: 'numbers',
  },
  create: (out, options) => new BatteryEmulatorWriter(out, options),
}
