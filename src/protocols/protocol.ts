import type { FrameError } from '../core/errors.ts'
import type { Packet } from '../core/packet.ts'
import type { Values } from '../core/values.ts'
import type { StructSet } from '../decode/struct-set.ts'

/** A frame stripped and verified. */
export interface Message {
  /** Keys under which a definition may claim it, the most special first; none where there is nothing in it to decode. */
  readonly keys: readonly string[]
  /** A view of the framer's memory, valid until its next `push`: copy to keep. */
  readonly payload: Uint8Array
  /** Who said it: a serial number, an address; the packet's origin where the wire does not tell. */
  readonly device: string
  /** Unix ms; NaN where a recording has no times. */
  readonly at: number
  /** What the reading is called, where several kinds of message share a definition; else the definition's name. */
  readonly name?: string
  /** Register maps: the register that the payload begins at. */
  readonly base?: number
  /** Devices whose models differ: which one this is. */
  readonly model?: string
  /** What the frame's own header says, published before the payload's values; declared as `derived` in the definition. */
  readonly header?: Values
  /** The frame as it was on the wire, where the message is all of it; a view like `payload`. */
  readonly frame?: Uint8Array
}

export type Emit = (message: Message) => void

/** Takes what the wire does wrong, to be counted by reason; nothing is thrown across a pipeline. */
export type Reject = (error: FrameError) => void

/** Framing state of one connection: is fed bytes and calls back. No I/O, no clock, and it never throws at the wire. */
export interface Framer {
  push(packet: Packet, emit: Emit, reject: Reject): void
  /** The bytes have ended: what is unfinished is rejected; messages that it was in the way of are emitted. */
  end(reject: Reject, emit: Emit): void
  /** An unfinished frame that has waited for `idleMs` never will be finished; without it there is no such rule. */
  readonly idleMs?: number
  idle?(reject: Reject, emit: Emit): void
}

/** What to ask a device that speaks only when spoken to. */
export interface Poll {
  readonly request: Uint8Array
  /** Key of the message that answers. */
  readonly answer: string
  readonly timeoutMs: number
}

/** All that the pipeline needs to know of a family; the rest of its folder is its own business. */
export interface Protocol {
  readonly name: string
  readonly structs: StructSet
  /** New framing state, one per connection. */
  framer(): Framer
  /** What to ask, in order. */
  readonly polls?: readonly Poll[]
  /**
   * Adds values that follow from decoded ones, or from what no table of fields can describe in `payload`, such as
   * tagged sub-records, and are declared as `derived` in the definition; pure.
   */
  derive?(message: string, values: Values, payload: Uint8Array): void
  /** Names of values that are known glitches of such devices and not to be believed; pure. */
  implausible?(message: string, values: Values): readonly string[]
}
