import type { Clock } from '../core/clock.ts'
import type { FrameError } from '../core/errors.ts'
import type { Packet } from '../core/packet.ts'
import type { StructSet } from '../decode/struct-set.ts'
import { type Backend, ConsoleBackend, FrameBackend } from '../protocols/pylontech/poll/backend.ts'
import type { StackHolder } from '../protocols/pylontech/poll/poll-loop.ts'
import type { Reply } from '../protocols/pylontech/reply.ts'
import type { LineOptions } from './pylon-line-options.ts'

/** A bridge may have any speed behind it; replies are waited for as long as a slow one takes. */
const BRIDGE_BAUD = 9600

/** What is told of a line that is polled. */
export interface BackendEvents {
  /** A stack has been asked; the poller waits for the promise. */
  readonly onRound: (stack: StackHolder) => void | Promise<void>
  readonly onTraffic: (packet: Packet) => void
  readonly onReply: (reply: Reply) => void
  readonly onReject: (error: FrameError) => void
}

/** A way to ask the stacks of a line, as the user describes it. */
export function openBackend(options: LineOptions, structs: StructSet, events: BackendEvents, clock: Clock): Backend {
  const { interval, once, groups, rs232, ff, port, wake: waking } = options
  const common = { intervalMs: interval * 1000, once: once === true, ...events }
  if (options.console === true) return new ConsoleBackend({ ...common, waking }, clock)
  const baudRate = port.baudRate ?? BRIDGE_BAUD
  // finding out whether asking for all at once works takes longer than it saves in one round
  const together = ff && once !== true
  return new FrameBackend({ ...common, structs, groups, baudRate, rs232: rs232 === true, together }, clock)
}
