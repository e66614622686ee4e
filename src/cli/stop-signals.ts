import type { MonotonicClock } from '../core/monotonic-clock.ts'

type StopSignal = 'SIGINT' | 'SIGTERM' | 'SIGHUP'

/** What is used of the process. */
export interface SignalHost {
  readonly pid: number
  on(signal: StopSignal, listener: (signal: StopSignal) => void): unknown
  removeListener(signal: StopSignal, listener: (signal: StopSignal) => void): unknown
  kill(pid: number, signal: StopSignal): unknown
}

/** One signal may come twice, as `timeout` sends it to a program and then to its group: so soon after the first it is no second, ms. */
const SAME_MS = 250

/** What the user's signals mean to a run: the first one to stop in good order, the second one to end at once. */
export class StopSignals {
  readonly #host: SignalHost
  readonly #clock: MonotonicClock
  readonly #stop = new AbortController()
  #hurry: AbortController | undefined
  #stoppedAt = 0
  /** The one that was in a hurry. */
  #second: StopSignal | undefined

  constructor(host: SignalHost, clock: MonotonicClock) {
    this.#host = host
    this.#clock = clock
    host.on('SIGINT', this.#take)
    host.on('SIGTERM', this.#take)
  }

  get stop(): AbortSignal {
    return this.#stop.signal
  }

  /** From now on the second signal aborts this, and is not the system's affair. */
  hurry(): AbortSignal {
    this.#hurry ??= new AbortController()
    return this.#hurry.signal
  }

  /** The end of the terminal is a signal like the others, but never the second one: it often comes twice. */
  takeHangUp(): void {
    this.#host.on('SIGHUP', this.#take)
  }

  /** A run that was in a hurry ends by that signal, as those do that were not asked: shells show 130 for SIGINT. */
  finish(): void {
    if (this.#second !== undefined) this.#host.kill(this.#host.pid, this.#second)
  }

  readonly #take = (signal: StopSignal): void => {
    const hurry = this.#hurry
    if (!this.#stop.signal.aborted) {
      this.#stoppedAt = this.#clock.monotonic()
      this.#stop.abort()
      // the next SIGINT ends the program even when output is stuck
      if (hurry === undefined) this.#host.removeListener('SIGINT', this.#take)
    } else if (hurry !== undefined && this.#isAnother(signal)) {
      this.#second = signal
      for (const name of ['SIGINT', 'SIGTERM'] as const) this.#host.removeListener(name, this.#take)
      hurry.abort()
    }
  }

  #isAnother(signal: StopSignal): boolean {
    return signal !== 'SIGHUP' && this.#clock.monotonic() - this.#stoppedAt >= SAME_MS
  }
}
