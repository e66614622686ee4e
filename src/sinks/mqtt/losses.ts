/** Counts what did not reach the broker, by reason. */
export class Losses {
  readonly #counts = new Map<string, number>()

  /** Whether it is the first of its kind. */
  add(reason: string): boolean {
    const count = this.#counts.get(reason) ?? 0
    this.#counts.set(reason, count + 1)
    return count === 0
  }

  set(reason: string, count: number): void {
    if (count > 0) this.#counts.set(reason, count)
  }

  /** `12 messages dropped: the broker was away too long`. */
  get lines(): readonly string[] {
    return [...this.#counts].map(([reason, count]) => `${count} ${count === 1 ? 'message' : 'messages'} ${reason}`)
  }
}
