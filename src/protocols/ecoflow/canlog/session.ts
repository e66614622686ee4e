import type { CanFrame, FrameSink } from '../../../core/can.ts'
import { crc16Arc } from '../../../core/checksum.ts'
import { CHANNEL } from '../arbitration.ts'
import { FLAG_XOR, HEADER, type Message } from '../message.ts'
import { type FrameFault, type MessageSink, Reassembler } from '../reassembler.ts'
import { FrameGate } from './frame-gate.ts'
import { GroupRecorder } from './frame-groups.ts'
import { LogTime } from './log-time.ts'
import { MessageFlow } from './message-flow.ts'
import type { CanlogOptions } from './options.ts'
import type { CanlogPorts, CanlogStructs } from './ports.ts'
import { type Complain, crcProblem, lengthProblem, orphanProblem } from './problems.ts'
import { Redactor } from './redactor.ts'
import { Repeats } from './reduce.ts'
import { Reports } from './reports/reports.ts'
import { Tally } from './tally.ts'
import { View } from './view.ts'

/** One run of `canlog`: takes frames, checks the messages they make, and hands the good ones on. */
export class CanlogSession implements MessageSink {
  readonly tally: Tally
  /** Where frames go in. */
  readonly sink: FrameSink
  readonly #options: CanlogOptions
  readonly #reassembler: Reassembler
  readonly #time: LogTime
  readonly #view = new View()
  readonly #flow: MessageFlow
  readonly #reports: Reports
  readonly #repeats: Repeats | undefined
  readonly #redactor: Redactor | undefined
  readonly #groups: GroupRecorder | undefined
  readonly #complain: Complain | undefined
  readonly #realUnits: boolean

  constructor(options: CanlogOptions, structs: CanlogStructs, ports: CanlogPorts) {
    this.#options = options
    this.#realUnits = ports.format === 'ndjson'
    this.tally = new Tally(options.compat)
    this.#time = new LogTime(options.timeFactor, options.timeStep, options.compat)
    this.#complain = options.errors ? ports.complain : undefined
    this.#redactor = options.redact ? new Redactor() : undefined
    this.#repeats = options.reduceMs === undefined ? undefined : new Repeats(options.reduceMs, options.compat)
    const keepsFrames = options.regen !== undefined || options.pick !== undefined
    this.#groups = keepsFrames
      ? new GroupRecorder(this.#time, options.pick === undefined ? undefined : 'can1')
      : undefined
    this.#reports = new Reports(options, ports, this.tally)
    this.#flow = new MessageFlow(options, structs, ports, this.#time, this.tally, this.#reports, this.#groups)
    this.#reassembler = new Reassembler(this, options.compat, this.#groups)
    const counts = options.reports.count !== 'off' || options.reports.sum ? this.#reports.counts : undefined
    const debug = options.debug ? ports.complain : undefined
    this.sink = FrameGate.needed(options)
      ? new FrameGate(this.#reassembler, this.#time, options, counts, debug)
      : this.#reassembler
  }

  /** Whether nothing more is to be read: a serial differed and the run was to stop at that. */
  get stopped(): boolean {
    return this.#flow.stopped
  }

  /** Goes on with other definitions. */
  reload(structs: CanlogStructs): void {
    this.#flow.use(structs)
  }

  /** Ends the run: reports, side files, the summary. `lines` is how many the readers saw. */
  finish(lines: number): void {
    this.tally.faults.unfinished += this.#reassembler.unfinished
    this.#flow.finish()
    if (!this.stopped || !this.#options.compat) this.#reports.print(lines, this.#repeats?.tally, this.#flow)
    this.#flow.takeProblems()
  }

  message(message: Message, frame: CanFrame): void {
    if (this.#flow.stopped) return
    const view = this.#view
    view.message = message
    view.frame = frame
    this.tally.recs++
    if (message.channel === CHANNEL.B) this.#b(view)
    else if (message.channel === CHANNEL.A) this.#a(view)
    else this.#c(view)
  }

  single(channel: number, frame: CanFrame): void {
    if (this.#flow.stopped) return
    this.#redactor?.single(frame.data, frame.length)
    const repeated = () => this.#repeats?.drops(singleKey(frame), this.#time.exactMs(frame)) ?? false
    this.#flow.single(channel, frame, repeated)
  }

  fault(fault: FrameFault, frame: CanFrame): void {
    this.tally.faults[fault]++
    if (fault === 'orphan' && this.#complain !== undefined) this.#complain(orphanProblem(frame), false)
  }

  #a(view: View): void {
    const { compat } = this.#options
    if (!this.#flow.filters.passesStart(view)) return
    if (compat) this.tally.recs++ // the original counts them twice
    if (compat && this.#repeated(view)) return
    if (!this.#flow.filters.passesPre(view)) return
    if (!this.#checked(view, 18)) return
    if (!compat && this.#repeated(view)) return
    this.#clear(view, this.#keyOfOthers(view))
    this.#flow.a(view)
  }

  #b(view: View): void {
    const { compat, xor } = this.#options
    if (compat && this.#repeated(view)) return
    if (!this.#checked(view, 20)) return
    if (!compat && this.#repeated(view)) return
    const { bytes } = view.message
    const masked = xor === 'always' || (xor === 'header' && (bytes[HEADER.flags]! & FLAG_XOR) !== 0)
    this.#clear(view, masked ? bytes[HEADER.sequence]! : 0)
    this.#flow.b(view)
  }

  #c(view: View): void {
    if (!this.#flow.filters.passesLength(view)) return
    if (!this.#checked(view, 20)) return
    if (!this.#options.compat && this.#repeated(view)) return
    this.#clear(view, this.#keyOfOthers(view), true) // its lines always show the payload
    this.#flow.c(view)
  }

  /** Channels A and C: text shows the XOR off always, as ever; values in real units follow the header, which is right. */
  #keyOfOthers({ message: { bytes } }: View): number {
    return this.#realUnits && (bytes[HEADER.flags]! & FLAG_XOR) === 0 ? 0 : bytes[HEADER.sequence]!
  }

  /** Length and CRC; what fails is counted and told. `least` is header and CRC. */
  #checked(view: View, least: number): boolean {
    const { message } = view
    // on channels A and C the original has no such check: there a short message fails by its CRC
    const lengthFirst = message.channel === CHANNEL.B || !this.#options.compat
    const short = lengthFirst ? message.length < least || message.room < message.payloadLength : message.length < 2
    if (short) {
      this.tally.badLength++
      if (this.#complain !== undefined) this.#reject(lengthProblem(view, this.#time.string(view.frame)), false)
      return false
    }
    view.crc = crc16Arc(message.bytes, 0, message.length - 2)
    if (view.crc === message.crc) return true
    this.tally.badCrc++
    const wide = message.channel === CHANNEL.C
    if (this.#complain !== undefined) this.#reject(crcProblem(view, this.#time.string(view.frame)), wide)
    return false
  }

  /** Tells of a message that failed; nobody knows where in it a serial would be, so it is masked as a whole. */
  #reject(problem: Record<string, unknown>, wide: boolean): void {
    this.#complain?.(this.#redactor === undefined ? problem : { ...problem, msg: undefined }, wide)
  }

  /** Masks serials where asked, then opens the payload if everybody's is looked at. */
  #clear(view: View, key: number, shown = this.#flow.readsPayload): void {
    if (this.#redactor?.message(view.message)) {
      view.crc = crc16Arc(view.message.bytes, 0, view.message.length - 2)
      this.#groups?.of(view.message)?.refill(view.message)
    }
    view.key = key
    view.length = 0
    if (shown) view.open()
  }

  #repeated(view: View): boolean {
    if (this.#repeats === undefined) return false
    const dropped = this.#repeats.drops(messageKey(view.message), this.#time.exactMs(view.frame))
    if (dropped) this.tally.reduced++
    return dropped
  }
}

/** What makes two messages repeats: the last frame's ID and the header without the sequence number. */
function messageKey({ bytes, lastId, headerLength }: Message): string {
  const id = String.fromCharCode(lastId & 0xffff, lastId >>> 16)
  return id + String.fromCharCode(...bytes.subarray(0, 6), ...bytes.subarray(9, headerLength))
}

function singleKey(frame: CanFrame): string {
  const id = String.fromCharCode(frame.id & 0xffff, frame.id >>> 16)
  return id + String.fromCharCode(...frame.data.subarray(0, frame.length))
}
