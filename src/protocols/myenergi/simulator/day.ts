import { Random } from '../../../core/random.ts'

/** What is true of a house with solar cells and an eddi at one moment, in whole numbers as the eddi sends them. */
export interface HouseState {
  /** W; a little below 0 at night. */
  readonly generation: number
  /** W, positive = import: house and diverted power less generation. */
  readonly grid: number
  /** Power into the heater, W. */
  readonly diverted: number
  /** The heater that is on, 0 for none. */
  readonly heater: 0 | 1 | 2
  readonly boost: boolean
  readonly stopped: boolean
  /** Both tanks have had their heat. */
  readonly hot: boolean
  /** Surplus that went into heaters since midnight, 0.01 kWh. */
  readonly divertedToday: number
  /** 0.1 V. */
  readonly voltage: number
  /** 0.01 Hz. */
  readonly frequency: number
  /** 0.1 °C, of the heatsink. */
  readonly heatsink: number
}

/** Rated power of the heaters, W. */
export const HEATER_POWER = 2985

const HOUR = 3600
const DAY = 24 * HOUR
const WS_PER_KWH = 3_600_000

const SUNRISE = 6 * HOUR
const DAYLIGHT = 14 * HOUR
const PEAK = 3900

/** Heat that the tanks take a day, kWh. */
const TANKS = [6, 3] as const
const BOOST = { from: 6.5 * HOUR, until: 7 * HOUR }
/** Switched off by hand for the night. */
const STOPPED_FROM = 22 * HOUR

/** Surplus that stays for the grid, and the least that is diverted, W. */
const MARGIN = 50
const LEAST_DIVERTED = 100

const APPLIANCES = [
  { power: 2200, seconds: 180, perHour: 0.5 },
  { power: 900, seconds: 1500, perHour: 0.2 },
] as const

/**
 * A day of a house, second by second: sun with clouds, appliances, a diverter that takes the surplus into one tank
 * after the other, a boost in the morning. Days are those of UTC. Whole-number and plain arithmetic only, so that it
 * is the same on every machine.
 */
export class HouseDay {
  readonly #random: Random
  #second: number
  #cloud = 0.8
  #frequency = 5000
  #heatsink = 240
  #heat = 0
  #surplus = 0
  readonly #until: number[] = APPLIANCES.map(() => 0)

  /** `start` in Unix seconds. The day has run its course since midnight. */
  constructor(seed: number, start: number) {
    this.#random = new Random(seed, 'house')
    this.#second = start - (start % DAY)
    while (this.#second < start) this.step()
  }

  /** The next second. */
  step(): HouseState {
    const now = this.#second++
    const time = now % DAY
    if (time === 0) this.#heat = this.#surplus = 0
    const generation = this.#generation(time)
    const house = this.#house(now)
    const hot = this.#heat >= (TANKS[0] + TANKS[1]) * WS_PER_KWH
    const stopped = time >= STOPPED_FROM
    const boost = !stopped && !hot && time >= BOOST.from && time < BOOST.until
    const diverted = stopped || hot ? 0 : boost ? HEATER_POWER : surplusPower(generation - house)
    const heater = diverted === 0 ? 0 : this.#heat < TANKS[0] * WS_PER_KWH ? 1 : 2
    this.#heat += diverted
    if (!boost) this.#surplus += diverted
    const grid = house + diverted - generation
    const divertedToday = Math.floor((this.#surplus * 100) / WS_PER_KWH)
    return { generation, grid, diverted, heater, boost, stopped, hot, divertedToday, ...this.#electric(grid, diverted) }
  }

  #generation(time: number): number {
    this.#cloud = clamp(this.#cloud + this.#random.between(-0.02, 0.02), 0.15, 1)
    const share = (time - SUNRISE) / DAYLIGHT
    if (share <= 0 || share >= 1) return -1 - this.#random.int(9)
    return Math.round(PEAK * 4 * share * (1 - share) * this.#cloud)
  }

  #house(now: number): number {
    let power = 260 + this.#random.int(60)
    APPLIANCES.forEach((appliance, i) => {
      if (this.#random.chance(appliance.perHour / HOUR)) this.#until[i] = now + appliance.seconds
      if (now < this.#until[i]!) power += appliance.power
    })
    return power
  }

  #electric(grid: number, diverted: number) {
    this.#frequency = clamp(this.#frequency + this.#random.int(3) - 1, 4985, 5015)
    const towards = 240 + diverted / 15
    this.#heatsink += (towards - this.#heatsink) / 300
    const voltage = Math.round(2410 - grid / 100 + this.#random.between(-4, 4))
    return { voltage, frequency: this.#frequency, heatsink: Math.round(this.#heatsink) }
  }
}

function surplusPower(surplus: number): number {
  const power = Math.min(surplus - MARGIN, HEATER_POWER)
  return power < LEAST_DIVERTED ? 0 : power
}

function clamp(value: number, least: number, most: number): number {
  return Math.min(Math.max(value, least), most)
}
