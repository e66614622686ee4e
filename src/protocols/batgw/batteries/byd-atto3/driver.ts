import type { CanMessage } from '../../../../core/can-bus.ts'
import type { StructSet } from '../../../../decode/struct-set.ts'
import type { BatteryDriver, Decoded } from '../../battery-driver.ts'
import { canKey } from '../../can-message.ts'
import { FrameMaker } from '../../frame-maker.ts'
import type { PackFacts, PackView } from '../../pack.ts'
import { type Range, within } from '../../sourced.ts'
import { numberOf } from '../../value-of.ts'
import { takeBroadcast } from './broadcasts.ts'
import { type ContactorControl, untouched } from './contactor-control.ts'
import { PACKS, type PackVariant } from './packs.ts'
import { Sources } from './sources.ts'
import { Uds } from './uds.ts'
import { Vehicle } from './vehicle.ts'

const PLAUSIBLE_V: Range = [100, 1000]

/** A BYD Atto 3 pack: listens to its broadcasts, asks by UDS beside, and plays the car that wakes it and closes its contactors. */
export class BydAtto3Driver implements BatteryDriver {
  readonly facts: PackFacts
  readonly transmits: BatteryDriver['transmits']
  readonly #structs: StructSet
  readonly #sources: Sources
  readonly #control: ContactorControl
  readonly #uds: Uds
  readonly #vehicle: Vehicle
  /** Whole volts of 444, as soon as it was heard: what 441 repeats. */
  #linkV: number | undefined

  constructor(variant: PackVariant, control: ContactorControl, structs: StructSet) {
    const frames = new FrameMaker(structs)
    this.facts = PACKS[variant]
    this.#structs = structs
    this.#sources = new Sources(variant)
    this.#control = control
    this.#uds = new Uds(structs, frames, this.#sources)
    this.#vehicle = new Vehicle(frames)
    const own = control === untouched ? ['uds_read'] : ['uds_read', 'vehicle_state', 'link_voltage']
    this.transmits = frames.ids(own)
  }

  get rejected(): ReadonlyMap<string, number> {
    return this.#sources.tally.counts
  }

  get contactors(): string {
    return this.#control.state
  }

  get trouble(): string {
    return this.#control.trouble
  }

  get atRest(): boolean {
    return this.#control.atRest
  }

  handle(frame: CanMessage, at: number): Decoded | undefined {
    if (canKey(frame) === '7EF') return this.#uds.handle(frame, at)
    const decoded = takeBroadcast(frame, this.#structs, this.#sources, at)
    if (decoded?.codec.name === 'pack_status') this.#heardVoltage(numberOf(decoded.values, 'voltage'))
    return decoded
  }

  #heardVoltage(volts: number): void {
    if (within(volts, PLAUSIBLE_V)) this.#linkV = volts
  }

  view(at: number): PackView {
    const view = this.#sources.view(at)
    return this.#control.permits ? view : { ...view, contactors: 'open' }
  }

  start(at: number): void {
    this.#control.start(at)
    this.#vehicle.start(at)
    this.#uds.start(at)
  }

  get due(): number {
    return Math.min(this.#uds.due, this.#vehicle.due)
  }

  tick(at: number, mayClose: boolean): CanMessage[] {
    const { closed, current } = this.#sources
    const decide = () => this.#control.step({ mayClose, closed: closed.fresh(at), current: current.heard(at) }, at)
    const linkV = () => (this.#control.linked ? this.#linkV : undefined)
    return [...this.#vehicle.tick(decide, linkV, at), ...this.#uds.tick(at)]
  }

  forget(): void {
    this.#sources.forget()
    this.#uds.forget()
  }
}
