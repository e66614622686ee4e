import { TimeoutError } from '../core/errors.ts'
import type { Io } from './io.ts'

/** Limits of a run: how many, how long, and how long without any answer; seconds. */
export interface Bounds {
  readonly count?: number
  readonly duration?: number
  readonly timeout?: number
}

/** Ends a run when the user stops it or a limit is reached. */
export class RunBounds {
  /** Aborts when the run is to end: sources stop, sinks drain. */
  readonly signal: AbortSignal
  /** The time was up before anything came. */
  timedOut: TimeoutError | undefined
  readonly #stop = new AbortController()
  readonly #bounds: Bounds
  /** More came than were wanted. */
  full = false
  /** The run ends because nobody reads its output. */
  unread = false
  #count = 0
  #answered = false

  constructor(io: Io, bounds: Bounds) {
    this.#bounds = bounds
    this.signal = AbortSignal.any([io.signal, this.#stop.signal])
    this.#after(io, bounds.timeout, seconds => {
      if (this.#answered) return
      this.timedOut = new TimeoutError(`nothing came within ${seconds} s`, { seconds })
      this.stop()
    })
    this.#after(io, bounds.duration, () => this.stop())
  }

  /** A device has been heard. */
  answered(): void {
    this.#answered = true
  }

  /** Counts one more of what `--count` counts; false when there were enough before. */
  take(): boolean {
    this.#answered = true
    this.full = this.#count === this.#bounds.count
    if (this.full) return false
    this.#count++
    if (this.#count === this.#bounds.count) this.stop()
    return true
  }

  /** Ends the run: the reader of its output has gone. */
  readerGone(): void {
    this.unread = true
    this.stop()
  }

  stop(): void {
    this.#stop.abort(new Error('the run is over'))
  }

  #after(io: Io, seconds: number | undefined, run: (seconds: number) => void): void {
    if (seconds === undefined) return
    io.clock.sleep(seconds * 1000, this.signal).then(
      () => run(seconds),
      () => {}, // it is over already
    )
  }
}
