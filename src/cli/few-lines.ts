import type { Clock } from '../core/clock.ts'

/** Lines in a window of time, unless more are wanted; ms. */
const MOST = 20
const WINDOW_MS = 60_000

/**
 * Says what may happen any number of times, such as strangers who connect: so many lines a minute, and how many were left
 * out with the next one.
 */
export class FewLines {
  /** Lines left out since the last one that was said. */
  #leftOut = 0
  readonly #say: (line: string) => void
  readonly #clock: Clock
  readonly #most: number
  #begun = Number.NEGATIVE_INFINITY
  #said = 0

  /** `most` lines a minute. */
  constructor(say: (line: string) => void, clock: Clock, most = MOST) {
    this.#say = say
    this.#clock = clock
    this.#most = most
  }

  add(line: string): void {
    const age = this.#clock.now() - this.#begun
    if (age >= WINDOW_MS || age < 0) {
      this.#begun = this.#clock.now()
      this.#said = 0
    }
    if (this.#said >= this.#most) {
      this.#leftOut++
      return
    }
    this.#said++
    this.end()
    this.#say(line)
  }

  /** Says how many lines were left out, if any. */
  end(): void {
    if (this.#leftOut > 0) this.#say(`${this.#leftOut} more lines like that left out`)
    this.#leftOut = 0
  }
}
