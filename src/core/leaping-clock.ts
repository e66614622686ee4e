import { type Clock, yieldToEvents } from './clock.ts'
import type { MonotonicClock } from './monotonic-clock.ts'

interface Sleeper {
  readonly until: number
  readonly wake: () => void
}

/** After so many looks at pending events nobody has anything left to do but to sleep. */
const TURNS = 2

/**
 * Time for recordings and simulations that nobody wants to wait for: it stands still while somebody works, and leaps to where
 * the next sleeper wakes. Those who sleep until the same moment wake in the order in which they fell asleep.
 */
export class LeapingClock implements Clock, MonotonicClock {
  readonly #start: number
  #passed = 0
  #sleepers: Sleeper[] = []
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
    return new Promise((resolve, reject) => {
      if (signal.aborted) {
        reject(signal.reason)
        return
      }
      const stopped = () => {
        this.#sleepers = this.#sleepers.filter(other => other !== sleeper)
        reject(signal.reason)
      }
      const wake = () => {
        signal.removeEventListener('abort', stopped)
        resolve()
      }
      const sleeper = { until: this.#passed + Math.max(0, ms), wake }
      signal.addEventListener('abort', stopped, { once: true })
      this.#insert(sleeper)
      if (!this.#isRunning) void this.#run()
    })
  }

  /** In the order of waking; there are never many. */
  #insert(sleeper: Sleeper): void {
    let at = this.#sleepers.length
    while (at > 0 && this.#sleepers[at - 1]!.until > sleeper.until) at--
    this.#sleepers.splice(at, 0, sleeper)
  }

  async #run(): Promise<void> {
    this.#isRunning = true
    while (this.#sleepers.length > 0) {
      await this.#rest()
      const next = this.#sleepers.shift()
      if (next === undefined) break
      this.#passed = next.until
      next.wake()
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
