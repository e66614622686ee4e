import { yieldToEvents } from '../../../core/clock.ts'
import type { ByteWriter } from '../../../core/writer.ts'
import { REPLY_LOG } from '../reply-log.ts'
import { POWER } from '../sec1000.ts'
import type { SimulatedController } from './controller.ts'

export interface ReplyPlan {
  /** Time of the first request, Unix ms. */
  readonly start: number
  readonly intervalMs: number
  readonly count: number
}

/** Requests between two looks at signals. */
const TURN = 4096

/** Asks a pretended controller for its powers again and again, and writes what it sends as a log; in no time. */
export async function writeReplies(
  out: ByteWriter,
  controller: SimulatedController,
  { start, intervalMs, count }: ReplyPlan,
  signal: AbortSignal,
): Promise<void> {
  const content = POWER.request.subarray(2, -2)
  for (let n = 0; n < count && !signal.aborted; n++) {
    let at = Math.round(start + n * intervalMs)
    for (const { waitMs, bytes } of controller.answer(content, at).parts) {
      at += waitMs
      REPLY_LOG.record(out, { at, data: bytes, origin: '' })
    }
    if (n % TURN === TURN - 1) await yieldToEvents()
  }
  out.flush()
}
