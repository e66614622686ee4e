import type { FrameError } from '../core/errors.ts'

/**
 * A packet of a capture file where it is in memory. Readers own a single one and fill it anew for every packet, so
 * whoever keeps something of it copies.
 */
export class CapturedPacket {
  /** The reader's memory, of which the packet is `[start, start + length)`, and a view of it. */
  bytes: Uint8Array = new Uint8Array(0)
  view: DataView = new DataView(this.bytes.buffer)
  start = 0
  length = 0
  /** Bytes that the packet had on the wire. */
  original = 0
  /** Unix time, where there is one. */
  seconds = 0
  nanos = 0
  hasTime = false
  /** What it begins with, by the LINKTYPE_ numbers of libpcap. */
  linkType = 0
  /** Byte order of the file, which is that of the machine that wrote it. */
  isLittle = true
  /** Number of the interface within its section, and its name, where the file has names. */
  interface = 0
  name: Uint8Array | undefined
  direction: Direction = 'unknown'
  /** Where its record begins in the file, in bytes. */
  offset = 0
}

export type Direction = 'unknown' | 'in' | 'out'

/** Takes a captured packet, which changes with the next one. */
export type TakeCaptured = (packet: CapturedPacket) => void

/** Takes what is wrong with a capture; `context.at` is the place in the file, in bytes. */
export type RejectPacket = (error: FrameError) => void

/** Reads a capture file that is pushed to it in any pieces. It never throws at what the file says. */
export interface CaptureReader {
  push(bytes: Uint8Array, take: TakeCaptured, reject: RejectPacket): void
  /** The bytes have ended: a packet that is not complete is rejected, reason `cut_tail`. */
  end(reject: RejectPacket): void
  /** Why nothing more can be read from this file, where that is so; not told to `reject`. */
  readonly damage: FrameError | undefined
  /** Bytes that wait for their rest: less than one packet between two calls. */
  readonly pending: number
}

/** More bytes of one packet than any capture program writes: the file is damaged. */
export const MAX_CAPTURED = 262_144

/** Times beyond it are no times (the limit of `Date`), in seconds. */
export const MAX_SECONDS = 8.64e12
