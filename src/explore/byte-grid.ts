import { type CellBudget, StreamStats } from './byte-stats.ts'
import { type StreamSummary, summarize } from './byte-summary.ts'

/** Bounds on the memory of a grid. */
export interface GridLimits {
  /** Streams that get rows; messages of further ones are only counted. */
  readonly streams: number
  /** Bytes of a payload to look at, at most 65536; the rest of a longer one is left out and counted. */
  readonly payloadBytes: number
  /** Rows of all streams together; a row takes about 240 bytes of memory. */
  readonly rows: number
}

/** 4096 streams, 1024 bytes of a payload, 262144 rows (60 MB). */
export const DEFAULT_LIMITS: GridLimits = { streams: 4096, payloadBytes: 1024, rows: 262_144 }

/** Statistics of payload bytes by stream: fed message by message, read as one summary per stream. */
export class ByteGrid {
  readonly limits: GridLimits
  /** Messages of streams for which there was no room. */
  untracked = 0
  readonly #streams = new Map<string, StreamStats>()
  readonly #budget: CellBudget

  constructor(limits: Partial<GridLimits> = {}) {
    this.limits = { ...DEFAULT_LIMITS, ...limits }
    this.#budget = { left: this.limits.rows }
  }

  /**
   * Takes in one message, bytes `[start, end)` of `payload`; ends outside of it are moved to its own. The bytes are
   * not kept. Allocates only for a new stream, or a payload longer than any of its stream before.
   */
  add(stream: string, payload: Uint8Array, start: number, end: number): void {
    const stats = this.#streams.get(stream) ?? this.#create(stream)
    if (stats === undefined) this.untracked++
    else stats.add(payload, Math.max(0, start), Math.min(end, payload.length))
  }

  /** Number of streams that have rows. */
  get size(): number {
    return this.#streams.size
  }

  /** Yields a summary per stream, in the order of their first messages; made one at a time, for they are large. */
  *summaries(): Generator<StreamSummary> {
    for (const stats of this.#streams.values()) yield summarize(stats)
  }

  #create(name: string): StreamStats | undefined {
    if (this.#streams.size >= this.limits.streams || this.#budget.left <= 0) return undefined
    const stats = new StreamStats(name, this.limits.payloadBytes, this.#budget)
    this.#streams.set(name, stats)
    return stats
  }
}
