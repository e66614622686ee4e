import type { Clock } from '../../../core/clock.ts'
import type { Transport } from '../../../core/transport.ts'

/** Speed of a console plug that speaks frames, until it is told to speak text. */
export const WAKE_BAUD = 1200

/**
 * The frame that makes a console plug speak text at 115200 baud, command 82 with INFO 8520. It is not documented by the
 * maker, but programs have sent it for years. Source: docs/protocols/pylontech.md.
 */
const WAKE = '~20014682C0048520FCC3\r'

/** The plug needs so long to change its speed, ms. */
const CHANGE_MS = 1000

/** Tells a console plug, at 1200 baud, to speak text; the connection is of no use afterwards. */
export async function wakeConsole(link: Transport, clock: Clock, signal: AbortSignal): Promise<void> {
  await link.send(Buffer.from(WAKE), signal)
  await clock.sleep(CHANGE_MS, signal)
}
