import type { Clock } from '../core/clock.ts'

/** A rest that ends when its time is over or when somebody rings, whichever is first. */
export class Wake {
  readonly #clock: Clock
  #rung = false
  #resting: AbortController | undefined

  constructor(clock: Clock) {
    this.#clock = clock
  }

  /** Ends the rest at hand, or the next one before it begins. */
  ring(): void {
    this.#rung = true
    this.#resting?.abort()
  }

  /** Rests for so many ms at most; ends early also when `signal` aborts. */
  async rest(ms: number, signal: AbortSignal): Promise<void> {
    if (!this.#rung && !signal.aborted) {
      const resting = new AbortController()
      const abort = () => resting.abort()
      this.#resting = resting
      signal.addEventListener('abort', abort, { once: true })
      await this.#clock.sleep(ms, resting.signal).catch(() => {}) // rung, or over
      signal.removeEventListener('abort', abort)
    }
    this.#rung = false
  }
}
