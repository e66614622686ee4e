import type { Clock } from '../src/core/clock.ts'
import type { MonotonicClock } from '../src/core/monotonic-clock.ts'

interface Sleeper {
  readonly until: number
  readonly wake: () => void
}

/** A clock that stands still until a test moves it; sleepers wake in order when their time has come. */
export class ManualClock implements Clock, MonotonicClock {
  #now: number
  #sleepers: Sleeper[] = []
  readonly #begin: number

  constructor(now = Date.UTC(2026, 2, 1, 10, 0, 0)) {
    this.#now = now
    this.#begin = now
  }

  now(): number {
    return this.#now
  }

  monotonic(): number {
    return this.#now - this.#begin
  }

  /** How many are asleep. */
  get sleeping(): number {
    return this.#sleepers.length
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
      const sleeper = { until: this.#now + ms, wake }
      signal.addEventListener('abort', stopped, { once: true })
      this.#sleepers.push(sleeper)
    })
  }

  /** Lets so much time pass; whoever wakes may fall asleep again and wake within the same time. */
  async advance(ms: number): Promise<void> {
    const end = this.#now + ms
    for (;;) {
      await settled()
      const next = this.#sleepers.filter(({ until }) => until <= end).sort((a, b) => a.until - b.until)[0]
      if (next === undefined) break
      this.#now = Math.max(this.#now, next.until)
      this.#sleepers = this.#sleepers.filter(other => other !== next)
      next.wake()
    }
    this.#now = end
    await settled()
  }
}

/** Lets everything run that has nothing to wait for, also what comes after a look at pending events. */
async function settled(): Promise<void> {
  for (let turn = 0; turn < 2; turn++) await new Promise(resolve => setImmediate(resolve))
}
