import { FrameError } from '../../core/errors.ts'
import type { Packet } from '../../core/packet.ts'
import type { Reject } from '../protocol.ts'
import {
  type Direction,
  HEAD,
  LENGTH_END,
  type LxpFrame,
  MAGIC,
  MAX_LENGTH,
  MIN_LENGTH,
  parseFrame,
  type RejectReason,
  word,
} from './frame.ts'

/** Takes a frame and when its last byte came, Unix ms; views are valid until the next `push`. */
export type TakeFrame = (frame: LxpFrame, at: number) => void

/** A frame that is not complete after so many ms without a byte never will be. */
export const IDLE_MS = 2000

/** So many bytes that belong to no frame are reported without waiting for the next frame. */
const LONG_RUN = 1024

/**
 * Cuts the byte stream of a dongle, or a file of what one sent, into frames, however the bytes are split and glued.
 *
 * Bytes that only look like a frame cost one byte, so a good frame that a cut one has swallowed is found. Never keeps
 * more than an unfinished frame, 1024 bytes, beside one packet. Source: docs/protocols/lxp.md.
 */
export class FrameCutter {
  /** Bytes so far that belong to no frame. */
  skipped = 0
  readonly #direction: Direction
  #rest: Uint8Array = new Uint8Array(0)
  #at = 0
  #origin = ''
  /** Offset of the first byte of `#rest` in the stream. */
  #offset = 0
  /** Bytes skipped since the last frame, and whether something was said of them. */
  #run = 0
  #reported = false

  constructor(direction: Direction = 'reply') {
    this.#direction = direction
  }

  push({ data, at, origin }: Packet, take: TakeFrame, reject: Reject): void {
    if (at - this.#at >= IDLE_MS) this.idle(take, reject)
    this.#at = at
    this.#origin = origin
    this.#rest = this.#rest.length === 0 ? data : Buffer.concat([this.#rest, data])
    this.#cut(false, take, reject)
    this.#rest = Uint8Array.from(this.#rest) // the packet is its owner's, and may be large
  }

  /** No byte has come for `IDLE_MS`: an unfinished frame is cut off; frames inside it are found. */
  idle(take: TakeFrame, reject: Reject): void {
    this.#cut(true, take, reject)
  }

  /** The bytes have ended. */
  end(take: TakeFrame, reject: Reject): void {
    this.#cut(true, take, reject)
    if (this.#run > 0) this.#reportRun(reject)
  }

  /** Takes all frames there are; with `over` nothing more comes to finish one. */
  #cut(over: boolean, take: TakeFrame, reject: Reject): void {
    for (;;) {
      this.#drop(seek(this.#rest, over), reject)
      const rest = this.#rest
      const size = rest.length < HEAD ? Number.POSITIVE_INFINITY : word(rest, 4) + LENGTH_END
      if (rest.length >= HEAD && !isPlausible(rest)) {
        this.#drop(1, reject)
      } else if (rest.length < size) {
        if (!over || rest.length === 0) return
        this.#refuse('truncated', rest.length, reject)
      } else {
        const frame = parseFrame(rest.subarray(0, size), this.#direction)
        if (typeof frame === 'string') this.#refuse(frame, size, reject)
        else this.#take(frame, take, reject)
      }
    }
  }

  #take(frame: LxpFrame, take: TakeFrame, reject: Reject): void {
    if (this.#run > 0) this.#reportRun(reject)
    this.#run = 0
    this.#reported = false
    this.#advance(frame.bytes.length)
    take(frame, this.#at)
  }

  #refuse(reason: RejectReason, size: number, reject: Reject): void {
    this.#reported = true // what is skipped from here on belongs to it
    const frame = Uint8Array.from(this.#rest.subarray(0, size))
    reject(frameError(reason, { offset: this.#offset, origin: this.#origin, size, frame }))
    this.#drop(1, reject)
  }

  #drop(count: number, reject: Reject): void {
    this.#run += count
    this.skipped += count
    this.#advance(count)
    if (this.#run >= LONG_RUN) this.#reportRun(reject)
  }

  #advance(count: number): void {
    this.#offset += count
    this.#rest = this.#rest.subarray(count)
  }

  /** Says once of a run of bytes that they are no frame. */
  #reportRun(reject: Reject): void {
    if (this.#reported) return
    this.#reported = true
    reject(frameError('magic', { offset: this.#offset - this.#run, origin: this.#origin, size: this.#run }))
  }
}

/** The frame of a UDP datagram; what is left of a datagram is never carried to the next one. */
export function parseDatagram(data: Uint8Array, direction: Direction = 'reply'): LxpFrame | RejectReason {
  if (data[0] !== MAGIC[0] || data[1] !== MAGIC[1]) return 'magic'
  if (data.length < HEAD) return 'truncated'
  if (!isPlausible(data)) return 'magic'
  const size = word(data, 4) + LENGTH_END
  return data.length < size ? 'truncated' : parseFrame(data.subarray(0, size), direction)
}

/** Where bytes were that are no frame, and how many; `frame` are those that looked like one, a copy. */
export interface BadFrame {
  readonly offset: number
  readonly origin: string
  readonly size: number
  readonly frame?: Uint8Array
}

/** What is wrong with bytes of a dongle. */
export function frameError(reason: RejectReason, context: BadFrame): FrameError {
  return new FrameError(`lxp: ${TEXTS[reason]} at byte ${context.offset}`, { reason, ...context })
}

const TEXTS: Readonly<Record<RejectReason, string>> = {
  short: 'a data frame that is too short',
  data_length: 'two lengths that contradict each other',
  crc: 'a wrong checksum',
  value_length: 'values of another length than announced',
  truncated: 'a frame that is cut off',
  magic: 'bytes that are no frame',
}

/** Bytes before the next beginning of a frame, or of what may yet become one. */
function seek(bytes: Uint8Array, over: boolean): number {
  for (let at = bytes.indexOf(MAGIC[0]); at >= 0; at = bytes.indexOf(MAGIC[0], at + 1)) {
    if (bytes[at + 1] === MAGIC[1] || (at + 1 === bytes.length && !over)) return at
  }
  return bytes.length
}

/** Whether the first bytes, at least `HEAD`, can be those of a frame. */
function isPlausible(bytes: Uint8Array): boolean {
  const length = word(bytes, 4)
  return length >= MIN_LENGTH && length <= MAX_LENGTH && bytes[6] === 1
}
