import type { Reading } from '../core/reading.ts'
import type { Sink } from './sink.ts'

/** Every reading to every sink. */
export class FanOut implements Sink {
  readonly #sinks: readonly Sink[]

  constructor(sinks: readonly Sink[]) {
    this.#sinks = sinks
  }

  write(reading: Reading): void | Promise<void> {
    const waiting = this.#sinks.map(sink => sink.write(reading)).filter(answer => answer !== undefined)
    if (waiting.length > 0) return Promise.all(waiting).then(() => {})
  }

  async close(): Promise<void> {
    await Promise.all(this.#sinks.map(sink => sink.close()))
  }

  problems(): readonly string[] {
    return this.#sinks.flatMap(sink => sink.problems?.() ?? [])
  }
}
