interface Sleeper {
  readonly until: number
  readonly wake: () => void
}

/** Those who sleep by a clock that is moved, in the order in which they wake: by time, then as they fell asleep. */
export class Sleepers {
  readonly #sleepers: Sleeper[] = []

  get count(): number {
    return this.#sleepers.length
  }

  /** When the next one wakes; undefined where nobody sleeps. */
  get next(): number | undefined {
    return this.#sleepers[0]?.until
  }

  /** Ends when it is woken, or rejects with the signal's reason when that aborts first. */
  sleep(until: number, signal: AbortSignal): Promise<void> {
    return new Promise((resolve, reject) => {
      if (signal.aborted) {
        reject(signal.reason)
        return
      }
      const stopped = () => {
        this.#sleepers.splice(this.#sleepers.indexOf(sleeper), 1)
        reject(signal.reason)
      }
      const wake = () => {
        signal.removeEventListener('abort', stopped)
        resolve()
      }
      const sleeper = { until, wake }
      signal.addEventListener('abort', stopped, { once: true })
      this.#insert(sleeper)
    })
  }

  /** Wakes the next one. */
  wake(): void {
    this.#sleepers.shift()?.wake()
  }

  /** There are never many. */
  #insert(sleeper: Sleeper): void {
    let at = this.#sleepers.length
    while (at > 0 && this.#sleepers[at - 1]!.until > sleeper.until) at--
    this.#sleepers.splice(at, 0, sleeper)
  }
}
