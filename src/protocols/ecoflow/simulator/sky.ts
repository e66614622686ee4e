import type { Random } from '../../../core/random.ts'

/** A day in microseconds, the simulator's unit of time; instants are Unix microseconds. */
export const DAY_US = 86_400_000_000

const TURN = 2 * Math.PI
/** The spring equinox of 2026 in days since 1970; the seasons follow from it. */
const EQUINOX = 20_532.61
const YEAR_DAYS = 365.2422
const OBLIQUITY_SINE = 0.39777
/** Sine and cosine of 45° north. */
const LATITUDE = Math.SQRT1_2

/** Hour of the day, 0 to 24; the simulated home lies on the Greenwich meridian. */
export function hourOf(at: number): number {
  return ((at % DAY_US) / DAY_US) * 24
}

/** Sine of the sun's elevation at 45° north; negative at night. */
export function sunHeight(at: number): number {
  const days = at / DAY_US
  const sine = OBLIQUITY_SINE * Math.sin((TURN * (days - EQUINOX)) / YEAR_DAYS)
  const cosine = Math.sqrt(1 - sine * sine)
  return LATITUDE * (sine + cosine * Math.cos(TURN * (days - Math.floor(days) - 0.5)))
}

/** What clouds may let through, most likely first. */
const WEATHER: readonly number[] = [1, 1, 0.97, 0.9, 0.75, 0.5, 0.3]
const CLOUD_EDGE_S = 45

/** The sun behind passing clouds. */
export class Sky {
  /** Light on the panels, 0 at night to nearly 1 at a summer noon. */
  light = 0
  readonly #random: Random
  #through = 0.95
  #target = 0.95
  #left = 0

  constructor(random: Random) {
    this.#random = random
  }

  /** Advances to `at`, which is `seconds` later than before. */
  step(at: number, seconds: number): void {
    this.#left -= seconds
    if (this.#left <= 0) {
      this.#left = this.#random.between(120, 2400)
      this.#target = this.#random.pick(WEATHER)
    }
    this.#through += (this.#target - this.#through) * Math.min(1, seconds / CLOUD_EDGE_S)
    const height = Math.max(0, sunHeight(at))
    this.light = height * Math.sqrt(height) * this.#through // low sun: more air, flatter angle
  }
}
