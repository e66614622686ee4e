import type { ByteWriter } from './writer.ts'

/** Properties of a CAN frame beside id and data, as bits of `CanFrame.flags`. */
export const CAN = {
  /** 29-bit arbitration ID; not to be derived from the value: 00000123 exists as an extended ID. */
  extended: 1,
  /** Remote transmission request: no data, `dlc` says how much is asked for. */
  remote: 2,
  error: 4,
  fd: 8,
  bitRateSwitch: 16,
  errorState: 32,
  /** Sent by the host that recorded it; neither bit set: the log does not say. */
  tx: 64,
  rx: 128,
} as const

/** What only some readers of a frame want: computed from the log's bytes when asked, while the frame is current. */
export interface FrameOrigin {
  /** Sets `seconds` and `nanos` of the frame. */
  readTime(frame: CanFrame): void
  /** Appends the time stamp as the log has it, without brackets. */
  writeStamp(frame: CanFrame, out: ByteWriter): void
  /** Appends the interface name. */
  writeInterface(frame: CanFrame, out: ByteWriter): void
}

/**
 * One CAN frame. Readers own a single one and fill it anew for every frame, so whoever keeps something of it copies.
 */
export class CanFrame {
  /** Arbitration ID, 11 or 29 bits. */
  id = 0
  /** Bits of `CAN`. */
  flags = 0
  /** Bytes of data, 0 to 8, FD 0 to 64. */
  length = 0
  /** Data length code as transmitted; 9 to 15 with 8 bytes exist on classic CAN. */
  dlc = 0
  readonly data = new Uint8Array(64)
  /** The same bytes, for those who copy several at once. */
  readonly view = new DataView(this.data.buffer)
  /** Time in whole seconds and nanoseconds, after `readTime`: never as one float. */
  seconds = 0
  nanos = 0
  /** Where the frame's line begins in the reader's memory, for the reader's own `FrameOrigin`. */
  lineStart = 0
  readonly origin: FrameOrigin

  constructor(origin: FrameOrigin) {
    this.origin = origin
  }
}

/** Takes frames; the frame is the reader's and changes with the next one. */
export interface FrameSink {
  frame(frame: CanFrame): void
}

/** Payload lengths of the data length codes 0 to 15 on CAN FD. */
export const FD_LENGTHS: readonly number[] = [0, 1, 2, 3, 4, 5, 6, 7, 8, 12, 16, 20, 24, 32, 48, 64]

/** The data length code of a payload; lengths between the legal ones take the next one up. */
export function dlcOf(length: number): number {
  return FD_LENGTHS.findIndex(legal => legal >= length)
}
