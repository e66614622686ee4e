import type { Transport } from '../../../core/transport.ts'
import { Doorbell } from './doorbell.ts'

/** Bytes on their way to one who may read slowly, or not at all: only so many wait. */
export class Outbox {
  readonly #transport: Transport
  readonly #bound: number
  #frames: Uint8Array[] = []
  readonly #bell = new Doorbell()
  #bytes = 0

  /** `bound`: bytes that may wait. */
  constructor(transport: Transport, bound: number) {
    this.#transport = transport
    this.#bound = bound
  }

  /** Takes bytes that nobody changes afterwards; false where there is no room for them. */
  put(bytes: Uint8Array): boolean {
    if (this.#bytes + bytes.length > this.#bound) return false
    this.#frames.push(bytes)
    this.#bytes += bytes.length
    this.#bell.ring()
    return true
  }

  /** Sends what is there and what comes; rejects with `TransportError`, or the reason of `signal`. */
  async run(signal: AbortSignal): Promise<never> {
    for (;;) {
      if (this.#frames.length === 0) await this.#bell.wait(signal)
      const bytes = Buffer.concat(this.#frames)
      this.#frames = []
      await this.#transport.send(bytes, signal)
      this.#bytes -= bytes.length // what is being sent still waits
    }
  }
}
