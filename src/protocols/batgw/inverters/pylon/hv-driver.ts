import { CAN } from '../../../../core/can.ts'
import type { CanMessage } from '../../../../core/can-bus.ts'
import type { StructSet } from '../../../../decode/struct-set.ts'
import type { Decoded } from '../../battery-driver.ts'
import { canKey, dataOf } from '../../can-message.ts'
import type { InverterDriver } from '../../inverter-driver.ts'
import type { Limits, PackFacts, PackView } from '../../pack.ts'
import { Allowance } from '../allowance.ts'
import { Held } from '../held.ts'
import { LimitWatch } from '../limit-watch.ts'
import { Session } from '../session.ts'
import { PylonHvFrames } from './hv-frames.ts'
import type { PylonForm } from './options.ts'

const REQUEST = '00004200'

type Question = 'system' | 'ensemble'

const NONE: Limits = { chargeDa: 0, dischargeDa: 0 }

/**
 * Speaks to the inverter as a Pylontech high-voltage battery: answers what it asks. Only a limit that falls to 0 is told
 * without having been asked for. Source: docs/protocols/pylon-can.md.
 */
export class PylonHvDriver implements InverterDriver {
  readonly transmits: InverterDriver['transmits']
  readonly #structs: StructSet
  readonly #frames: PylonHvFrames
  readonly #zero: readonly CanMessage[]
  readonly #session = new Session()
  readonly #watch = new LimitWatch()
  readonly #held = new Held()
  readonly #asked = new Set<Question>()
  readonly #answering = new Allowance()

  constructor(facts: PackFacts, form: PylonForm, structs: StructSet) {
    this.#structs = structs
    this.#frames = new PylonHvFrames(structs, facts, form)
    this.#zero = this.#frames.limits(NONE)
    this.transmits = this.#frames.ids
  }

  get greeted(): boolean {
    return this.#session.open
  }

  /** Nothing is cyclic, and a question that has to wait waits for the next decision. */
  readonly due = Number.POSITIVE_INFINITY

  handle(frame: CanMessage, at: number): Decoded | undefined {
    const codec =
      (frame.flags & CAN.extended) !== 0 && canKey(frame) === REQUEST ? this.#structs.codec([REQUEST]) : undefined
    if (codec === undefined) return undefined
    const values = codec.decode(dataOf(frame))
    this.#session.hear(at, false)
    const { request } = values
    if (request === 'system' || request === 'ensemble') this.#asked.add(request)
    return { codec, values }
  }

  step(view: PackView, limits: Limits, at: number): CanMessage[] {
    this.#held.renew(view)
    if (this.#session.step(view.running, at) === 'silent') {
      this.#watch.reset()
      return []
    }
    const urgent = this.#watch.urgent(limits)
    const frames = this.#answers(limits, at)
    if (urgent === undefined || frames.some(({ id }) => id === this.#zero[0]!.id)) return frames
    this.#watch.told(urgent)
    return [...this.#frames.limits(urgent), ...frames]
  }

  unsent(): void {
    this.#watch.lost()
  }

  farewell(): readonly CanMessage[] {
    return this.#session.open ? this.#zero : []
  }

  #answers(limits: Limits, at: number): CanMessage[] {
    if (this.#asked.size === 0 || !this.#answering.take(at)) return []
    const frames: CanMessage[] = []
    if (this.#asked.has('ensemble')) frames.push(...this.#frames.ensemble)
    if (this.#asked.has('system')) {
      this.#watch.told(limits)
      frames.push(...this.#frames.system(this.#held, limits))
    }
    this.#asked.clear()
    return frames
  }
}
