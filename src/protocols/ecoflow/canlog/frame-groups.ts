import { CAN, type CanFrame } from '../../../core/can.ts'
import { ByteWriter } from '../../../core/writer.ts'
import { CHANNEL } from '../arbitration.ts'
import type { Message } from '../message.ts'
import type { FrameRecorder } from '../reassembler.ts'
import type { LogTime } from './log-time.ts'

/** The frames of one message as they came: `(stamp) interface ID#` of each, and their data. */
export class FrameGroup {
  /** Time of the first frame in ms, for the name of a file. */
  startMs = 0
  readonly #heads = new ByteWriter(() => {})
  #headEnds: number[] = []
  #data = new Uint8Array(512)
  #dataEnds: number[] = []

  start(ms: number): void {
    this.startMs = ms
    this.#heads.length = 0
    this.#headEnds = []
    this.#dataEnds = []
  }

  /** Adds a frame; `name` stands in for its interface where given. */
  add(frame: CanFrame, name: string | undefined): void {
    const heads = this.#heads
    heads.reserve(256)
    heads.byte(0x28)
    frame.origin.writeStamp(frame, heads)
    heads.text(') ')
    if (name === undefined) frame.origin.writeInterface(frame, heads)
    else heads.text(name)
    heads.byte(0x20)
    if ((frame.flags & CAN.extended) === 0) heads.text(frame.id.toString(16).toUpperCase().padStart(3, '0'))
    else for (let shift = 24; shift >= 0; shift -= 8) heads.hex((frame.id >>> shift) & 0xff)
    heads.byte(0x23)
    this.#headEnds.push(heads.length)
    const start = this.#dataEnds.at(-1) ?? 0
    this.#reserve(start + frame.length)
    this.#data.set(frame.data.subarray(0, frame.length), start)
    this.#dataEnds.push(start + frame.length)
  }

  /** Puts the bytes of a message that was changed back into its frames. */
  refill({ channel, bytes }: Message): void {
    let from = 0
    let start = 0
    for (const end of this.#dataEnds) {
      const head = channel === CHANNEL.A ? 1 : 0
      const count = head === 1 ? Math.min(this.#data[start]!, end - start - 1) : end - start
      this.#data.set(bytes.subarray(from, from + count), start + head)
      from += count
      start = end
    }
  }

  /** Appends one line per frame. */
  write(out: ByteWriter): void {
    let head = 0
    let data = 0
    for (let i = 0; i < this.#headEnds.length; i++) {
      out.copy(this.#heads.bytes, head, this.#headEnds[i]!)
      for (; data < this.#dataEnds[i]!; data++) out.hex(this.#data[data]!)
      out.endLine()
      head = this.#headEnds[i]!
    }
  }

  #reserve(size: number): void {
    if (size <= this.#data.length) return
    const grown = new Uint8Array(Math.max(size, this.#data.length * 2))
    grown.set(this.#data)
    this.#data = grown
  }
}

/** Keeps the frames of open messages for `--regen` and `--pick`. */
export class GroupRecorder implements FrameRecorder {
  readonly #groups = new WeakMap<Message, FrameGroup>()
  readonly #time: LogTime
  readonly #name: string | undefined

  /** `name` replaces the interface of every frame. */
  constructor(time: LogTime, name: string | undefined) {
    this.#time = time
    this.#name = name
  }

  start(message: Message, frame: CanFrame): void {
    let group = this.#groups.get(message)
    if (group === undefined) {
      group = new FrameGroup()
      this.#groups.set(message, group)
    }
    group.start(Math.round(this.#time.exactMs(frame)))
  }

  add(message: Message, frame: CanFrame): void {
    this.#groups.get(message)?.add(frame, this.#name)
  }

  /** The frames of a message that is complete. */
  of(message: Message): FrameGroup | undefined {
    return this.#groups.get(message)
  }

  /** A group of a frame that is a message by itself. */
  single(frame: CanFrame): FrameGroup {
    const group = new FrameGroup()
    group.start(Math.round(this.#time.exactMs(frame)))
    group.add(frame, this.#name)
    return group
  }
}
