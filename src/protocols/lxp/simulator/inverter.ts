import { Random } from '../../../core/random.ts'
import { Battery } from './battery.ts'
import { besideGrid, type Flow, fromGrid, insteadOfGrid, type Situation, standby } from './dispatch.ts'
import { EnergyCounters } from './energy.ts'
import { Household } from './household.ts'
import type { InverterKind } from './kinds.ts'
import { isWithin, type Settings } from './settings.ts'
import { Weather } from './weather.ts'

/** The state of an inverter holds for so long: whole steps since 1970, so that midnight is one of them. */
export const STEP_MS = 10_000

const STEP_SECONDS = STEP_MS / 1000
const DAY_MS = 86_400_000
const HOUR_MS = 3_600_000
/** Seconds that it had been running for when the simulation began. */
const AGE_SECONDS = 20_000_000

/**
 * An inverter with panels, battery, house and grid, in steps of 10 s. Days are those of UTC; it has been running since
 * the midnight before its start, so the counters of the day fit the hour. The same seed gives the same numbers.
 */
export class SimulatedInverter {
  readonly kind: InverterKind
  readonly battery: Battery
  readonly counters: EnergyCounters
  flow: Flow
  gridVolts: number
  gridHertz: number
  /** Of the case, and of the heat sinks. */
  internalCelsius = 30
  radiatorCelsius = 31
  readonly #settings: () => Settings
  readonly #weather: Weather
  readonly #household: Household
  readonly #random: Random
  #charging = false
  #end: number
  readonly #born: number

  /** `start` is Unix ms; `settings` gives those of the moment. */
  constructor(kind: InverterKind, seed: number, start: number, settings: () => Settings) {
    const random = new Random(seed, 'lxp inverter')
    this.kind = kind
    this.battery = new Battery(kind.modules, kind.batteryAmps, random)
    this.counters = new EnergyCounters(random)
    this.gridVolts = kind.gridVolts
    this.gridHertz = kind.gridHertz
    this.#settings = settings
    this.#weather = new Weather(new Random(seed, 'lxp weather'))
    this.#household = new Household(new Random(seed, 'lxp household'))
    this.#random = random
    this.flow = standby(kind, { offered: kind.strings.map(() => 0), load: 0, chargeLimit: 0, dischargeLimit: 0 })
    this.#end = this.#born = start - (start % DAY_MS)
    this.advance(start)
  }

  /** Lets time pass until `at`, Unix ms; one that has passed already changes nothing. */
  advance(at: number): void {
    while (this.#end <= at) this.#step()
  }

  /** Number of the current step; steps are counted since 1970. */
  get step(): number {
    return this.#end / STEP_MS - 1
  }

  /** Seconds that it has been running for. */
  get runtime(): number {
    return AGE_SECONDS + (this.#end - this.#born) / 1000
  }

  /** What the current step does holds until its end, so it is counted when it is over. */
  #step(): void {
    this.counters.count(this.flow, this.#end === this.#born ? 0 : STEP_SECONDS)
    if (this.#end % DAY_MS === 0) {
      this.counters.newDay()
      this.#weather.newDay()
    }
    const time = this.#end % DAY_MS
    const hour = time / HOUR_MS
    const light = this.#weather.step(new Date(this.#end).getUTCMonth(), hour, STEP_SECONDS)
    const settings = this.#settings()
    this.flow = this.#dispatched(this.#situation(light, hour, settings), settings, Math.floor(time / 60_000))
    this.battery.carry(this.flow.charge - this.flow.discharge, STEP_SECONDS)
    this.#drift()
    this.#end += STEP_MS
  }

  #situation(light: number, hour: number, settings: Settings): Situation {
    const { strings, batteryWatts } = this.kind
    return {
      offered: strings.map(([peak]) => Math.floor(peak * light * this.#random.between(0.985, 1))),
      load: this.#household.step(hour, STEP_SECONDS),
      chargeLimit: this.battery.chargeLimit((batteryWatts * settings.chargePercent) / 100),
      dischargeLimit: this.battery.dischargeLimit((batteryWatts * settings.dischargePercent) / 100, settings.reserve),
    }
  }

  #dispatched(situation: Situation, settings: Settings, minute: number): Flow {
    const { kind } = this
    const { soc } = this.battery
    if (!settings.running) return standby(kind, situation)
    if (kind.onGrid) {
      const charges = soc < settings.acLimit && settings.acWindows.some(window => isWithin(window, minute))
      return charges ? fromGrid(kind, situation, settings.acWatts) : besideGrid(kind, situation, settings.feedIn)
    }
    this.#charging = soc < settings.acEnd && (this.#charging || soc <= settings.acStart)
    const island = this.#charging ? undefined : insteadOfGrid(kind, situation)
    return island ?? fromGrid(kind, situation, this.#charging ? settings.acWatts : 0)
  }

  #drift(): void {
    const { kind, flow } = this
    const around = (value: number, middle: number, step: number, pull: number) =>
      value + (middle - value) * pull + this.#random.between(-step, step)
    this.gridVolts = around(this.gridVolts, kind.gridVolts * 1.01, 0.3, 0.02)
    this.gridHertz = around(this.gridHertz, kind.gridHertz, 0.006, 0.1)
    const converted = Math.max(flow.output, flow.eps, flow.acCharge, flow.charge)
    this.internalCelsius += ((28 + converted / 350 - this.internalCelsius) * STEP_SECONDS) / 1500
    this.radiatorCelsius += ((26 + converted / 190 - this.radiatorCelsius) * STEP_SECONDS) / 600
  }
}
