import { FrameError } from '../../core/errors.ts'
import type { Reject } from '../protocol.ts'
import { EOI, type Frame, LONGEST, parseFrame, SHORTEST, SOI } from './frame.ts'

/** Takes a sound frame; `text` is what it looked like between SOI and EOI, a view that is valid until the call returns. */
export type TakeFrame = (frame: Frame, text: Uint8Array) => void

/**
 * Cuts bytes into frames. Source: docs/protocols/pylontech.md.
 *
 * Bytes outside `~ ... CR` are noise; a `~` inside a frame begins it anew.
 */
export class FrameCutter {
  /** Bytes so far that belong to no frame; adapters add NULs, which do not count. */
  noise = 0
  readonly #text = new Uint8Array(LONGEST)
  /** Characters of the frame at hand, -1 outside of one. */
  #length = -1
  /** Hex digits in a row outside of a frame, -1 while the rest of a rejected one goes by. */
  #stray = 0

  /** A frame has begun and not ended. */
  get unfinished(): boolean {
    return this.#length >= 0
  }

  push(data: Uint8Array, take: TakeFrame, reject: Reject): void {
    for (let i = 0; i < data.length; i++) this.#byte(data[i]!, take, reject)
  }

  /** Nothing more comes: a frame that has begun is rejected. */
  end(reject: Reject): void {
    if (this.unfinished) this.#refuse('truncated', reject)
    this.#length = -1
    this.#stray = 0
  }

  #byte(byte: number, take: TakeFrame, reject: Reject): void {
    if (byte === SOI) {
      if (this.#length > 0) this.#refuse('truncated', reject)
      this.#length = 0
      this.#stray = 0
    } else if (this.#length < 0) {
      this.#outside(byte, reject)
    } else if (byte === EOI) {
      this.#finish(take, reject)
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
    if (byte !== 0) this.noise++
    if (byte === EOI) {
      if (this.#stray >= SHORTEST)
        reject(new FrameError('pylontech: a frame without its start', { reason: 'no start' }))
      this.#stray = 0
    } else if (this.#stray >= 0) {
      this.#stray = isHex(byte) ? this.#stray + 1 : 0
    }
  }

  #finish(take: TakeFrame, reject: Reject): void {
    const text = this.#text.subarray(0, this.#length)
    this.#length = -1
    const frame = parseFrame(text)
    if (!('reason' in frame)) {
      take(frame, text)
      return
    }
    const { reason, ...figures } = frame
    reject(new FrameError(`pylontech: bad ${reason}`, { reason, ...figures, frame: latin1(text) }))
  }

  #refuse(reason: string, reject: Reject): void {
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
