import type { Io } from './io.ts'

/** Lines for the user, each when something changes: what goes on for days is said once. */
export class Notes {
  readonly #io: Io
  readonly #said = new Map<string, string>()

  constructor(io: Io) {
    this.#io = io
  }

  /** One line. */
  say(text: string): void {
    this.#io.err.write(`wattzup: ${text}\n`)
  }

  /** One line on a topic, unless the last one there had the same `key`. */
  change(topic: string, key: string, text: string): void {
    if (this.#said.get(topic) === key) return
    this.#said.set(topic, key)
    this.say(text)
  }

  /** There is nothing to be said on a topic any more. */
  clear(topic: string): void {
    this.#said.delete(topic)
  }
}
