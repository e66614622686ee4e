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
  if (!isBad(result)) return undefined
  const unit = result.reader?.kind === 'binary' ? 'byte' : 'line'
  const parts = Object.entries(result.rejects)
    .filter(([reason]) => !HARMLESS.includes(reason))
    .map(([reason, count]) => `${count} ${reason} (${count === 1 ? '' : 'first '}${unit} ${result.firstAt[reason]})`)
  return `skipped: ${parts.join(', ')}`
}
