import type { FrameError } from '../../core/errors.ts'
import type { Packet } from '../../core/packet.ts'
import type { Emit, Framer, Reject } from '../protocol.ts'
import { FrameCutter } from './cutter.ts'
import { Exchange, type ExchangeOptions } from './exchange.ts'

/**
 * Cuts a byte stream of both directions, or of replies alone, into Pylontech messages. What a reply means follows from
 * the request before it, so whoever asks pushes the bytes of the request, too: an echo of it changes nothing.
 */
export class PylontechFramer implements Framer {
  readonly #cutter = new FrameCutter()
  readonly #exchange: Exchange

  constructor(options: ExchangeOptions = {}) {
    this.#exchange = new Exchange(options)
  }

  push({ data, at }: Packet, emit: Emit, reject: Reject): void {
    this.#cutter.push(
      data,
      (frame, text) => this.#exchange.frame(frame, text, at, emit, reject),
      error => this.#lost(error, reject),
    )
  }

  end(reject: Reject): void {
    this.#cutter.end(error => this.#lost(error, reject))
  }

  #lost(error: FrameError, reject: Reject): void {
    if (error.context['reason'] !== 'no start') this.#exchange.damaged()
    reject(error)
  }
}
