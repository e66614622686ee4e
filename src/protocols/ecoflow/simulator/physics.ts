import { Random } from '../../../core/random.ts'
import { Bank, Pack } from './battery.ts'
import { Household } from './household.ts'
import { PvInput } from './pv.ts'
import { hourOf, Sky } from './sky.ts'

/** Power in W that adds up: `pv + grid - load - battery` is 0. Positive grid power is bought, battery power charges. */
export interface Flow {
  readonly pv: number
  readonly grid: number
  readonly load: number
  readonly battery: number
}

/** Energy in Wh since the start, each of them only growing. */
export interface Energy {
  pv: number
  bought: number
  sold: number
  load: number
}

const RESERVE = 0.1
const CHARGE_WATTS_PER_PACK = 1200
const DISCHARGE_WATTS_PER_PACK = 600
/** Most that the inverter takes from the packs and the sun; the mains carries the rest of the household's load. */
const INVERTER_WATTS = 3000

/**
 * A PowerKit: two PV inputs, BP5000 packs in parallel, a household on the inverter, a 12 V side, and a mains
 * connection that helps out when packs are near their reserve or too weak for a peak. It cannot feed in: what nobody
 * takes is not generated. Conversion is taken as free of loss, so that every log adds up.
 */
export class PowerKit {
  readonly pv = [new PvInput(1600, 118), new PvInput(1200, 104)] as const
  readonly bank: Bank
  readonly household: Household
  readonly energy: Energy = { pv: 0, bought: 0, sold: 0, load: 0 }
  gridWatts = 0
  /** Whole W of the 12 V side. */
  dcWatts = 24
  /** Wh of the 12 V side since the start, and since midnight. */
  dcWh = 0
  dcDayWh = 0
  /** Temperature of the hub's power stages. */
  celsius = 30
  readonly #random: Random
  #hour = 0

  constructor(seed: number, packs: number) {
    this.#random = new Random(seed, 'powerkit')
    const soc = this.#random.between(0.45, 0.7)
    const make = () => new Pack(16, 100, soc + this.#random.between(-0.006, 0.006), this.#random)
    this.bank = new Bank(Array.from({ length: packs }, make))
    this.household = new Household(new Random(seed, 'household'))
  }

  get flow(): Flow {
    return {
      pv: this.pv[0].watts + this.pv[1].watts,
      grid: this.gridWatts,
      load: this.household.watts + this.dcWatts,
      battery: this.bank.watts,
    }
  }

  /** Power through the inverter to the household, W; the mains' share passes it by. */
  get inverterWatts(): number {
    return this.household.watts - this.gridWatts
  }

  /** Advances to `at`, `seconds` after the step before, under `light`. */
  step(at: number, seconds: number, light: number): void {
    this.#consume(hourOf(at), seconds)
    const load = this.household.watts + this.dcWatts
    const offered = this.pv[0].offer(light, seconds) + this.pv[1].offer(light, seconds)
    const overload = Math.max(0, this.household.watts - INVERTER_WATTS)
    const wanted = load - overload + this.bank.chargeLimit(CHARGE_WATTS_PER_PACK)
    for (const input of this.pv) {
      input.take(offered > wanted ? wanted / offered : 1)
      input.count(seconds)
    }
    this.#settle(load, overload, seconds)
  }

  /** Meets the load from what there is: sun, packs, mains, in this order. */
  #settle(load: number, overload: number, seconds: number): void {
    const pv = this.pv[0].watts + this.pv[1].watts
    const lacking = load - pv - this.bank.dischargeLimit(DISCHARGE_WATTS_PER_PACK, RESERVE)
    this.gridWatts = Math.max(overload, Math.ceil(lacking))
    this.bank.carry(pv + this.gridWatts - load, seconds)
    const hours = seconds / 3600
    this.energy.pv += pv * hours
    this.energy.bought += this.gridWatts * hours
    this.energy.load += load * hours
    this.celsius += ((26 + (pv + load) * 0.006 - this.celsius) * seconds) / 900
  }

  #consume(hour: number, seconds: number): void {
    this.household.step(hour, seconds)
    if (hour < this.#hour) this.dcDayWh = 0
    this.#hour = hour
    const evening = hour >= 18 && hour < 23 ? 62 : 0
    this.dcWatts = 22 + evening + this.#random.int(4)
    this.dcWh += (this.dcWatts * seconds) / 3600
    this.dcDayWh += (this.dcWatts * seconds) / 3600
  }
}

const FEED_LIMIT = 800

/** A PowerStream: two balcony modules and a BP2000 pack that feed a set power into the mains, rather than store all. */
export class PowerStream {
  readonly pv = [new PvInput(410, 36.5), new PvInput(410, 34.8)] as const
  readonly bank: Bank
  readonly energy: Energy = { pv: 0, bought: 0, sold: 0, load: 0 }
  /** Power asked for, W. */
  wantedWatts = 0
  /** Power fed into the mains, W. */
  feedWatts = 0
  celsius = 28

  constructor(seed: number) {
    const random = new Random(seed, 'powerstream')
    this.bank = new Bank([new Pack(15, 40, random.between(0.4, 0.7), random)])
  }

  get flow(): Flow {
    return {
      pv: this.pv[0].watts + this.pv[1].watts,
      grid: -this.feedWatts,
      load: 0,
      battery: this.bank.watts,
    }
  }

  /** Advances to `at`, `seconds` after the step before, under `light`. */
  step(at: number, seconds: number, light: number): void {
    const hour = hourOf(at)
    this.wantedWatts = hour < 6 ? 110 : hour < 9 ? 240 : hour < 17 ? 160 : hour < 23 ? 300 : 150
    for (const input of this.pv) {
      input.offer(light, seconds)
      input.take(1)
      input.count(seconds)
    }
    const pv = this.pv[0].watts + this.pv[1].watts
    const battery = Math.min(
      this.bank.chargeLimit(600),
      Math.max(pv - this.wantedWatts, -this.bank.dischargeLimit(500, RESERVE)),
    )
    this.feedWatts = Math.min(FEED_LIMIT, pv - battery)
    this.bank.carry(pv - this.feedWatts, seconds)
    this.energy.pv += (pv * seconds) / 3600
    this.energy.sold += (this.feedWatts * seconds) / 3600
    this.celsius += ((24 + this.feedWatts * 0.03 - this.celsius) * seconds) / 900
  }
}

/** Who lives in the simulated home. */
export interface HomeParts {
  readonly powerKit: boolean
  readonly powerStream: boolean
  /** BP5000 packs of the PowerKit. */
  readonly packs: number
}

/** All of it under one sky. The same seed and the same steps give the same numbers. */
export class Home {
  /** Unix microseconds. */
  at: number
  /** Counts changes: whoever keeps something that follows from the state sees that it is outdated. */
  version = 0
  readonly sky: Sky
  readonly kit: PowerKit | undefined
  readonly stream: PowerStream | undefined

  constructor(seed: number, at: number, parts: HomeParts) {
    this.at = at
    this.sky = new Sky(new Random(seed, 'sky'))
    this.kit = parts.powerKit ? new PowerKit(seed, parts.packs) : undefined
    this.stream = parts.powerStream ? new PowerStream(seed) : undefined
    this.#step(0.5)
  }

  /** Advances to `at`. */
  advance(at: number): void {
    const seconds = (at - this.at) / 1e6
    if (seconds <= 0) return
    this.at = at
    this.#step(seconds)
  }

  /** Switches a PV input of the PowerKit, 0 or 1, with effect at once. */
  switchPv(input: 0 | 1, on: boolean): void {
    this.kit?.pv[input].switch(on)
    this.#step(0)
  }

  #step(seconds: number): void {
    this.version++
    this.sky.step(this.at, seconds)
    this.kit?.step(this.at, seconds, this.sky.light)
    this.stream?.step(this.at, seconds, this.sky.light)
  }
}
