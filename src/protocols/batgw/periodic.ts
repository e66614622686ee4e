/** Something that is due at a start, or a period after it, and then every period: without drift. Times are monotonic ms. */
export class Periodic {
  readonly #periodMs: number
  #start = 0
  #count = Number.POSITIVE_INFINITY

  constructor(periodMs: number) {
    this.#periodMs = periodMs
  }

  /** Counts from `at` on; the first time is `first` periods later. */
  start(at: number, first: 0 | 1 = 1): void {
    this.#start = at
    this.#count = first
  }

  stop(): void {
    this.#count = Number.POSITIVE_INFINITY
  }

  /** When it is due next; infinity where it was not started. */
  get due(): number {
    return this.#start + this.#count * this.#periodMs
  }

  /** Whether it is due, and if so not again before the next multiple of the period: what was missed is not made up for. */
  take(at: number): boolean {
    if (at < this.due) return false
    this.#count = Math.max(this.#count, Math.floor((at - this.#start) / this.#periodMs)) + 1
    return true
  }
}
