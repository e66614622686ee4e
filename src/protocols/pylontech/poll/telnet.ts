import type { Packet } from '../../../core/packet.ts'
import type { Transport } from '../../../core/transport.ts'
import { SOI } from '../frame.ts'

/** Bytes of the telnet protocol, RFC 854. */
const IAC = 0xff
const DONT = 0xfe
const WILL = 0xfb
const SUB_BEGIN = 0xfa
const SUB_END = 0xf0

/** What the next byte belongs to. */
type State = 'data' | 'command' | 'option' | 'sub' | 'sub command'

/**
 * A connection without the commands that some bridges speak in between although nobody wants telnet. Nothing is
 * negotiated. The start of a frame always comes through: noise may look like a command.
 */
export function withoutTelnet(transport: Transport): Transport {
  return {
    origin: transport.origin,
    packets: signal => filtered(transport.packets(signal)),
    send: (bytes, signal) => transport.send(bytes, signal),
    [Symbol.asyncDispose]: () => transport[Symbol.asyncDispose](),
  }
}

async function* filtered(packets: AsyncIterable<Packet>): AsyncGenerator<Packet, void> {
  const filter = new TelnetFilter()
  for await (const packet of packets) {
    const data = filter.push(packet.data)
    if (data.length > 0) yield { ...packet, data }
  }
}

class TelnetFilter {
  #state: State = 'data'

  /** The bytes that are no commands. */
  push(bytes: Uint8Array): Uint8Array {
    if (this.#state === 'data' && !bytes.includes(IAC)) return bytes
    const kept: number[] = []
    for (const byte of bytes) this.#state = this.#next(byte, kept)
    return Uint8Array.from(kept)
  }

  #next(byte: number, kept: number[]): State {
    if (byte === SOI) {
      kept.push(byte)
      return 'data'
    }
    switch (this.#state) {
      case 'data':
        if (byte === IAC) return 'command'
        kept.push(byte)
        return 'data'
      case 'command':
        return this.#command(byte, kept)
      case 'sub':
        return byte === IAC ? 'sub command' : 'sub'
      case 'sub command':
        return byte === SUB_END ? 'data' : 'sub'
      default:
        return 'data'
    }
  }

  #command(byte: number, kept: number[]): State {
    if (byte >= WILL && byte <= DONT) return 'option'
    if (byte === SUB_BEGIN) return 'sub'
    if (byte >= SUB_END && byte < SUB_BEGIN) return 'data'
    kept.push(...(byte === IAC ? [IAC] : [IAC, byte]))
    return 'data'
  }
}
