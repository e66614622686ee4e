import { Allowance } from './allowance.ts'

/** So long without a word an inverter is gone, and so old a word may be that is answered late, ms. */
const SILENCE_MS = 60_000

/** Whether an inverter is there, and when it has to be greeted. Times are monotonic ms. */
export class Session {
  #heard = Number.NEGATIVE_INFINITY
  #asks = false
  #open = false
  readonly #greetings = new Allowance()

  /** The inverter said something; `asks`: it wants to be greeted, also if it was before. */
  hear(at: number, asks: boolean): void {
    this.#heard = at
    this.#asks ||= asks
  }

  /** The greeting did not get through. */
  again(): void {
    this.#asks = this.#open
  }

  get open(): boolean {
    return this.#open
  }

  /** What to do at `at`: nothing, greet, or go on. The first greeting waits until the battery runs. */
  step(running: boolean, at: number): 'silent' | 'greet' | 'go on' {
    if (at - this.#heard >= SILENCE_MS) {
      this.#open = false
      this.#asks = false
      return 'silent'
    }
    if (!this.#open && !running) return 'silent'
    const wanted = !this.#open || this.#asks
    if (!wanted || !this.#greetings.take(at)) return this.#open ? 'go on' : 'silent'
    this.#open = true
    this.#asks = false
    return 'greet'
  }
}
