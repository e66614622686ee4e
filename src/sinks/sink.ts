import type { Reading } from '../core/reading.ts'

/** A place where readings go. It knows nothing of devices: what it needs stands in the reading's fields. */
export interface Sink {
  /** Takes a reading; gives a promise only when it cannot keep up, and the pipeline then waits. */
  write(reading: Reading): void | Promise<void>
  /** Writes out what is pending, for a bounded time. */
  close(): void | Promise<void>
  /** What did not reach its place, in lines for the end of a run; none when all did. */
  problems?(): readonly string[]
}
