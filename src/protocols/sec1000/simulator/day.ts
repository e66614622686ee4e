import { Random } from '../../../core/random.ts'

/** One number per phase. */
export type Phases = readonly [number, number, number]

/** What is true of a house with three phases and solar cells at one moment, in whole numbers as a controller sends them. */
export interface PlantState {
  /** 0.1 V. */
  readonly voltages: Phases
  /** 0.01 A, without sign. */
  readonly currents: Phases
  /** W at the grid, positive = export. */
  readonly powers: Phases
  /** W, what the meter makes of the phases: a watt more or less than their sum. */
  readonly meter: number
  /** W of all inverters together. */
  readonly inverters: number
}

const DAY_MS = 86_400_000
const STEP_MS = 10_000
const STEPS_PER_HOUR = 360
const STEPS_PER_DAY = 24 * STEPS_PER_HOUR

const SUNRISE = 5 * STEPS_PER_HOUR
const DAYLIGHT = 15 * STEPS_PER_HOUR
/** W, of a day without clouds. */
const PEAK = 14_500

/** Appliances: which phases they are on, W per phase, how long in steps, how often per hour, and when of the day. */
const APPLIANCES = [
  { phases: [0], power: 2100, steps: 18, perHour: 0.6, from: 6, until: 23 },
  { phases: [1], power: 1900, steps: 240, perHour: 0.1, from: 8, until: 21 },
  { phases: [0, 1, 2], power: 800, steps: 150, perHour: 0.5, from: 0, until: 24 },
  { phases: [0, 1, 2], power: 3600, steps: 900, perHour: 0.4, from: 20, until: 24 },
] as const

/**
 * A day of a house: sun with clouds, appliances on three phases, a car that is charged in the evening, an export that is
 * limited. Days are those of UTC. Plain arithmetic only, so that it is the same on every machine.
 */
export class PlantDay {
  readonly #random: Random
  readonly #limit: number
  #step: number
  #cloud = 0.8
  #state: PlantState
  readonly #until: number[] = APPLIANCES.map(() => 0)

  /** `start` in Unix ms: the day has run its course since midnight. `limit` is the most that is exported, W. */
  constructor(seed: number, start: number, limit: number) {
    this.#random = new Random(seed, 'house')
    this.#limit = limit
    this.#step = Math.floor(start / DAY_MS) * STEPS_PER_DAY
    this.#state = this.#next()
  }

  /** How things are at `at`, Unix ms; the past is gone, and of more than a day only the last one is lived through. */
  at(at: number): PlantState {
    const step = Math.floor(at / STEP_MS)
    this.#step = Math.max(this.#step, step - STEPS_PER_DAY)
    while (this.#step < step) {
      this.#step++
      this.#state = this.#next()
    }
    return this.#state
  }

  #next(): PlantState {
    const time = this.#step % STEPS_PER_DAY
    const loads = this.#loads(time)
    const house = loads[0] + loads[1] + loads[2]
    const inverters = Math.min(this.#sun(time), house + this.#limit)
    const powers = phases(k => Math.floor((inverters + k) / 3) - loads[k])
    const reactive = 60 + inverters / 60
    const voltages = phases(k => Math.round(2330 + powers[k] / 150 + this.#random.between(-6, 6)))
    const currents = phases(k => Math.round(Math.sqrt(powers[k] ** 2 + reactive ** 2) / (voltages[k] / 1000)))
    const meter = powers[0] + powers[1] + powers[2] + this.#random.int(3) - 1
    return { voltages, currents, powers, meter, inverters }
  }

  #sun(time: number): number {
    this.#cloud = Math.min(Math.max(this.#cloud + this.#random.between(-0.03, 0.03), 0.15), 1)
    const share = (time - SUNRISE) / DAYLIGHT
    return share <= 0 || share >= 1 ? 0 : Math.round(PEAK * 4 * share * (1 - share) * this.#cloud)
  }

  #loads(time: number): Phases {
    const hour = time / STEPS_PER_HOUR
    const running = APPLIANCES.filter(({ perHour, steps, from, until }, i) => {
      const starts = this.#random.chance(perHour / STEPS_PER_HOUR) && hour >= from && hour < until
      if (starts) this.#until[i] = this.#step + steps
      return this.#step < this.#until[i]!
    })
    return phases(k => {
      const own = running.filter(appliance => (appliance.phases as readonly number[]).includes(k))
      return 120 + this.#random.int(60) + own.reduce((total, { power }) => total + power, 0)
    })
  }
}

function phases(value: (phase: 0 | 1 | 2) => number): Phases {
  return [value(0), value(1), value(2)]
}
