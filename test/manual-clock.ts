import type { Clock } from '../src/core/clock.ts'
import type { MonotonicClock } from '../src/core/monotonic-clock.ts'
import { Sleepers } from '../src/core/sleepers.ts'

/** A clock that stands still until a test moves it; sleepers wake in order when their time has come. */
export class ManualClock implements Clock, MonotonicClock {
  #now: number
  readonly #sleepers = new Sleepers()
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
    return this.#sleepers.count
  }

  sleep(ms: number, signal: AbortSignal): Promise<void> {
    return this.#sleepers.sleep(this.#now + ms, signal)
  }

  /** Lets so much time pass; whoever wakes may fall asleep again and wake within the same time. */
  async advance(ms: number): Promise<void> {
    const end = this.#now + ms
    for (;;) {
      await settled()
      const { next } = this.#sleepers
      if (next === undefined || next > end) break
      this.#now = Math.max(this.#now, next)
      this.#sleepers.wake()
    }
    this.#now = end
    await settled()
  }
}

/** Lets everything run that has nothing to wait for, also what comes after a look at pending events. */
async function settled(): Promise<void> {
  for (let turn = 0; turn < 2; turn++) await new Promise(resolve => setImmediate(resolve))
}
