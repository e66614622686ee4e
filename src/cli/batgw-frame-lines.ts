import type { CanFrame } from '../core/can.ts'
import type { CanAddress } from '../core/can-address.ts'
import type { CanMessage } from '../core/can-bus.ts'
import type { Clock } from '../core/clock.ts'
import type { MonotonicClock } from '../core/monotonic-clock.ts'
import { LogLines } from '../framing/writers/candump-lines.ts'
import type { Side } from '../protocols/batgw/gateway-event.ts'
import { liveFrame, setTime } from '../transport/can/live-origin.ts'
import { busNames } from './batgw-config.ts'
import type { FramePrinter } from './frame-printer.ts'

/** Prints frames of both buses as `candump -L` does, with the time of day; of recordings the time that it was then. */
export class FrameLines {
  readonly #clock: MonotonicClock
  /** Unix time when the clock was at 0, ms. */
  #epoch: number
  #isRecorded = false
  readonly #frames: Readonly<Record<Side, CanFrame>>
  readonly #printer: FramePrinter
  readonly #lines: LogLines

  constructor(printer: FramePrinter, addresses: Readonly<Record<Side, CanAddress>>, clock: Clock & MonotonicClock) {
    const names = busNames(addresses)
    this.#clock = clock
    this.#epoch = clock.now() - clock.monotonic()
    this.#frames = { battery: liveFrame(names.battery), inverter: liveFrame(names.inverter) }
    this.#printer = printer
    this.#lines = new LogLines(printer.writer, Object.values(names))
  }

  /** Takes a frame of a recording: the first one says what time it was. */
  heard(frame: CanFrame): void {
    if (this.#isRecorded) return
    frame.origin.readTime(frame)
    if (!Number.isFinite(frame.seconds)) return
    this.#isRecorded = true
    this.#epoch = frame.seconds * 1000 + frame.nanos / 1e6 - this.#clock.monotonic()
  }

  print(side: Side, { id, flags, length, dlc = length, data }: CanMessage): void {
    if (!this.#printer.hasRoom()) return
    const frame = this.#frames[side]
    Object.assign(frame, { id, flags, length, dlc })
    frame.data.set(data.subarray(0, length))
    setTime(frame, this.#epoch + this.#clock.monotonic())
    frame.nanos = Math.floor(frame.nanos / 1000) * 1000 // the clock is no better
    this.#lines.write(frame)
  }
}
