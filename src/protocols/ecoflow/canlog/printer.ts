import type { CanFrame } from '../../../core/can.ts'
import type { Codec } from '../../../decode/codec.ts'
import type { LineExtras } from './text-lines.ts'
import type { View } from './view.ts'

/** A way of showing messages: text lines or NDJSON. */
export interface Printer {
  b(view: View, extras: LineExtras): void
  a(view: View, codec: Codec | undefined): void
  c(view: View): void
  /** A frame of channel D or E, or of none. */
  single(channel: number, frame: CanFrame): void
  /** Prints the previous B message once more, marked: its sequence number has just come again. */
  repeatPrevious(): void
  /** Fields that were missing because payloads were short, and payloads that did not decode, since the last call. */
  takeProblems(): { missing: number; undecodable: number }
}
