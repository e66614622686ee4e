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
  /** Bytes at hand, and how many of them are done with. */
  #bytes: Uint8Array = new Uint8Array(0)
  #done = 0
  /** Where what an earlier packet has left and the next one are put together. */
  #joined: Uint8Array = new Uint8Array(0)
  #at = 0
  #origin = ''
  /** Offset in the stream of the first byte that is not done with. */
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
    this.#bytes = this.#done === this.#bytes.length ? data : this.#join(data)
    this.#done = 0
    this.#cut(false, take, reject)
    this.#bytes = Uint8Array.from(this.#bytes.subarray(this.#done)) // the packet is its owner's, and may be large
    this.#done = 0
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

  /** What is left and then `data`, in memory that is used again for the next packet. */
  #join(data: Uint8Array): Uint8Array {
    const left = this.#bytes.length - this.#done
    const size = left + data.length
    if (this.#joined.length < size) this.#joined = new Uint8Array(size + MAX_LENGTH)
    this.#joined.set(this.#bytes.subarray(this.#done))
    this.#joined.set(data, left)
    return this.#joined.subarray(0, size)
  }

  /** Takes all frames there are; with `over` nothing more comes to finish one. */
  #cut(over: boolean, take: TakeFrame, reject: Reject): void {
    let goesOn = true
    while (goesOn) goesOn = this.#cutOne(over, take, reject)
  }

  /** Takes the next frame, or drops what is none; returns false where it wants more bytes. */
  #cutOne(over: boolean, take: TakeFrame, reject: Reject): boolean {
    const bytes = this.#bytes
    this.#drop(seek(bytes, this.#done, over) - this.#done, reject)
    const left = bytes.length - this.#done
    if (left >= HEAD && !isPlausible(bytes, this.#done)) {
      this.#drop(1, reject)
      return true
    }
    const size = left < HEAD ? HEAD : word(bytes, this.#done + 4) + LENGTH_END
    if (left < size) {
      if (!over || left === 0) return false
      this.#refuse('truncated', left, reject)
      return true
    }
    const frame = parseFrame(bytes.subarray(this.#done, this.#done + size), this.#direction)
    if (typeof frame === 'string') this.#refuse(frame, size, reject)
    else this.#take(frame, take, reject)
    return true
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
    const frame = Uint8Array.from(this.#bytes.subarray(this.#done, this.#done + size))
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
    this.#done += count
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
  if (!isPlausible(data, 0)) return 'magic'
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

/** Where from `start` on the next frame begins, or what may yet become one. */
function seek(bytes: Uint8Array, start: number, over: boolean): number {
  for (let at = start; at < bytes.length; at++) {
    if (bytes[at] !== MAGIC[0]) at = bytes.indexOf(MAGIC[0], at)
    if (at < 0) break
    if (at + 1 === bytes.length ? !over : bytes[at + 1] === MAGIC[1]) return at
  }
  return bytes.length
}

/** Whether the bytes from `start` on, at least `HEAD`, can be those of a frame. */
function isPlausible(bytes: Uint8Array, start: number): boolean {
  const length = word(bytes, start + 4)
  return length >= MIN_LENGTH && length <= MAX_LENGTH && bytes[start + 6] === 1
}
