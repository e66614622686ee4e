import type { Clock } from '../core/clock.ts'

/** Nobody waits longer for the next packet, ms: rather the clock of the recording was set in between. */
const LONGEST = 3_600_000

/** Packets of a recording as far apart as they were when they came. */
export class Pace {
  readonly #clock: Clock
  #last: number | undefined
  #due = 0

  constructor(clock: Clock) {
    this.#clock = clock
  }

  /** Waits for the turn of a packet of the time `at`, Unix ms; rejects with the reason of `signal`. */
  async wait(at: number, signal: AbortSignal): Promise<void> {
    if (Number.isNaN(at)) return
    const now = this.#clock.now()
    const distance = at - (this.#last ?? at)
    this.#due = this.#last === undefined ? now : this.#due + (distance <= LONGEST ? Math.max(distance, 0) : 0)
    this.#last = at
    if (this.#due > now) await this.#clock.sleep(this.#due - now, signal)
  }
}
