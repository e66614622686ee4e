import type { ByteSource } from '../core/bytes.ts'
import { CAN, CanFrame, type FrameSink } from '../core/can.ts'
import { LogTally, type TextLogReader, takeLines } from './log-reader.ts'
import { PlainOrigin } from './plain-origin.ts'
import type { ReadableFormat } from './signatures.ts'

/** What a line is that should have been a frame and is none. */
export const NO_FRAME = 'lines that are no frames'
export const BAD_ID = 'frames with a bad ID'
export const BAD_LENGTH = 'frames with a bad length'
export const BAD_DATA = 'frames with bad data'
export const BAD_TIME = 'frames with a bad time'
export const BLANK = 'blank lines'

/** Arbitration ID of an error frame that the log says nothing of: a bus error (linux/can/error.h). */
const BUS_ERROR = 0x80
const ERROR_BYTES = 8

/** What readers have in common that take one line at a time apart, without hurry. */
export abstract class LineReader implements TextLogReader {
  abstract readonly format: ReadableFormat
  readonly kind = 'text'
  readonly tally = new LogTally()
  /** Time and interface of `frame`. */
  protected readonly origin = new PlainOrigin()
  protected readonly frame = new CanFrame(this.origin)
  readonly #sink: FrameSink

  constructor(sink: FrameSink) {
    this.#sink = sink
  }

  read({ bytes }: ByteSource, start: number, end: number): number {
    return takeLines(this.tally, bytes, start, end, (from, to) => this.line(bytes, from, to))
  }

  /**
   * Takes the line `bytes[start, end)`, which has no line end: emits its frame, or gives why it is none. Lines that no
   * frame is expected of, such as headers, give undefined.
   */
  protected abstract line(bytes: Uint8Array, start: number, end: number): string | undefined

  /** Hands the frame on. */
  protected emit(): undefined {
    this.#sink.frame(this.frame)
  }
}

/** Makes a frame an error frame without details, which is what most formats know of one. */
export function setErrorFrame(frame: CanFrame): void {
  frame.id = BUS_ERROR
  frame.flags = CAN.error
  frame.length = ERROR_BYTES
  frame.dlc = ERROR_BYTES
  frame.data.fill(0, 0, ERROR_BYTES)
}
