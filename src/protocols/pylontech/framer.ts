import { FrameError } from '../../core/errors.ts'
import type { Packet } from '../../core/packet.ts'
import type { Emit, Framer, Reject } from '../protocol.ts'
import { Exchange, type ExchangeOptions } from './exchange.ts'
import { EOI, LONGEST, parseFrame, SHORTEST, SOI } from './frame.ts'

/**
 * Cuts a byte stream of both directions, or of replies alone, into Pylontech frames. Source:
 * docs/protocols/pylontech.md.
 *
 * Bytes outside `~ ... CR` are noise; a `~` inside a frame begins it anew. What a reply means follows from the request
 * before it, so whoever asks pushes the bytes of the request, too: an echo of it changes nothing.
 */
export class PylontechFramer implements Framer {
  readonly #text = new Uint8Array(LONGEST)
  readonly #exchange: Exchange
  /** Characters of the frame at hand, -1 outside of one. */
  #length = -1
  /** Hex digits in a row outside of a frame, -1 while the rest of a rejected one goes by. */
  #stray = 0

  constructor(options: ExchangeOptions = {}) {
    this.#exchange = new Exchange(options)
  }

  push({ data, at }: Packet, emit: Emit, reject: Reject): void {
    for (let i = 0; i < data.length; i++) this.#byte(data[i]!, at, emit, reject)
  }

  end(reject: Reject): void {
    if (this.#length >= 0) this.#refuse('truncated', reject)
    this.#length = -1
    this.#stray = 0
  }

  #byte(byte: number, at: number, emit: Emit, reject: Reject): void {
    if (byte === SOI) {
      if (this.#length > 0) this.#refuse('truncated', reject)
      this.#length = 0
      this.#stray = 0
    } else if (this.#length < 0) {
      this.#outside(byte, reject)
    } else if (byte === EOI) {
      this.#finish(at, emit, reject)
    } else if (!isHex(byte) || this.#length === LONGEST) {
      this.#refuse(isHex(byte) ? 'too long' : 'not hex', reject)
      this.#length = -1
      this.#stray = -1
    } else {
      this.#text[this.#length++] = byte
    }
  }

  /** Noise is passed over, but a frame that has lost its beginning is told. */
  #outside(byte: number, reject: Reject): void {
    if (byte === EOI) {
      if (this.#stray >= SHORTEST)
        reject(new FrameError('pylontech: a frame without its start', { reason: 'no start' }))
      this.#stray = 0
    } else if (this.#stray >= 0) {
      this.#stray = isHex(byte) ? this.#stray + 1 : 0
    }
  }

  #finish(at: number, emit: Emit, reject: Reject): void {
    const text = this.#text.subarray(0, this.#length)
    this.#length = -1
    const frame = parseFrame(text)
    if (!('reason' in frame)) {
      this.#exchange.frame(frame, text, at, emit, reject)
      return
    }
    this.#exchange.damaged()
    const { reason, ...figures } = frame
    reject(new FrameError(`pylontech: bad ${reason}`, { reason, ...figures, frame: latin1(text) }))
  }

  #refuse(reason: string, reject: Reject): void {
    this.#exchange.damaged()
    const frame = latin1(this.#text.subarray(0, this.#length))
    reject(new FrameError(`pylontech: ${reason}`, { reason, frame }))
  }
}

function isHex(byte: number): boolean {
  return (byte >= 0x30 && byte <= 0x39) || (byte >= 0x41 && byte <= 0x46) || (byte >= 0x61 && byte <= 0x66)
}

function latin1(text: Uint8Array): string {
  return Buffer.from(text).toString('latin1')
}
