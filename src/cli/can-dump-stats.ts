import type { Clock } from '../core/clock.ts'
import type { BusTally } from './can-bus-tally.ts'

/** Tells what the buses carry, every so often and in the end. */
export class DumpStats {
  readonly #tallies: readonly BusTally[]
  readonly #bitRate: number
  readonly #say: (line: string) => void
  readonly #clock: Clock
  readonly #begun: number

  /** `bitRate` in bit/s, for the load. */
  constructor(tallies: readonly BusTally[], bitRate: number, say: (line: string) => void, clock: Clock) {
    this.#tallies = tallies
    this.#bitRate = bitRate
    this.#say = say
    this.#clock = clock
    this.#begun = clock.now()
  }

  /** Says it every so many seconds, until `signal` aborts. */
  async every(seconds: number, signal: AbortSignal): Promise<void> {
    let last = this.#begun
    for (;;) {
      await this.#clock.sleep(seconds * 1000, signal).catch(() => {}) // it is looked at next
      if (signal.aborted) return
      const now = this.#clock.now()
      for (const tally of this.#tallies) this.#say(tally.lately((now - last) / 1000, this.#bitRate))
      last = now
    }
  }

  /** Says it of the whole run. */
  end(): void {
    const seconds = (this.#clock.now() - this.#begun) / 1000
    for (const tally of this.#tallies) this.#say(tally.inAll(seconds, this.#bitRate))
  }
}
