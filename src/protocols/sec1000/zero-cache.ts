/** A query: when, in Unix seconds, and what power the inverters had, in kW, as the controller said it. */
export type Query = readonly [at: number, kw: number]

export interface ZeroRule {
  /** Queries that are remembered; with 0 nothing is ever replaced. */
  readonly size: number
  /** So long after the last query, in seconds, all are forgotten. */
  readonly maxAge: number
  /** Only a value that is younger than `maxAge` itself takes the place of a 0. */
  readonly freshOnly: boolean
}

/** The rule of the original program, and ours unless the user says otherwise: ten queries, twenty minutes. */
export const ORIGINAL_RULE: ZeroRule = { size: 10, maxAge: 1200, freshOnly: false }

/**
 * Hides that controllers say now and then that the inverters have no power, for one refresh, while production goes on:
 * in place of a 0 stands the last power that was not 0. What is remembered is what the controller said, zeros too, so
 * that the zero is believed after as many zeros as queries are remembered. Source: docs/protocols/sec1000.md.
 */
export class ZeroCache {
  readonly #rule: ZeroRule
  #queries: readonly Query[]

  constructor(rule: ZeroRule, queries: readonly Query[] = []) {
    this.#rule = rule
    this.#queries = last(queries, rule.size)
  }

  /** The oldest first. */
  get queries(): readonly Query[] {
    return this.#queries
  }

  /** Takes what the controller said, `raw` in kW at `at` in Unix seconds; gives what is to be believed. */
  take(raw: number, at: number): number {
    const { size, maxAge } = this.#rule
    const before = this.#queries.at(-1)
    if (before !== undefined && at - before[0] > maxAge) this.#queries = []
    const believed = raw === 0 ? this.#lastPower(at) : raw
    this.#queries = last([...this.#queries, [at, raw]], size)
    return believed
  }

  #lastPower(now: number): number {
    const { maxAge, freshOnly } = this.#rule
    const found = this.#queries.findLast(([at, kw]) => kw !== 0 && !(freshOnly && now - at > maxAge))
    return found?.[1] ?? 0
  }
}

function last<T>(list: readonly T[], count: number): readonly T[] {
  return count === 0 ? [] : list.slice(-count)
}
