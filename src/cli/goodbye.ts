import type { Clock } from '../core/clock.ts'
import { isDoneWithin } from '../sinks/deadline.ts'

/** What has to be closed at the end of a run: all at once, and soon. One that hangs holds up neither the others nor the end. */
export class Goodbye implements AsyncDisposable {
  readonly #ms: number
  readonly #clock: Clock
  readonly #failed: (error: unknown) => void
  #closings: (() => Promise<unknown>)[] = []

  /** Nothing is waited for longer than `ms`; `failed` is told of each that cannot be closed. */
  constructor(ms: number, clock: Clock, failed: (error: unknown) => void) {
    this.#ms = ms
    this.#clock = clock
    this.#failed = failed
  }

  add(close: () => Promise<unknown>): void {
    this.#closings.push(close)
  }

  /** Has it disposed of at the end. */
  use<T extends AsyncDisposable>(resource: T): T {
    this.add(async () => resource[Symbol.asyncDispose]())
    return resource
  }

  /** Closes what has been added so far; once. */
  async close(): Promise<void> {
    const closings = this.#closings
    this.#closings = []
    const closed = closings.map(close => close().catch(this.#failed))
    await isDoneWithin(this.#ms, Promise.all(closed), this.#clock)
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close()
  }
}
