import type { Random } from '../../../core/random.ts'

/** What the house takes at each hour of the day without its larger appliances, W. */
const BASE: readonly number[] = [
  ...[210, 200, 195, 195, 200, 230, 340, 420, 390, 350, 330, 340],
  ...[380, 360, 330, 330, 370, 450, 560, 610, 580, 500, 380, 270],
]

interface Appliance {
  readonly watts: number
  readonly minutes: readonly [least: number, most: number]
  /** Hours between which it is used, and how often in that time. */
  readonly from: number
  readonly until: number
  readonly times: number
}

const APPLIANCES: readonly Appliance[] = [
  { watts: 2100, minutes: [3, 5], from: 6, until: 22, times: 5 }, // kettle
  { watts: 2600, minutes: [20, 50], from: 17, until: 20, times: 1.2 }, // oven
  { watts: 1500, minutes: [12, 30], from: 11, until: 14, times: 0.8 }, // hob
  { watts: 1900, minutes: [50, 90], from: 8, until: 18, times: 0.7 }, // washing
  { watts: 1300, minutes: [15, 45], from: 0, until: 24, times: 8 }, // heat pump
]

/** What a house takes. */
export class Household {
  readonly #random: Random
  readonly #left: number[] = APPLIANCES.map(() => 0)

  constructor(random: Random) {
    this.#random = random
  }

  /** Whole W, `seconds` later, at an hour of the day, 0 to 24. */
  step(hour: number, seconds: number): number {
    let watts = BASE[Math.floor(hour)]! + this.#random.int(40)
    for (const [i, { watts: own, minutes, from, until, times }] of APPLIANCES.entries()) {
      this.#left[i]! -= seconds
      const mayStart = this.#left[i]! <= 0 && hour >= from && hour < until
      if (mayStart && this.#random.chance((times * seconds) / ((until - from) * 3600))) {
        this.#left[i] = this.#random.between(...minutes) * 60
      }
      if (this.#left[i]! > 0) watts += own + this.#random.int(20)
    }
    return watts
  }
}
