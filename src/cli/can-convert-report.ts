import { BLANK } from '../framing/line-reader.ts'
import type { LogResult } from '../pipeline.ts'

/** Reasons that nobody wants to hear of: what they passed over was nothing. */
const HARMLESS: readonly string[] = [BLANK, 'comments']

/** Whether anything was passed over that could have been a frame. */
export function isBad({ rejects }: LogResult): boolean {
  return Object.keys(rejects).some(reason => !HARMLESS.includes(reason))
}

/** What was passed over in a log, and where first; undefined if it was nothing. */
export function skippedText(result: LogResult): string | undefined {
  return skippedInLogs([result], false)
}

/** The same of several logs, which are counted together; `isNamed`: a place says in which of them it is. */
export function skippedInLogs(results: readonly LogResult[], isNamed: boolean): string | undefined {
  const reasons = new Map<string, Skipped>()
  for (const result of results) {
    for (const [reason, count] of Object.entries(result.rejects)) {
      const skipped = reasons.get(reason)
      if (skipped !== undefined) skipped.count += count
      else if (!HARMLESS.includes(reason)) reasons.set(reason, { count, first: placeOf(result, reason, isNamed) })
    }
  }
  if (reasons.size === 0) return undefined
  const parts = [...reasons].map(
    ([reason, { count, first }]) => `${count} ${reason} (${count === 1 ? '' : 'first '}${first})`,
  )
  return `skipped: ${parts.join(', ')}`
}

/** How often a reason came, and where first. */
interface Skipped {
  count: number
  readonly first: string
}

/** Where a reason came first: `line 17`, `byte 24 of drive.blf`. */
function placeOf({ name, reader, firstAt }: LogResult, reason: string, isNamed: boolean): string {
  const unit = reader?.kind === 'binary' ? 'byte' : 'line'
  return `${unit} ${firstAt[reason]}${isNamed ? ` of ${name}` : ''}`
}
