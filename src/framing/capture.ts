import type { FrameError } from '../core/errors.ts'
import type { Packet } from '../core/packet.ts'

/** Takes a captured packet; its `data` is the reader's memory, valid until the call returns. */
export type EmitPacket = (packet: Packet) => void

/** Takes what is wrong with a capture. */
export type RejectPacket = (error: FrameError) => void

/** Reads a capture file that is pushed to it in any pieces. It never throws at what the file says. */
export interface CaptureReader {
  push(bytes: Uint8Array, emit: EmitPacket, reject: RejectPacket): void
  /** The bytes have ended: a packet that is not complete is rejected, reason `cut_tail`. */
  end(reject: RejectPacket): void
  /** Why nothing more can be read from this file, where that is so; not told to `reject`. */
  readonly damage: FrameError | undefined
  /** Bytes that wait for their rest: less than one packet between two calls. */
  readonly pending: number
}

/** More bytes of one packet than any capture program writes: the file is damaged. */
export const MAX_CAPTURED = 262_144

/** Times beyond it are no times (the limit of `Date`), Unix ms. */
export const MAX_TIME = 8.64e15
