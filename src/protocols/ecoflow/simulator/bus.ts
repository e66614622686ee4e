import type { Random } from '../../../core/random.ts'
import { FrameTrain } from './frames.ts'

/** A frame as it has passed on the bus. Reused: it changes with the next one. */
export interface BusFrame {
  /** End of the frame, Unix microseconds. */
  at: number
  id: number
  length: number
  /** Eight bytes, of which `length` count. */
  readonly data: Uint8Array
}

/** Time that a frame takes at 1 Mbit/s with its stuff bits and the pause after it. */
const LEAST_FRAME_US = 120
const MOST_FRAME_US = 160

/** The messages that a node still has to send; it sends one after the other, so that they never mix. */
class Queue {
  readonly #trains: FrameTrain[] = []
  /** Frame of the first train that is next. */
  frame = 0

  get head(): FrameTrain | undefined {
    return this.#trains[0]
  }

  push(train: FrameTrain): void {
    this.#trains.push(train)
  }

  /** The head when it is done with, after this frame; else undefined. */
  advance(): FrameTrain | undefined {
    if (++this.frame < this.#trains[0]!.count) return undefined
    this.frame = 0
    return this.#trains.shift()
  }
}

/**
 * The wire: one frame at a time. Of the nodes that have something to send the one with the lowest ID wins, as on a
 * real CAN bus, which is how messages of several nodes come to interleave.
 */
export class Bus {
  /** When the frame that is on the wire now ends. */
  free: number
  readonly #random: Random
  readonly #queues = new Map<number, Queue>()
  readonly #spare: FrameTrain[] = []
  #waiting = 0
  readonly frame: BusFrame = { at: 0, id: 0, length: 0, data: new Uint8Array(8) }

  constructor(at: number, random: Random) {
    this.free = at
    this.#random = random
  }

  /** Whether nodes have something to send. */
  get busy(): boolean {
    return this.#waiting > 0
  }

  /** An empty train to fill. */
  train(): FrameTrain {
    const train = this.#spare.pop() ?? new FrameTrain()
    train.clear()
    return train
  }

  /** Takes back a train that is not to be sent. */
  release(train: FrameTrain): void {
    this.#spare.push(train)
  }

  /** Hands a train of `train()` over for sending by `node`, from `at` on. It has at least one frame. */
  send(node: number, train: FrameTrain, at: number): void {
    let queue = this.#queues.get(node)
    if (queue === undefined) {
      queue = new Queue()
      this.#queues.set(node, queue)
    }
    if (this.#waiting++ === 0) this.free = Math.max(this.free, at)
    queue.push(train)
  }

  /** Lets the next frame pass; only while `busy`. */
  pass(): BusFrame {
    const queue = this.#winner()
    const train = queue.head!
    const base = queue.frame * 8
    const { frame } = this
    frame.id = train.ids[queue.frame]!
    frame.length = train.lengths[queue.frame]!
    for (let i = 0; i < 8; i++) frame.data[i] = train.data[base + i]!
    this.free += LEAST_FRAME_US + this.#random.int(MOST_FRAME_US - LEAST_FRAME_US + 1)
    frame.at = this.free
    const done = queue.advance()
    if (done !== undefined) {
      this.#waiting--
      this.#spare.push(done)
    }
    return frame
  }

  #winner(): Queue {
    let best: Queue | undefined
    let lowest = Number.POSITIVE_INFINITY
    for (const queue of this.#queues.values()) {
      const id = queue.head === undefined ? Number.POSITIVE_INFINITY : queue.head.ids[queue.frame]!
      if (id >= lowest) continue
      lowest = id
      best = queue
    }
    return best!
  }
}
