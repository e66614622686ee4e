import type { Clock } from '../core/clock.ts'

/**
 * Time of a simulation: runs `speed` times as fast as a clock. It stands at `start`, Unix ms, until it is first asked, so
 * that what happens does not depend on how long the first visitor takes to come.
 */
export class FastClock implements Clock {
  readonly #clock: Clock
  readonly #start: number
  readonly #speed: number
  #epoch: number | undefined

  constructor(clock: Clock, start: number, speed: number) {
    this.#clock = clock
    this.#start = start
    this.#speed = speed
  }

  now(): number {
    this.#epoch ??= this.#clock.now()
    return Math.round(this.#start + (this.#clock.now() - this.#epoch) * this.#speed)
  }

  sleep(ms: number, signal: AbortSignal): Promise<void> {
    return this.#clock.sleep(ms / this.#speed, signal)
  }
}
