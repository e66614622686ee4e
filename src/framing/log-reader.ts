import type { ByteSource } from '../core/bytes.ts'
import type { FrameError } from '../core/errors.ts'
import { skipByteOrderMark } from './digits.ts'
import type { ReadableFormat } from './signatures.ts'

/** Reasons that are told apart: no log has more, unless it means harm. */
const MOST_REASONS = 32
const OTHER_REASON = 'for other reasons'

/** How much of a log has been read, and why parts of it did not become frames. */
export class LogTally {
  /** Lines or records read so far, also those that are no frames. */
  lines = 0
  /** How many were passed over, by reason. */
  readonly rejects: Record<string, number> = {}
  /** Where each reason came first: the number of the line, from 1; in a binary log the offset of the record in bytes. */
  readonly firstAt: Record<string, number> = {}

  /** Counts a line or record that was passed over. */
  reject(reason: string, at: number): void {
    const count = this.rejects[reason]
    if (count !== undefined) this.rejects[reason] = count + 1
    else if (Object.keys(this.rejects).length < MOST_REASONS || reason === OTHER_REASON) {
      this.rejects[reason] = 1
      this.firstAt[reason] = at
    } else this.reject(OTHER_REASON, at)
  }
}

interface Reader {
  readonly format: ReadableFormat
  readonly tally: LogTally
  /**
   * Takes what it can of `source[start, end)` and hands the frames on; gives where the rest begins, which comes again
   * with the next bytes. A frame is handed on while its bytes are at hand.
   */
  read(source: ByteSource, start: number, end: number): number
}

/** Cuts a log of lines into frames. The caller ends a last line that has no line end. */
export interface TextLogReader extends Reader {
  readonly kind: 'text'
}

/** Cuts a binary log into frames. It takes all the bytes that it is given and keeps those of an unfinished record. */
export interface BinaryLogReader extends Reader {
  readonly kind: 'binary'
  /** Why nothing more can be read, where that is so; says at which byte. */
  readonly damage: FrameError | undefined
  /** The bytes have ended: a log that is not complete is damaged. */
  end(): void
}

/** Cuts one log format into frames. */
export type LogReader = TextLogReader | BinaryLogReader

const LF = 10
const CR = 13

/** Index of the line end in `bytes[start, end)`, or -1. */
export function lineEnd(bytes: Uint8Array, start: number, end: number): number {
  const at = bytes.indexOf(LF, start)
  return at < 0 || at >= end ? -1 : at
}

/**
 * Takes the whole lines of `bytes[start, end)` one by one, without LF and CR, the first one of the log without a byte
 * order mark; gives where the unfinished rest begins.
 * Where `take` gives a reason, the line is no frame and the reason is counted.
 */
export function takeLines(
  tally: LogTally,
  bytes: Uint8Array,
  start: number,
  end: number,
  take: (start: number, end: number) => string | undefined,
): number {
  let at = start
  for (;;) {
    const stop = lineEnd(bytes, at, end)
    if (stop < 0) return at
    const from = tally.lines++ === 0 ? skipByteOrderMark(bytes, at, stop) : at
    const problem = take(from, stop > from && bytes[stop - 1] === CR ? stop - 1 : stop)
    if (problem !== undefined) tally.reject(problem, tally.lines)
    at = stop + 1
  }
}
