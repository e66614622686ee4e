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
  readonly #verdicts = new Map<number, Verdict>()

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
    if (this.#minutes) this.#counts?.minutes.add(this.#time.minute(frame))
    const verdict = this.#verdict(frame)
    if (!verdict.counted) return
    this.#counts?.nid.add(verdict.node)
    this.#debug?.(frameNote(frame), false)
    if (!verdict.passes) return
    this.#counts?.chan.add(verdict.channel)
    this.#next.frame(frame)
  }

  /** What the filters say of a frame's ID; an ID comes thousands of times. */
  #verdict(frame: CanFrame): Verdict {
    const key = (frame.flags & CAN.extended) === 0 ? -1 - frame.id : frame.id
    const known = this.#verdicts.get(key)
    if (known !== undefined) return known
    if (this.#verdicts.size >= MAX_VERDICTS) this.#verdicts.clear()
    const verdict = this.#judge(frame)
    this.#verdicts.set(key, verdict)
    return verdict
  }

  #judge(frame: CanFrame): Verdict {
    const { nodes, command: wanted, channel: letter } = this.#options.filters
    const { node, command } = singleNames(frame)
    const channel = (frame.flags & CAN.extended) === 0 ? CHANNEL.none : channelOf(frame.id)
    const counted = (nodes === undefined || nodes.has(node)) && (wanted === undefined || wanted === command)
    const passes = letter === undefined || channel === CHANNEL.none || letter === letterOf(channel)
    return { node, channel: letterOf(channel) || command, counted, passes }
  }
}

/** More IDs than any bus has. */
const MAX_VERDICTS = 16_384

interface Verdict {
  readonly node: string
  /** Letter, or the command where it has none. */
  readonly channel: string
  /** It passes the node and command filters, so its node counts. */
  readonly counted: boolean
  /** It passes the channel filter too. */
  readonly passes: boolean
}
