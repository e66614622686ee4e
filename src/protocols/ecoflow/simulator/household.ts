import type { Random } from '../../../core/random.ts'

/** Times a day when something may be switched on: from hour, to hour, starts per hour. */
type Habit = readonly [from: number, to: number, perHour: number]

interface Appliance {
  /** Circuit of the panel, 0-based. */
  readonly circuit: number
  readonly watts: number
  readonly minutes: readonly [least: number, most: number]
  readonly habits: readonly Habit[]
}

const APPLIANCES: readonly Appliance[] = [
  { circuit: 0, watts: 95, minutes: [9, 16], habits: [[0, 24, 2]] }, // refrigerator
  {
    circuit: 1,
    watts: 1450,
    minutes: [2, 4],
    habits: [
      [6, 9, 0.9],
      [9, 20, 0.3],
    ],
  }, // kettle
  {
    circuit: 1,
    watts: 850,
    minutes: [15, 35],
    habits: [
      [11, 13, 0.4],
      [17, 20, 0.5],
    ],
  }, // cooker
  { circuit: 2, watts: 130, minutes: [60, 180], habits: [[18, 22, 0.8]] }, // television
  {
    circuit: 2,
    watts: 70,
    minutes: [90, 240],
    habits: [
      [5, 7, 0.7],
      [19, 23, 1.5],
    ],
  }, // lights
  { circuit: 3, watts: 140, minutes: [120, 300], habits: [[8, 15, 0.6]] }, // office
  {
    circuit: 5,
    watts: 900,
    minutes: [15, 40],
    habits: [
      [4, 8, 0.8],
      [16, 23, 0.6],
    ],
  }, // heat pump
  { circuit: 4, watts: 260, minutes: [8, 20], habits: [[6, 22, 0.25]] }, // pump
]

/** Power of the circuits when nothing runs, W. */
const STANDBY_WATTS: readonly number[] = [24, 38, 31, 42, 12, 46]

/** The alternating-current circuits of a home, in whole W as its panel meters them. */
export class Household {
  readonly circuits: number[] = [...STANDBY_WATTS]
  readonly #random: Random
  readonly #left: number[] = APPLIANCES.map(() => 0)

  constructor(random: Random) {
    this.#random = random
  }

  get watts(): number {
    return this.circuits.reduce((sum, watts) => sum + watts, 0)
  }

  /** Lives through `seconds` at an hour of the day. */
  step(hour: number, seconds: number): void {
    for (let i = 0; i < STANDBY_WATTS.length; i++) {
      this.circuits[i] = STANDBY_WATTS[i]! + this.#random.int(3)
    }
    for (const [i, appliance] of APPLIANCES.entries()) {
      this.#left[i]! -= seconds
      if (this.#left[i]! <= 0 && this.#random.chance((startsPerHour(appliance, hour) * seconds) / 3600)) {
        const [least, most] = appliance.minutes
        this.#left[i] = this.#random.between(least, most) * 60
      }
      if (this.#left[i]! > 0)
        this.circuits[appliance.circuit]! += Math.round(appliance.watts * this.#random.between(0.99, 1.01))
    }
  }
}

function startsPerHour({ habits }: Appliance, hour: number): number {
  return habits.reduce((sum, [from, to, perHour]) => (hour >= from && hour < to ? sum + perHour : sum), 0)
}
