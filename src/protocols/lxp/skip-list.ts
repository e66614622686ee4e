import type { Clock } from '../../core/clock.ts'

/** So long something is left out before it gets another chance. */
const SKIP_MS = 600_000

/** What went wrong so often in a row that it is left out for a while. */
export class SkipList {
  readonly #clock: Clock
  readonly #failures = new Map<string, { count: number; until: number }>()

  constructor(clock: Clock) {
    this.#clock = clock
  }

  has(key: string): boolean {
    const until = this.#failures.get(key)?.until ?? 0
    return this.#clock.now() < until
  }

  /** Notes a failure; whether it was one too many, so that `key` is left out from now on. */
  failed(key: string, allowed: number): boolean {
    const count = (this.#failures.get(key)?.count ?? 0) + 1
    const isOver = count > allowed
    this.#failures.set(key, { count, until: isOver ? this.#clock.now() + SKIP_MS : 0 })
    return isOver
  }

  succeeded(key: string): void {
    this.#failures.delete(key)
  }
}
