import { FrameError, TimeoutError } from '../../core/errors.ts'
import type { Packet } from '../../core/packet.ts'
import type { Transport } from '../../core/transport.ts'
import type { Framer, Message, Protocol } from '../protocol.ts'
import { HEAD, REQUEST } from './frame.ts'
import type { ReadPoll } from './sec1000.ts'

/**
 * Asks over a new connection and gives the reply, a message of its own memory with its frame. Bytes behind the reply are
 * ignored. Throws `FrameError` where the reply is none or another one, `TransportError` where the connection is lost, and
 * the reason of `signal`; when that is a `TimeoutError` nothing at all has come. `received` is told of all bytes.
 */
export async function exchange(
  link: Transport,
  protocol: Protocol,
  poll: ReadPoll,
  received: (packet: Packet) => void,
  signal: AbortSignal,
): Promise<Message> {
  await link.send(poll.request, signal)
  const first = new FirstReply(protocol, link.origin)
  for await (const packet of link.packets(signal)) {
    received(packet)
    if (first.take(packet)) break
  }
  return checked(first.reply(signal), poll, protocol)
}

/** The first thing that comes out of a connection, good or bad. */
class FirstReply {
  readonly #framer: Framer
  readonly #origin: string
  #outcome: Message | FrameError | undefined
  #bytes = 0

  constructor(protocol: Protocol, origin: string) {
    this.#framer = protocol.framer()
    this.#origin = origin
  }

  /** Whether that is all that was waited for. */
  take(packet: Packet): boolean {
    this.#bytes += packet.data.length
    this.#framer.push(packet, this.#emit, this.#reject)
    return this.#outcome !== undefined
  }

  /** What has come when no more will. */
  reply(signal: AbortSignal): Message {
    if (this.#outcome === undefined) {
      if (signal.aborted) throw this.#cutShort(signal.reason)
      this.#framer.end(this.#reject, this.#emit)
    }
    if (this.#outcome === undefined) throw failure('closed', 'connection closed without a reply', this.#origin)
    if (this.#outcome instanceof FrameError) throw this.#outcome
    return this.#outcome
  }

  /** A controller that has begun to answer is not silent. */
  #cutShort(reason: unknown): unknown {
    if (!(reason instanceof TimeoutError) || this.#bytes === 0) return reason
    const came = `${this.#bytes} ${this.#bytes === 1 ? 'byte' : 'bytes'} of a reply`
    return failure('late', `${came}, and no more within ${Number(reason.context['ms']) / 1000} s`, this.#origin)
  }

  readonly #emit = (message: Message): void => {
    this.#outcome ??= { ...message, payload: copyOf(message.payload), frame: copyOf(message.frame!) }
  }

  readonly #reject = (error: FrameError): void => {
    this.#outcome ??= error
  }
}

/** The reply, if it is one to what was asked. */
function checked(message: Message, poll: ReadPoll, protocol: Protocol): Message {
  const { keys, payload, header, device } = message
  const frame = message.frame!
  const command = frame[HEAD + REQUEST - 1]!
  if (command !== poll.command) {
    throw failure('command', `command ${hex(command)} in reply to ${hex(poll.command)}`, device, frame)
  }
  if (header !== undefined) {
    const { status } = protocol.structs.codec(keys)?.decode(payload) ?? {}
    const name = typeof status === 'string' ? ` (${status})` : ''
    throw failure('status', `status ${hex(payload[0]!)}${name} instead of data`, device, frame)
  }
  if (!keys.includes(poll.answer)) throw failure('command', `reply ${keys[0]} to request ${poll.answer}`, device, frame)
  if (payload.length !== poll.payloadBytes) {
    throw failure('size', `${payload.length} bytes of data, not ${poll.payloadBytes}`, device, frame)
  }
  return message
}

function failure(reason: string, text: string, origin: string, frame?: Uint8Array): FrameError {
  return new FrameError(`sec1000: ${text}`, { reason, origin, ...(frame === undefined ? {} : { frame }) })
}

function copyOf(bytes: Uint8Array): Uint8Array {
  return Uint8Array.from(bytes)
}

function hex(byte: number): string {
  return `0x${byte.toString(16).toUpperCase().padStart(2, '0')}`
}
