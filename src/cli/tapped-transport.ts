import type { Packet } from '../core/packet.ts'
import type { Transport } from '../core/transport.ts'

/** A connection whose packets somebody else sees too, before whoever reads it. Disposing it closes the connection. */
export class TappedTransport implements Transport {
  readonly origin: string
  readonly #transport: Transport
  readonly #seen: (packet: Packet) => void

  constructor(transport: Transport, seen: (packet: Packet) => void) {
    this.origin = transport.origin
    this.#transport = transport
    this.#seen = seen
  }

  async *packets(signal: AbortSignal): AsyncGenerator<Packet, void> {
    for await (const packet of this.#transport.packets(signal)) {
      this.#seen(packet)
      yield packet
    }
  }

  send(bytes: Uint8Array, signal: AbortSignal): Promise<void> {
    return this.#transport.send(bytes, signal)
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#transport[Symbol.asyncDispose]()
  }
}
