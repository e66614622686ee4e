import type { CanMessage } from '../../../../core/can-bus.ts'
import type { Values } from '../../../../core/values.ts'
import type { StructSet } from '../../../../decode/struct-set.ts'
import type { Decoded } from '../../battery-driver.ts'
import { dataOf } from '../../can-message.ts'
import type { FrameMaker } from '../../frame-maker.ts'
import { Periodic } from '../../periodic.ts'
import type { Heard } from '../../timed.ts'
import { negated, reportedOf } from '../../value-of.ts'
import { answerKey, POSITIVE, REFUSED } from './frames.ts'
import type { Sources } from './sources.ts'

/** What is asked, one after the other: the order in which packs are known to be asked by another gateway. */
const ASKED = [
  ...[0x0005, 0x0008, 0x0009, 0x002f, 0x0031, 0x0032, 0x002b, 0x002d, 0x000a, 0x000e],
  ...[0x000b, 0x000f, 0x0010, 0x0011, 0x0012],
]
const ASK_PERIOD_MS = 200

/** The first half of a pair counts for so long, ms. */
const HALF_AGE_MS = 1000

const READ_DATA = 0x22
/** First byte: upper half. */
const FIRST_FRAME = 0x1
const FLOW_CONTROL = 0x30

type Pair = 'cells' | 'temperatures'

/** Lowest and highest come in two answers, which only count together. */
const PAIRS: Readonly<Record<Pair, { readonly field: string; readonly parts: number }>> = {
  cells: { field: 'cell_voltage', parts: 1000 },
  temperatures: { field: 'temperature', parts: 10 },
}
const HALVES: Readonly<Record<string, readonly [Pair, 'first' | 'second']>> = {
  uds_min_cell_voltage: ['cells', 'first'],
  uds_max_cell_voltage: ['cells', 'second'],
  uds_min_temperature: ['temperatures', 'first'],
  uds_max_temperature: ['temperatures', 'second'],
}

/** What the other answers say that matters to the gateway. */
const TAKE: Readonly<Record<string, (values: Values, sources: Sources, at: number) => void>> = {
  uds_soc: (values, { soc }, at) => soc.take('0005', reportedOf(values, 'pid_soc', 100), at),
  uds_voltage: (values, { voltage }, at) => voltage.take('0008', reportedOf(values, 'pid_voltage', 10), at),
  uds_current: (values, { current }, at) => current.take('0009', negated(reportedOf(values, 'pid_current', 10)), at),
  uds_average_temperature: (values, { average }, at) =>
    average.take('0032', reportedOf(values, 'pid_average_temperature', 10), at),
  uds_max_charge_power: (values, { charge }, at) => charge.take('000A', reportedOf(values, 'max_charge_power'), at),
  uds_max_discharge_power: (values, { discharge }, at) =>
    discharge.take('000E', reportedOf(values, 'max_discharge_power'), at),
}

/** Asks the pack by UDS (ISO 14229 over ISO-TP) and takes its answers; of the long ones only the beginning is looked at. */
export class Uds {
  readonly #structs: StructSet
  readonly #frames: FrameMaker
  readonly #sources: Sources
  readonly #ask = new Periodic(ASK_PERIOD_MS)
  /** First halves of pairs, until the second come. */
  readonly #firsts = new Map<Pair, Heard<number | null>>()
  #next = 0
  #asked: number | undefined
  /** A long answer to our question waits for leave to go on. */
  #waits = false

  constructor(structs: StructSet, frames: FrameMaker, sources: Sources) {
    this.#structs = structs
    this.#frames = frames
    this.#sources = sources
  }

  start(at: number): void {
    this.#ask.start(at, 0)
  }

  get due(): number {
    return this.#waits ? Number.NEGATIVE_INFINITY : this.#ask.due
  }

  /** The frames to send now. */
  tick(at: number): CanMessage[] {
    const frames: CanMessage[] = []
    if (this.#waits) {
      this.#waits = false
      frames.push(this.#frames.make('uds_flow_control', { frame_type: FLOW_CONTROL, block_size: 8, separation: 5 }))
    }
    if (this.#ask.take(at)) {
      this.#asked = ASKED[this.#next % ASKED.length]!
      this.#next++
      frames.push(this.#frames.make('uds_read', { length: 3, service: READ_DATA, did: this.#asked }))
    }
    return frames
  }

  forget(): void {
    this.#firsts.clear()
  }

  /** Takes a frame of the pack's answers. */
  handle(frame: CanMessage, at: number): Decoded | undefined {
    const data = dataOf(frame)
    const [length = 0, service, high, low] = data
    if (length >> 4 === FIRST_FRAME) return this.#first(data)
    if (service === REFUSED && length === 3) return this.#refused(data)
    const codec = service === POSITIVE ? this.#structs.codec([answerKey(high, low)]) : undefined
    if (codec === undefined || length !== codec.layout.size - 1) {
      this.#sources.tally.add('uds: not an answer to our questions')
      return undefined
    }
    const values = codec.decode(data)
    this.#take(codec.name, values, at)
    return { codec, values }
  }

  /** Leave to go on is given for the answer to our last question, once, and to nobody else's. */
  #first(data: Uint8Array): undefined {
    const ours = data[2] === POSITIVE && this.#asked !== undefined && (data[3]! << 8) + data[4]! === this.#asked
    this.#waits ||= ours
    if (ours) this.#asked = undefined
    this.#sources.tally.add('uds: long answer')
    return undefined
  }

  #refused(data: Uint8Array): Decoded | undefined {
    this.#sources.tally.add('uds: question refused')
    const codec = this.#structs.codec(['7EF:7F'])
    return codec === undefined ? undefined : { codec, values: codec.decode(data) }
  }

  #take(message: string, values: Values, at: number): void {
    const [pair, half] = HALVES[message] ?? []
    if (pair === undefined || half === undefined) TAKE[message]?.(values, this.#sources, at)
    else this.#half(pair, half, values, at)
  }

  /** A pair counts when its second half comes soon enough after the first. */
  #half(pair: Pair, half: 'first' | 'second', values: Values, at: number): void {
    const { field, parts } = PAIRS[pair]
    const value = reportedOf(values, `pid_${half === 'first' ? 'min' : 'max'}_${field}`, parts)
    const first = this.#firsts.get(pair)
    if (half === 'first') this.#firsts.set(pair, { value, at })
    if (half === 'first' || first === undefined || at - first.at > HALF_AGE_MS) return
    if (pair === 'cells') this.#sources.cells.take('002D', first.value, value, at)
    else this.#sources.temperatures.take('0031', first.value, value, at)
  }
}
