import { TransportError } from '../../core/errors.ts'

/** Lets one work at a time, in the order of asking; only so many may wait. */
export class Turns {
  readonly #bound: number
  readonly #queue: (() => void)[] = []
  #busy = false

  constructor(bound: number) {
    this.#bound = bound
  }

  /** Does `work` when its turn has come. Rejects when too many wait, or with the reason of `signal`. */
  async run<T>(work: () => Promise<T>, signal: AbortSignal): Promise<T> {
    if (this.#busy) await this.#wait(signal)
    this.#busy = true
    try {
      return await work()
    } finally {
      const next = this.#queue.shift()
      if (next === undefined) this.#busy = false
      else next()
    }
  }

  #wait(signal: AbortSignal): Promise<void> {
    signal.throwIfAborted()
    if (this.#queue.length >= this.#bound) {
      throw new TransportError(`${this.#bound} requests wait already`, { bound: this.#bound })
    }
    return new Promise((resolve, reject) => {
      const begin = () => {
        signal.removeEventListener('abort', stop)
        resolve()
      }
      const stop = () => {
        this.#queue.splice(this.#queue.indexOf(begin), 1)
        reject(signal.reason)
      }
      signal.addEventListener('abort', stop, { once: true })
      this.#queue.push(begin)
    })
  }
}
