import { UsageError } from '../core/errors.ts'

const ISO = /^\d{4}-\d\d-\d\d(T\d\d:\d\d(:\d\d(\.\d+)?)?(Z|[+-]\d\d:\d\d)?)?$/

/**
 * Unix ms of `--start`: ISO 8601, Unix seconds, or `now`, which is `now`. A time without a zone is UTC, so that a command
 * means the same everywhere. Throws `UsageError`, which shows `example`.
 */
export function parseStart(text: string, now: number, example: string): number {
  if (text === 'now') return now
  if (/^\d+(\.\d+)?$/.test(text)) return Math.round(Number(text) * 1000)
  const [, time, , , zone] = ISO.exec(text) ?? []
  const ms = ISO.test(text) ? Date.parse(time !== undefined && zone === undefined ? `${text}Z` : text) : Number.NaN
  if (ms >= 0) return ms
  throw new UsageError(`--start: ${text} is no time; write it like ${example}, or now`, { start: text })
}
