import type { Clock } from '../../../core/clock.ts'
import { TransportError } from '../../../core/errors.ts'
import type { Transport } from '../../../core/transport.ts'
import type { Reject } from '../../protocol.ts'
import type { LxpFrame } from '../frame.ts'
import { FrameStream } from '../frame-stream.ts'
import { Outbox } from './outbox.ts'

/** Bytes that may wait for a client: several of the largest packets, hours of what a dongle pushes. */
const MAX_BYTES = 262_144

/** What a client sends, already cut into frames; views are valid until the call returns. */
export type TakeRequest = (client: ProxyClient, frame: LxpFrame) => void

/** A program that takes the proxy for a dongle. */
export class ProxyClient {
  readonly origin: string
  readonly #stream: FrameStream
  readonly #outbox: Outbox
  readonly #dropped = new AbortController()

  constructor(transport: Transport, clock: Clock, take: TakeRequest, reject: Reject) {
    this.origin = transport.origin
    this.#stream = new FrameStream(transport, 'request', clock, ({ frame }) => take(this, frame), reject)
    this.#outbox = new Outbox(transport, MAX_BYTES)
  }

  /** Sends bytes that nobody changes afterwards; a client that does not take what it gets is dropped. */
  send(bytes: Uint8Array): void {
    if (this.#outbox.put(bytes) || this.#dropped.signal.aborted) return
    const { origin } = this
    this.#dropped.abort(new TransportError(`${origin} does not read what it is sent`, { origin }))
  }

  /** Serves the client until it goes or `signal` aborts; throws `TransportError` when it is lost or dropped. */
  async run(signal: AbortSignal): Promise<void> {
    const over = new AbortController()
    const ended = AbortSignal.any([signal, this.#dropped.signal, over.signal])
    const reading = this.#stream.read(ended)
    const sending = this.#outbox.run(ended)
    try {
      await Promise.race([reading, sending])
    } catch (error) {
      if (!signal.aborted) throw error
    } finally {
      over.abort()
      await Promise.allSettled([reading, sending])
    }
    this.#dropped.signal.throwIfAborted()
  }
}
