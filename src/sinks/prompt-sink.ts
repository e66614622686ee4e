import type { Clock } from '../core/clock.ts'
import type { Reading } from '../core/reading.ts'
import { isDoneWithin } from './deadline.ts'
import type { Sink } from './sink.ts'

/** Readings that wait for a reader of the output who is slow. */
const WAITING = 10_000
/** So long the end of a run waits for that reader. */
const PATIENCE_MS = 2000

/**
 * Prints each reading as it comes, and never makes the source wait for whoever reads the output: readings wait in a
 * bounded queue, whose oldest are dropped and counted.
 */
export class PromptSink implements Sink {
  readonly #sink: Sink
  readonly #flush: () => Promise<void> | undefined
  readonly #clock: Clock
  readonly #waiting: Reading[] = []
  #dropped = 0
  #busy: Promise<void> | undefined

  /** `flush` sends on what `sink` has printed; its promise is of a reader who has not taken it yet. */
  constructor(sink: Sink, flush: () => Promise<void> | undefined, clock: Clock) {
    this.#sink = sink
    this.#flush = flush
    this.#clock = clock
  }

  write(reading: Reading): void {
    if (this.#busy === undefined) {
      this.#print(reading)
      return
    }
    if (this.#waiting.length >= WAITING) {
      this.#waiting.shift()
      this.#dropped++
    }
    this.#waiting.push(reading)
  }

  async close(): Promise<void> {
    await isDoneWithin(PATIENCE_MS, this.#drained(), this.#clock)
    this.#dropped += this.#waiting.length
    this.#waiting.length = 0
    if (this.#busy !== undefined) return
    await this.#sink.close()
    await this.#flush()
  }

  problems(): readonly string[] {
    return this.#dropped === 0 ? [] : [`${this.#dropped} readings not printed: nobody read the output fast enough`]
  }

  #print(reading: Reading): void {
    void this.#sink.write(reading)
    const waiting = this.#flush()
    if (waiting === undefined) return
    this.#busy = waiting.then(() => {
      this.#busy = undefined
      while (this.#busy === undefined && this.#waiting.length > 0) this.#print(this.#waiting.shift()!)
    })
  }

  async #drained(): Promise<void> {
    while (this.#busy !== undefined) await this.#busy
  }
}
