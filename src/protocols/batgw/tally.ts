/** How often what happened, by reason. Reasons are a few fixed texts, never what came off the wire. */
export class Tally {
  readonly #counts = new Map<string, number>()

  add(reason: string, count = 1): void {
    this.#counts.set(reason, (this.#counts.get(reason) ?? 0) + count)
  }

  get counts(): ReadonlyMap<string, number> {
    return this.#counts
  }
}
