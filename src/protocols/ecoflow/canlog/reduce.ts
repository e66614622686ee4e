/** Windows open now, opened, expired, and messages dropped. */
export interface RepeatTally {
  readonly list: number
  readonly add: number
  readonly del: number
  readonly dup: number
}

/** More open windows than any bus has kinds of messages; beyond it the oldest ones are given up. */
const MAX_WINDOWS = 1 << 20

/**
 * Drops repeats of a key within a window of time: the first message opens one, the next after its end another.
 *
 * The original takes expired windows off the front of one list for all keys, and a check that takes off its own key's
 * stops there and still drops the message: a key alone on the bus loses its first repeat after expiry. `compat` brings
 * that back.
 */
export class Repeats {
  readonly #windowMs: number
  readonly #compat: boolean
  /** Opening times by key, oldest first: a key that opens anew goes to the end. */
  readonly #opened = new Map<string, number>()
  #add = 0
  #del = 0
  #dup = 0

  constructor(windowMs: number, compat: boolean) {
    this.#windowMs = windowMs
    this.#compat = compat
  }

  get tally(): RepeatTally {
    return { list: this.#opened.size, add: this.#add, del: this.#del, dup: this.#dup }
  }

  /** Whether a message with this key at this time (ms) is to be dropped. */
  drops(key: string, ms: number): boolean {
    const ownExpired = this.#expire(key, ms)
    if (this.#opened.has(key) || (ownExpired && this.#compat)) {
      this.#dup++
      return true
    }
    this.#opened.set(key, ms)
    this.#add++
    return false
  }

  /** Closes the windows that have ended; gives whether the key's own was among them. */
  #expire(key: string, ms: number): boolean {
    for (const [other, opened] of this.#opened) {
      if (ms - opened <= this.#windowMs && this.#opened.size < MAX_WINDOWS) return false
      this.#opened.delete(other)
      this.#del++
      if (other === key && this.#compat) return true
    }
    return false
  }
}
