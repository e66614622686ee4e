/** Drops repeats of a key within a window of time. */
export interface Repeats {
  /** Whether a message with this key at this time (ms) is to be dropped. */
  drops(key: string, ms: number): boolean
  /** Windows open now, opened, expired, and messages dropped. */
  readonly tally: { readonly list: number; readonly add: number; readonly del: number; readonly dup: number }
}

/** More open windows than any bus has kinds of messages; beyond it the oldest ones are given up. */
const MAX_WINDOWS = 1 << 20

/** The first message opens a window, repeats are dropped while it is open, the next one opens a new window. */
export class ExactRepeats implements Repeats {
  readonly #windowMs: number
  /** Opening times by key, oldest first: a key that opens anew goes to the end. */
  readonly #opened = new Map<string, number>()
  #add = 0
  #del = 0
  #dup = 0

  constructor(windowMs: number) {
    this.#windowMs = windowMs
  }

  get tally() {
    return { list: this.#opened.size, add: this.#add, del: this.#del, dup: this.#dup }
  }

  drops(key: string, ms: number): boolean {
    this.#expire(ms)
    if (this.#opened.has(key)) {
      this.#dup++
      return true
    }
    this.#opened.set(key, ms)
    this.#add++
    return false
  }

  #expire(ms: number): void {
    for (const [key, opened] of this.#opened) {
      if (ms - opened <= this.#windowMs && this.#opened.size < MAX_WINDOWS) return
      this.#opened.delete(key)
      this.#del++
    }
  }
}

/**
 * The original's windows: expired ones are taken off the front of one list for all keys, and a check that takes off
 * its own key's stops there and still drops the message. So a key alone on the bus loses its first repeat after expiry.
 */
export class CompatibleRepeats implements Repeats {
  readonly #windowMs: number
  readonly #opened = new Map<string, number>()
  #add = 0
  #del = 0
  #dup = 0

  constructor(windowMs: number) {
    this.#windowMs = windowMs
  }

  get tally() {
    return { list: this.#opened.size, add: this.#add, del: this.#del, dup: this.#dup }
  }

  drops(key: string, ms: number): boolean {
    for (const [other, opened] of this.#opened) {
      if (ms - opened <= this.#windowMs) break
      this.#opened.delete(other)
      this.#del++
      if (other === key) {
        this.#dup++
        return true
      }
    }
    if (this.#opened.has(key)) {
      this.#dup++
      return true
    }
    this.#opened.set(key, ms)
    this.#add++
    return false
  }
}
