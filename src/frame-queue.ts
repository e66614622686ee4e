import { CanFrame, type FrameOrigin, type FrameSink } from './core/can.ts'
import { TransportError } from './core/errors.ts'
import type { ByteWriter } from './core/writer.ts'
import { writeTime } from './framing/stamp.ts'
import { InterfaceBook } from './framing/writers/interface-book.ts'

const FIRST_ROOM = 1024
/** A block of a log has no more, unless it was made to do harm: 100 MB of memory. */
const MOST = 1 << 20
const BYTES = 64

/** Where the numbers of a frame stand. */
const NUMBERS = 6
const ID = 0
const FLAGS = 1
const LENGTH = 2
const DLC = 3
const NANOS = 4
const BUS = 5

/**
 * Frames of a log that wait until it is their time: a reader puts in what it has at once. Memory is taken once, and more
 * only for larger blocks.
 */
export class FrameQueue implements FrameSink {
  /** The frame that was taken last, with its time. */
  readonly current: CanFrame
  /** Number of its interface, in the order in which interfaces came; -1 where there are too many. */
  bus = 0
  readonly #book = new InterfaceBook(true)
  #numbers = new Int32Array(FIRST_ROOM * NUMBERS)
  #seconds = new Float64Array(FIRST_ROOM)
  #data = new Uint8Array(FIRST_ROOM * BYTES)
  #first = 0
  #end = 0

  constructor() {
    this.current = new CanFrame(new QueueOrigin(this))
  }

  /** Names of the interfaces, by number. */
  get interfaces(): readonly Uint8Array[] {
    return this.#book.names
  }

  /** Adds a frame. Throws `TransportError` when there is no more room. */
  frame(frame: CanFrame): void {
    if (this.#end === this.#seconds.length) this.#grow()
    frame.origin.readTime(frame)
    const at = this.#end * NUMBERS
    const numbers = this.#numbers
    numbers[at + ID] = frame.id
    numbers[at + FLAGS] = frame.flags
    numbers[at + LENGTH] = frame.length
    numbers[at + DLC] = frame.dlc
    numbers[at + NANOS] = frame.nanos
    numbers[at + BUS] = this.#book.numberOf(frame)
    this.#seconds[this.#end] = frame.seconds
    for (let i = 0; i < frame.length; i++) this.#data[this.#end * BYTES + i] = frame.data[i]!
    this.#end++
  }

  /** Takes the oldest frame into `current`; false when there is none. */
  take(): boolean {
    if (this.#first === this.#end) {
      this.#first = 0
      this.#end = 0
      return false
    }
    const { current } = this
    const at = this.#first * NUMBERS
    const numbers = this.#numbers
    current.id = numbers[at + ID]!
    current.flags = numbers[at + FLAGS]!
    current.length = numbers[at + LENGTH]!
    current.dlc = numbers[at + DLC]!
    current.nanos = numbers[at + NANOS]!
    current.seconds = this.#seconds[this.#first]!
    this.bus = numbers[at + BUS]!
    for (let i = 0; i < current.length; i++) current.data[i] = this.#data[this.#first * BYTES + i]!
    this.#first++
    return true
  }

  #grow(): void {
    const room = this.#seconds.length * 2
    if (room > MOST) throw new TransportError(`a block of the log holds more than ${MOST} frames`)
    const numbers = new Int32Array(room * NUMBERS)
    const seconds = new Float64Array(room)
    const data = new Uint8Array(room * BYTES)
    numbers.set(this.#numbers)
    seconds.set(this.#seconds)
    data.set(this.#data)
    this.#numbers = numbers
    this.#seconds = seconds
    this.#data = data
  }
}

const NOTHING = new Uint8Array(0)

class QueueOrigin implements FrameOrigin {
  readonly #queue: FrameQueue

  constructor(queue: FrameQueue) {
    this.#queue = queue
  }

  readTime(): void {}

  writeStamp(frame: CanFrame, out: ByteWriter): void {
    writeTime(frame, out)
  }

  writeInterface(_frame: CanFrame, out: ByteWriter): void {
    out.put(this.#queue.interfaces[this.#queue.bus] ?? NOTHING)
  }
}
