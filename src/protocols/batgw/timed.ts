/** So old a value does not count any more, ms; one number for all values, kept for each value and source by itself. */
export const MAX_AGE_MS = 10_000

/** A value, and when it was heard: monotonic ms. */
export interface Heard<T> {
  readonly value: T
  readonly at: number
}

/** Keeps what was heard last. */
export class Timed<T> {
  #heard: Heard<T> | undefined

  set(value: T, at: number): void {
    this.#heard = { value, at }
  }

  /** What was heard, unless nothing ever was or it is 10.0 s old. */
  heard(at: number): Heard<T> | undefined {
    const age = at - (this.#heard?.at ?? Number.NaN)
    return age >= 0 && age < MAX_AGE_MS ? this.#heard : undefined
  }

  fresh(at: number): T | undefined {
    return this.heard(at)?.value
  }

  /** As if nothing had ever been heard. */
  expire(): void {
    this.#heard = undefined
  }
}
