import type { ByteSource } from '../core/bytes.ts'

/** Why lines of a log did not become frames. */
export type Rejects = Record<string, number>

/** Cuts one log format into frames. It keeps nothing of the source between calls. */
export interface LogReader {
  /** What users call the format. */
  readonly format: string
  /** Lines or records read so far, also those that are no frames. */
  readonly lines: number
  /** What was passed over, by reason. */
  readonly rejects: Readonly<Rejects>
  /**
   * Reads the whole lines (or records) of `source[start, end)` and hands their frames on; gives where the unfinished
   * rest begins. The caller adds a line end to a last line that has none.
   */
  read(source: ByteSource, start: number, end: number): number
}

const LF = 10
const CR = 13

/** Index of the line end in `bytes[start, end)`, or -1. */
export function lineEnd(bytes: Uint8Array, start: number, end: number): number {
  const at = bytes.indexOf(LF, start)
  return at < 0 || at >= end ? -1 : at
}

/** Adds one to a reason's count. */
export function reject(rejects: Rejects, reason: string): void {
  rejects[reason] = (rejects[reason] ?? 0) + 1
}

/**
 * Takes the whole lines of `bytes[start, end)` one by one, without LF and CR; gives where the unfinished rest begins.
 * Where `take` gives a reason, the line is no frame and the reason is counted.
 */
export function takeLines(
  reader: { lines: number; readonly rejects: Rejects },
  bytes: Uint8Array,
  start: number,
  end: number,
  take: (start: number, end: number) => string | undefined,
): number {
  let at = start
  for (;;) {
    const stop = lineEnd(bytes, at, end)
    if (stop < 0) return at
    reader.lines++
    const problem = take(at, stop > at && bytes[stop - 1] === CR ? stop - 1 : stop)
    if (problem !== undefined) reject(reader.rejects, problem)
    at = stop + 1
  }
}
