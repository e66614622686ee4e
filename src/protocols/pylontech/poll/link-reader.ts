import { TransportError } from '../../../core/errors.ts'
import type { Packet } from '../../../core/packet.ts'
import type { Transport } from '../../../core/transport.ts'

/** Reads a connection from the start, whoever waits for it or not. Dispose of it before the transport. */
export class LinkReader implements AsyncDisposable {
  readonly #stop = new AbortController()
  readonly #over = new AbortController()
  readonly #reading: Promise<void>

  /** `take` gets what comes; it must not throw. */
  constructor(transport: Transport, take: (packet: Packet) => void, signal: AbortSignal) {
    this.#reading = this.#read(transport, take, AbortSignal.any([signal, this.#stop.signal]))
  }

  /** Aborts when nothing comes any more: its reason is a `TransportError`, or that of the signal. */
  get over(): AbortSignal {
    return this.#over.signal
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#stop.abort(new Error('the line is no longer used'))
    await this.#reading
  }

  async #read(transport: Transport, take: (packet: Packet) => void, signal: AbortSignal): Promise<void> {
    try {
      for await (const packet of transport.packets(signal)) take(packet)
      signal.throwIfAborted()
      throw new TransportError(`${transport.origin} has closed the connection`, { origin: transport.origin })
    } catch (error) {
      this.#over.abort(error)
    }
  }
}
