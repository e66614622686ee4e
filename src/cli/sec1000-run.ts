import type { FrameError, WattzupError } from '../core/errors.ts'
import type { Reading } from '../core/reading.ts'
import type { Protocol } from '../protocols/protocol.ts'
import { reasonText } from '../protocols/sec1000/ask.ts'
import { REPLY_LOG } from '../protocols/sec1000/reply-log.ts'
import { sec1000 } from '../protocols/sec1000/sec1000.ts'
import type { Io } from './io.ts'
import type { LiveFlags } from './live-options.ts'
import { type LiveRun, liveRun } from './live-run.ts'
import { openStructs } from './open-structs.ts'
import { Notes } from './sec1000-notes.ts'
import type { RequestFlags } from './sec1000-options.ts'

/** A run with everything that it needs. */
export interface Sec1000Run {
  readonly protocol: Protocol
  readonly run: LiveRun
  readonly notes: Notes
  /** Shows what was rejected where the user wants to see it, and counts it for a run that goes on. */
  readonly rejected: (error: WattzupError) => void
}

/** Several readings are lines, by default, one is a document, which no sink prints. */
export type Output = 'lines' | 'document'

/** Does a run of a command with its definitions, its sinks, and what is said on stderr. */
export async function sec1000Run(
  io: Io,
  flags: RequestFlags,
  output: Output,
  intervalMs: number,
  use: (opened: Sec1000Run) => Promise<void>,
): Promise<void> {
  const notes = new Notes(io)
  const structs = (await openStructs(io, flags.structs)).load('sec1000')
  const tolerate = (error: FrameError) => {
    const reason = String(error.context['reason'])
    notes.change(reason, reason, `taken all the same: ${reasonText(error)}`)
  }
  const protocol = sec1000(structs, flags.verify ? {} : { tolerate })
  const quiet = output === 'document'
  const traits = { protocol, reasons: REASONS, log: REPLY_LOG, intervalMs, deviceInfo, group, quiet }
  await liveRun(io, liveFlags(flags, output), traits, run => {
    const rejected = (error: WattzupError) => (output === 'lines' ? run.rejected(error) : run.trace(error))
    return use({ protocol, notes, run, rejected })
  })
}

/** What the sinks are to print. */
export function liveFlags({ format, json, ...flags }: RequestFlags, output: Output): LiveFlags {
  const wanted = json === true ? 'json' : format
  if (wanted !== undefined && wanted !== 'json') return { ...flags, format: wanted }
  return output === 'lines' ? { ...flags, format: 'ndjson' } : flags
}

function deviceInfo({ device }: Reading) {
  return { name: `SEC1000 ${device}`, manufacturer: 'GoodWe', model: 'SEC1000' }
}

/** What is asked by itself has a state of its own. */
function group({ message }: Reading): string {
  return message === 'power' ? '' : message
}

/** What rejected replies are called in summaries. */
const REASONS: Readonly<Record<string, string>> = {
  prefix: 'wrong prefix',
  length: 'wrong length field',
  checksum: 'checksum',
  cut_off: 'cut off',
  closed: 'closed without a reply',
  late: 'too slow',
  command: 'reply to something else',
  status: 'status instead of data',
  size: 'wrong size',
  blank: 'all values 0',
  doubt: 'implausible',
}
