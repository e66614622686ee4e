import type { CanMessage } from '../../../../core/can-bus.ts'
import type { StructSet } from '../../../../decode/struct-set.ts'
import type { Decoded } from '../../battery-driver.ts'
import { canKey, dataOf } from '../../can-message.ts'
import { FrameMaker } from '../../frame-maker.ts'
import type { InverterDriver } from '../../inverter-driver.ts'
import type { Limits, PackFacts, PackView } from '../../pack.ts'
import { Periodic } from '../../periodic.ts'
import { Held } from '../held.ts'
import { LimitWatch } from '../limit-watch.ts'
import { Session } from '../session.ts'
import type { PylonForm } from './options.ts'

const HEARTBEAT = '305'
const PERIOD_MS = 1000
const MARGIN_DV = 20

const NONE: Limits = { chargeDa: 0, dischargeDa: 0 }

/** Speaks to the inverter as a Pylontech 48 V battery: everything once a second. Source: docs/protocols/pylon-can.md. */
export class PylonLvDriver implements InverterDriver {
  readonly transmits: InverterDriver['transmits']
  readonly #structs: StructSet
  readonly #frames: FrameMaker
  readonly #facts: PackFacts
  readonly #form: PylonForm
  readonly #zero: readonly CanMessage[]
  readonly #session = new Session()
  readonly #watch = new LimitWatch()
  readonly #held = new Held()
  readonly #timer = new Periodic(PERIOD_MS)

  constructor(facts: PackFacts, form: PylonForm, structs: StructSet) {
    this.#structs = structs
    this.#frames = new FrameMaker(structs, form.model)
    this.#facts = facts
    this.#form = form
    this.#zero = this.#limits(NONE)
    this.transmits = this.#frames.ids(['limits', 'charge', 'values', 'alarms', 'enable', 'maker'])
  }

  get greeted(): boolean {
    return this.#session.open
  }

  get due(): number {
    return this.#session.open ? this.#timer.due : Number.POSITIVE_INFINITY
  }

  handle(frame: CanMessage, at: number): Decoded | undefined {
    const codec = canKey(frame) === HEARTBEAT ? this.#structs.codec([HEARTBEAT]) : undefined
    if (codec === undefined) return undefined
    this.#session.hear(at, false)
    return { codec, values: codec.decode(dataOf(frame)) }
  }

  step(view: PackView, limits: Limits, at: number): CanMessage[] {
    this.#held.renew(view)
    const turn = this.#session.step(view.running, at)
    if (turn === 'silent') {
      this.#watch.reset()
      return []
    }
    if (turn === 'greet') this.#timer.start(at, 0)
    const urgent = this.#watch.urgent(limits)
    if (this.#timer.take(at)) return [...this.#tell(limits), ...this.#values()]
    return urgent === undefined ? [] : this.#tell(urgent)
  }

  unsent(): void {
    this.#watch.lost()
  }

  farewell(): readonly CanMessage[] {
    return this.#session.open ? this.#zero : []
  }

  #tell(limits: Limits): CanMessage[] {
    this.#watch.told(limits)
    return this.#limits(limits)
  }

  #limits({ chargeDa, dischargeDa }: Limits): CanMessage[] {
    return [
      this.#frames.make('limits', {
        max_charge_voltage: (this.#facts.maxDv - MARGIN_DV) / 10,
        max_charge_current: chargeDa / 10,
        max_discharge_current: dischargeDa / 10,
        min_discharge_voltage: (this.#facts.minDv + MARGIN_DV) / 10,
      }),
      this.#frames.make('enable', { charge_enable: chargeDa > 0, discharge_enable: dischargeDa > 0 }, 2),
    ]
  }

  /** What is known of the rest. */
  #values(): CanMessage[] {
    const { socBp, sohBp, values } = this.#held
    const frames: CanMessage[] = []
    if (socBp !== undefined) {
      frames.push(this.#frames.make('charge', { soc: Math.floor(socBp / 100), soh: Math.floor(sohBp / 100) }, 4))
    }
    if (values !== undefined) {
      const { voltageDv, currentDa, averageDc } = values
      const voltage = Math.min(voltageDv, this.#form.mostDv) / 10
      const current = (currentDa * this.#form.currentSign) / 10
      frames.push(this.#frames.make('values', { voltage, current, temperature: averageDc / 10 }, 6))
    }
    frames.push(this.#frames.make('alarms', { protection: [], warning: [], modules: 1, maker: 'PN' }, 7))
    frames.push(this.#frames.make('maker', { maker: 'PYLON   ' }))
    return frames
  }
}
