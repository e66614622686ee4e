import type { TopicValue } from '../protocols/batgw/topics.ts'

/** A value is published at most so often, ms. */
const LEAST_MS = 10_000
/** What has not been heard for so long is not repeated, ms. */
const OLD_MS = 60_000

interface Entry {
  payload: string
  heardAt: number
  publishedAt: number
}

/** The values that are known, by topic, and which of them are to be published when. Times are monotonic ms. */
export class TopicBoard {
  readonly #entries = new Map<string, Entry>()

  /** Takes a value; tells whether it has changed, and is to be published now. */
  set([topic, payload]: TopicValue, at: number): boolean {
    const entry = this.#entries.get(topic)
    if (entry === undefined) {
      this.#entries.set(topic, { payload, heardAt: at, publishedAt: at })
      return true
    }
    const isNews = payload !== entry.payload && at - entry.publishedAt >= LEAST_MS
    entry.payload = payload
    entry.heardAt = at
    if (isNews) entry.publishedAt = at
    return isNews
  }

  /** All that has been heard of late. */
  known(at: number): TopicValue[] {
    return [...this.#entries].flatMap(([topic, { payload, heardAt }]) =>
      at - heardAt < OLD_MS ? [[topic, payload] as const] : [],
    )
  }
}
