import { CAN, type CanFrame, type FrameSink } from '../../../core/can.ts'
import { CHANNEL, channelOf, letterOf } from '../arbitration.ts'
import type { LogTime } from './log-time.ts'
import type { CanlogOptions } from './options.ts'
import { type Complain, frameNote } from './problems.ts'
import type { Counts } from './reports/counts.ts'
import { singleNames } from './single-names.ts'

/** Node, command and channel filters, which act on single frames, and the counts of frames. */
export class FrameGate implements FrameSink {
  readonly #next: FrameSink
  readonly #time: LogTime
  readonly #options: CanlogOptions
  readonly #counts: Counts | undefined
  readonly #debug: Complain | undefined
  readonly #minutes: boolean

  constructor(
    next: FrameSink,
    time: LogTime,
    options: CanlogOptions,
    counts: Counts | undefined,
    debug: Complain | undefined,
  ) {
    this.#next = next
    this.#time = time
    this.#options = options
    this.#counts = counts
    this.#debug = debug
    this.#minutes = options.reports.sum
  }

  /** Whether a run needs the gate at all; without it frames go straight to reassembly. */
  static needed({ filters, reports, debug, timeStep }: CanlogOptions): boolean {
    const filtered = filters.nodes !== undefined || filters.command !== undefined || filters.channel !== undefined
    return filtered || reports.count !== 'off' || reports.sum || debug || timeStep !== undefined
  }

  frame(frame: CanFrame): void {
    if (frame.length > 0) this.#time.tick()
    if (frame.length === 0 || (frame.flags & (CAN.remote | CAN.error | CAN.fd)) !== 0) {
      this.#next.frame(frame)
      return
    }
    const { filters } = this.#options
    if (this.#minutes) this.#counts?.minutes.add(this.#time.minute(frame))
    const { node: nid, command } = singleNames(frame)
    if (filters.nodes !== undefined && !filters.nodes.has(nid)) return
    if (filters.command !== undefined && filters.command !== command) return
    this.#counts?.nid.add(nid)
    this.#debug?.(frameNote(frame), false)
    const channel = (frame.flags & CAN.extended) === 0 ? CHANNEL.none : channelOf(frame.id)
    const letter = letterOf(channel)
    if (filters.channel !== undefined && channel !== CHANNEL.none && filters.channel !== letter) return
    this.#counts?.chan.add(letter || command)
    this.#next.frame(frame)
  }
}
