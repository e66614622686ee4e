import type { Random } from '../../../core/random.ts'

/** Hours of sun on a day in the middle of each month, at 45 degrees north. */
const SUN_HOURS: readonly number[] = [9.1, 10.4, 11.9, 13.5, 14.9, 15.6, 15.3, 14.1, 12.5, 11, 9.5, 8.8]
const NOON = 12
/** Share of the panels' power that a clear winter noon gives; summer gives all. */
const WINTER = 0.45
const [SHORTEST, LONGEST] = [8.8, 15.6]

/** Chance per hour that a cloud comes, and how long it stays, in seconds. */
const CLOUDS_PER_HOUR = 1.4
const CLOUD_SECONDS = [60, 1200] as const
/** A cloud's edge passes in about so many seconds. */
const EDGE_SECONDS = 30

/** Sun and clouds over one roof. Plain arithmetic only, so that it is the same on every machine. */
export class Weather {
  readonly #random: Random
  /** Share of the light that the day's haze and the passing cloud let through. */
  #haze = 1
  #through = 1
  #target = 1
  #cloudLeft = 0

  constructor(random: Random) {
    this.#random = random
    this.newDay()
  }

  newDay(): void {
    this.#haze = this.#random.chance(0.3) ? this.#random.between(0.35, 0.8) : this.#random.between(0.88, 1)
  }

  /** Light on the panels, 0 to 1, `seconds` later: at an hour of the day, 0 to 24, of a month, 0 to 11. */
  step(month: number, hour: number, seconds: number): number {
    this.#cloudLeft -= seconds
    if (this.#cloudLeft <= 0) {
      this.#target = 1
      if (this.#random.chance((CLOUDS_PER_HOUR * seconds) / 3600)) {
        this.#cloudLeft = this.#random.between(...CLOUD_SECONDS)
        this.#target = this.#random.between(0.2, 0.75)
      }
    }
    this.#through += (this.#target - this.#through) * Math.min(1, seconds / EDGE_SECONDS)
    return clearLight(month, hour) * this.#haze * this.#through
  }
}

/** Light without clouds. */
function clearLight(month: number, hour: number): number {
  const hours = SUN_HOURS[month]!
  const share = (hour - NOON) / hours + 0.5
  if (share <= 0 || share >= 1) return 0
  const height = 4 * share * (1 - share)
  const season = WINTER + ((1 - WINTER) * (hours - SHORTEST)) / (LONGEST - SHORTEST)
  return season * height * Math.sqrt(height) // low sun: more air, flatter angle
}
