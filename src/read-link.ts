import type { Clock } from './core/clock.ts'
import { orIdle } from './core/or-idle.ts'
import type { Packet } from './core/packet.ts'
import type { Transport } from './core/transport.ts'
import type { ReadingStream } from './reading-stream.ts'

/** Who takes the packets of a connection. */
export type TakePacket = (packet: Packet) => void | Promise<void>

/**
 * Reads a connection to its end into a stream of readings. An unfinished frame whose rest does not come is given up in
 * time. Throws `TransportError` when the connection is lost; what it held until then has been handed on.
 */
export async function readLink(
  link: Transport,
  stream: ReadingStream,
  clock: Clock,
  signal: AbortSignal,
  received?: TakePacket,
): Promise<void> {
  const { idleMs } = stream
  const packets = link.packets(signal)[Symbol.asyncIterator]()
  try {
    for (;;) {
      const next = packets.next()
      const { done, value } = await (idleMs === undefined ? next : orIdle(next, idleMs, clock, () => stream.idle()))
      if (done === true) break
      await received?.(value)
      await stream.push(value)
    }
  } finally {
    await stream.end()
  }
}
