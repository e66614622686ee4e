import type { CanMessage } from '../../../../core/can-bus.ts'
import type { Values } from '../../../../core/values.ts'
import type { StructSet } from '../../../../decode/struct-set.ts'
import type { BatteryDriver, Decoded } from '../../battery-driver.ts'
import { canKey, dataOf } from '../../can-message.ts'
import { FrameMaker } from '../../frame-maker.ts'
import type { PackView } from '../../pack.ts'
import { SourcedNumber } from '../../sourced.ts'
import { Tally } from '../../tally.ts'
import { Timed } from '../../timed.ts'
import { booleanOf, numberOf, reportedOf } from '../../value-of.ts'
import { BLIND_W, MG4_FACTS } from './facts.ts'
import { Wake } from './wake.ts'

/** Beyond it a current is nonsense: a raw 40000, 1000 A of discharging. */
const MOST_DISCHARGE_A = 1000

/** An MG4 pack on its bus PT EXT: voltage, current and charge, and nothing about cells and temperatures. */
export class Mg4Driver implements BatteryDriver {
  readonly facts = MG4_FACTS
  readonly transmits: BatteryDriver['transmits']
  readonly contactors = 'told to close'
  readonly trouble = ''
  readonly atRest = true
  readonly #structs: StructSet
  readonly #tally = new Tally()
  readonly #running = new Timed<true>()
  readonly #voltage = new SourcedNumber('pack voltage', [1000, 10_000], ['12C'], this.#tally)
  readonly #current = new SourcedNumber('current', [-5000, 5000], ['12C'], this.#tally)
  readonly #soc = new SourcedNumber('state of charge', [0, 10_000], ['401'], this.#tally)
  readonly #wake: Wake

  constructor(structs: StructSet) {
    const frames = new FrameMaker(structs)
    this.#structs = structs
    this.#wake = new Wake(frames)
    this.transmits = frames.ids(['wake_up', 'drive_state'])
  }

  get rejected(): ReadonlyMap<string, number> {
    return this.#tally.counts
  }

  handle(frame: CanMessage, at: number): Decoded | undefined {
    const codec = this.#structs.codec([canKey(frame)])
    if (codec === undefined) return undefined
    const values = codec.decode(dataOf(frame))
    const counts = codec.name === 'pack_values' ? this.#pack(values, at) : this.#charge(codec.name, values, at)
    return counts ? { codec, values } : undefined
  }

  view(at: number): PackView {
    return {
      running: this.#running.fresh(at) ?? false,
      wrongVariant: false,
      cells: [],
      temperatures: [],
      voltageDv: this.#voltage.first(at),
      currentDa: this.#current.first(at),
      socBp: this.#soc.first(at),
      sohBp: undefined,
      averageDc: undefined,
      chargeW: BLIND_W,
      dischargeW: BLIND_W,
      contactors: 'unknown',
    }
  }

  start(at: number): void {
    this.#wake.start(at)
  }

  get due(): number {
    return this.#wake.due
  }

  tick(at: number): CanMessage[] {
    return this.#wake.tick(at)
  }

  forget(): void {
    for (const timed of [this.#running, this.#voltage, this.#current, this.#soc]) timed.expire()
  }

  /** Of a frame whose current is nonsense nothing counts. */
  #pack(values: Values, at: number): boolean {
    const discharging = numberOf(values, 'current')
    if (discharging > MOST_DISCHARGE_A) {
      this.#tally.add('out of range: 12C current')
      return false
    }
    this.#running.set(true, at)
    this.#voltage.take('12C', Math.floor(numberOf(values, 'voltage') * 10), at)
    this.#current.take('12C', 0 - Math.trunc(Math.round(discharging * 20) / 2), at)
    return true
  }

  #charge(message: string, values: Values, at: number): boolean {
    if (message !== 'charge_state') return false
    if (booleanOf(values, 'invalid')) {
      this.#tally.add('not valid: 401')
      return false
    }
    this.#soc.take('401', reportedOf(values, 'soc', 100), at)
    return true
  }
}
