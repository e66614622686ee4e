import { type Clock, yieldToEvents } from './clock.ts'
import type { MonotonicClock } from './monotonic-clock.ts'
import { Sleepers } from './sleepers.ts'

/** After so many looks at pending events nobody has anything left to do but to sleep. */
const TURNS = 2

/**
 * Time for recordings and simulations that nobody wants to wait for: it stands still while somebody works, and leaps to where
 * the next sleeper wakes. Those who sleep until the same moment wake in the order in which they fell asleep.
 */
export class LeapingClock implements Clock, MonotonicClock {
  readonly #start: number
  #passed = 0
  readonly #sleepers = new Sleepers()
  #work: Promise<unknown> = Promise.resolve()
  #isRunning = false

  /** Begins at `start`, Unix ms. */
  constructor(start: number) {
    this.#start = start
  }

  now(): number {
    return this.#start + this.#passed
  }

  monotonic(): number {
    return this.#passed
  }

  /** Time stands still until this is settled, which does not sleep: bytes that have to be read. */
  during(work: Promise<unknown>): void {
    this.#work = Promise.allSettled([this.#work, work])
  }

  sleep(ms: number, signal: AbortSignal): Promise<void> {
    const slept = this.#sleepers.sleep(this.#passed + Math.max(0, ms), signal)
    if (!this.#isRunning) void this.#run()
    return slept
  }

  async #run(): Promise<void> {
    this.#isRunning = true
    while (this.#sleepers.count > 0) {
      await this.#rest()
      this.#passed = this.#sleepers.next ?? this.#passed
      this.#sleepers.wake()
    }
    this.#isRunning = false
  }

  /** Until everybody sleeps. */
  async #rest(): Promise<void> {
    let work: Promise<unknown>
    do {
      work = this.#work
      await work
      for (let turn = 0; turn < TURNS; turn++) await yieldToEvents()
    } while (work !== this.#work)
  }
}
