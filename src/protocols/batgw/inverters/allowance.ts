/** So many answers may follow each other at once; after that one comes back with every interval, ms. */
const BURST = 20
const INTERVAL_MS = 100

/** Keeps whoever asks without end from being answered without end. Times are monotonic ms. */
export class Allowance {
  #left = BURST
  #at = Number.NEGATIVE_INFINITY

  /** Whether there may be another answer now; if so it counts. */
  take(at: number): boolean {
    this.#left = Math.min(BURST, this.#left + (at - this.#at) / INTERVAL_MS)
    this.#at = at
    if (this.#left < 1) return false
    this.#left--
    return true
  }
}
