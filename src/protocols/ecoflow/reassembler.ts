import { CAN, type CanFrame, type FrameSink } from '../../core/can.ts'
import { CHANNEL } from './arbitration.ts'
import { Message } from './message.ts'

/** Why frames did not become messages. */
export type FrameFault =
  | 'orphan'
  | 'headless'
  | 'gap'
  | 'doubled'
  | 'restarted'
  | 'overlong'
  | 'evicted'
  | 'notData'
  | 'unfinished'

/** Takes what the reassembler makes of frames. `frame` is the one just read, the last of the message. */
export interface MessageSink {
  /** A complete packet, not yet checked. */
  message(message: Message, frame: CanFrame): void
  /** A frame that is a message by itself: channels D and E, and commands without a channel. */
  single(channel: number, frame: CanFrame): void
  fault(fault: FrameFault, frame: CanFrame): void
}

/** Keeps the frames of open messages, for those who want them back as they came. */
export interface FrameRecorder {
  start(message: Message, frame: CanFrame): void
  add(message: Message, frame: CanFrame): void
}

/** More open messages than any bus has modules; beyond it the open ones are given up. */
const MAX_SLOTS = 4096
const TABLE = MAX_SLOTS * 4
/** Bytes that are copied of a frame, whatever it holds. */
const WORDS = 8
/** No header can ask for more: 65535 bytes of payload, header, CRC, and frames of padding. */
const LONGEST = 65_600

class Slot extends Message {
  readonly key: number
  open = false
  /** Channel A: number of the frame last taken. */
  number = 0
  /** The message under way is lost already: its remaining frames are not another loss. */
  lost = false
  /** Channel A, compatible: bytes still to come by the header's length. */
  remaining = 0

  constructor(channel: number, key: number) {
    super(channel)
    this.key = key
  }
}

/**
 * Puts frames together to messages, per channel and node; messages interleave freely. Source: docs/protocols/ecoflow.md.
 *
 * Channel A carries frame numbers: a gap drops the message at once and a frame that comes twice counts once.
 * Channels B and C mark only first, middle and last. With `compatible` channel A ends where the header's length says,
 * numbers are not looked at, messages of 32 and more frames are unknown, and B and C frames without a start pass in
 * silence, as the original tool does.
 */
export class Reassembler implements FrameSink {
  readonly #sink: MessageSink
  readonly #compatible: boolean
  readonly #recorder: FrameRecorder | undefined
  readonly #table = new Int32Array(TABLE).fill(-1)
  #slots: Slot[] = []
  #last: Slot | undefined

  constructor(sink: MessageSink, compatible = false, recorder?: FrameRecorder) {
    this.#sink = sink
    this.#compatible = compatible
    this.#recorder = recorder
  }

  frame(frame: CanFrame): void {
    const command = frame.id >>> 20
    if (frame.flags !== CAN.extended && !this.#isExtendedData(frame)) return
    if (frame.length === 0) return // a line `ID#`; no module says nothing
    if (command < 0x100) this.#segment(frame)
    else if (command <= 0x102) this.#part(frame, CHANNEL.B, command - 0x100)
    else if (command >= 0x120 && command <= 0x122) this.#part(frame, CHANNEL.C, command - 0x120)
    else this.#sink.single(command === 0x106 ? CHANNEL.D : command === 0x10a ? CHANNEL.E : CHANNEL.none, frame)
  }

  /** Messages that the end of the log leaves open. */
  get unfinished(): number {
    return this.#slots.reduce((count, slot) => count + (slot.open ? 1 : 0), 0)
  }

  /** Messages are carried by extended data frames; an 11-bit one is a frame by itself, others are nothing here. */
  #isExtendedData(frame: CanFrame): boolean {
    if ((frame.flags & (CAN.remote | CAN.error | CAN.fd)) !== 0) {
      this.#sink.fault('notData', frame)
      return false
    }
    if ((frame.flags & CAN.extended) !== 0) return true
    if (frame.length > 0) this.#sink.single(CHANNEL.none, frame)
    return false
  }

  #segment(frame: CanFrame): void {
    if (this.#compatible) {
      this.#segmentByLength(frame)
      return
    }
    const number = frame.id >>> 22
    const total = (frame.id >>> 16) & 0x3f
    const slot = this.#slot(CHANNEL.A, frame.id & 0x3fffff, frame)
    if (!this.#follows(slot, number, frame)) return
    slot.number = number
    this.#append(slot, frame, 1, Math.min(frame.data[0]!, frame.length - 1))
    if (slot.open && number === total) this.#finish(slot, frame)
  }

  /** Whether a segment is the next of its message, or the first, which begins one. */
  #follows(slot: Slot, number: number, frame: CanFrame): boolean {
    if (number === slot.number && repeats(slot, frame)) this.#sink.fault('doubled', frame)
    else if (number === 1) {
      this.#begin(slot, frame)
      return true
    } else if (!slot.open) this.#orphan(slot, frame)
    else if (number === slot.number + 1) return true
    else {
      slot.open = false
      slot.number = 0
      slot.lost = true
      this.#sink.fault('gap', frame)
    }
    return false
  }

  /** Channel A as the original does it: 004 and 005 start, the header's length ends, numbers are not checked. */
  #segmentByLength(frame: CanFrame): void {
    const command = frame.id >>> 20
    const slot = this.#slot(CHANNEL.A, frame.id & 0xfffff, frame)
    const first = command === 4 || command === 5
    if (!first && !slot.open) {
      this.#sink.fault('orphan', frame)
      return
    }
    const count = frame.data[0]!
    if (first) this.#begin(slot, frame)
    this.#append(slot, frame, 1, first ? frame.length - 1 : Math.min(count, frame.length - 1))
    if (first) slot.remaining = 18 + slot.payloadLength
    slot.remaining -= count
    if (slot.open && slot.remaining <= 0) this.#finish(slot, frame)
  }

  #part(frame: CanFrame, channel: number, part: number): void {
    const slot = this.#slot(channel, frame.id & 0xfffff, frame)
    if (part === 0) this.#begin(slot, frame)
    else if (!slot.open) {
      if (!this.#compatible) this.#orphan(slot, frame)
      return
    }
    this.#append(slot, frame, 0, frame.length)
    if (slot.open && part === 2) this.#finish(slot, frame)
  }

  /** A frame whose message has not begun: every one is told, the message behind them counts once. */
  #orphan(slot: Slot, frame: CanFrame): void {
    if (!slot.lost) this.#sink.fault('headless', frame)
    slot.lost = true
    slot.number = 0
    this.#sink.fault('orphan', frame)
  }

  #begin(slot: Slot, frame: CanFrame): void {
    if (slot.open) this.#sink.fault('restarted', frame)
    slot.lost = false
    slot.open = true
    slot.length = 0
    slot.firstId = frame.id
    this.#recorder?.start(slot, frame)
  }

  #append(slot: Slot, frame: CanFrame, from: number, count: number): void {
    if (slot.length + count > LONGEST) {
      slot.open = false
      slot.lost = true
      this.#sink.fault('overlong', frame)
      return
    }
    slot.reserve(WORDS)
    const { view } = slot
    const at = slot.length
    // two words are the most that a classic frame holds; what is too much is overwritten by the next frame
    view.setUint32(at, frame.view.getUint32(from, true), true)
    view.setUint32(at + 4, frame.view.getUint32(from + 4, true), true)
    slot.length = at + Math.max(count, 0)
    if (this.#recorder !== undefined) this.#recorder.add(slot, frame)
  }

  #finish(slot: Slot, frame: CanFrame): void {
    slot.open = false
    slot.lastId = frame.id
    this.#sink.message(slot, frame)
  }

  #slot(channel: number, node: number, frame: CanFrame): Slot {
    const key = (channel << 24) | node
    const last = this.#last
    if (last !== undefined && last.key === key) return last
    let at = Math.imul(key, 0x9e3779b1) >>> 18
    for (;;) {
      const index = this.#table[at]!
      if (index < 0) break
      const slot = this.#slots[index]!
      if (slot.key === key) {
        this.#last = slot
        return slot
      }
      at = (at + 1) & (TABLE - 1)
    }
    return this.#newSlot(channel, key, at, frame)
  }

  #newSlot(channel: number, key: number, at: number, frame: CanFrame): Slot {
    if (this.#slots.length >= MAX_SLOTS) {
      this.#evict(frame)
      return this.#slot(channel, key & 0xffffff, frame)
    }
    const slot = new Slot(channel, key)
    this.#table[at] = this.#slots.length
    this.#slots.push(slot)
    this.#last = slot
    return slot
  }

  /** Only a broken or hostile log has so many nodes: forget them all rather than grow. */
  #evict(frame: CanFrame): void {
    for (let open = this.unfinished; open > 0; open--) this.#sink.fault('evicted', frame)
    this.#table.fill(-1)
    this.#slots = []
    this.#last = undefined
  }
}

/** Whether a frame's bytes are the ones last appended. */
function repeats(slot: Slot, frame: CanFrame): boolean {
  const count = Math.min(frame.data[0]!, frame.length - 1)
  const from = slot.length - count
  for (let i = 0; i < count; i++) if (slot.bytes[from + i] !== frame.data[1 + i]) return false
  return from >= 0
}
