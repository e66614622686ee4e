import type { Clock } from '../../core/clock.ts'
import { orIdle } from '../../core/or-idle.ts'
import type { Transport } from '../../core/transport.ts'
import type { Reject } from '../protocol.ts'
import { FrameCutter, IDLE_MS } from './cutter.ts'
import type { Direction, LxpFrame } from './frame.ts'

/** A frame that has come over a connection; its views are valid until the call returns. */
export interface Arrival {
  readonly frame: LxpFrame
  /** When its last byte came, Unix ms. */
  readonly at: number
  /** Bytes of the connection before its first one. */
  readonly start: number
}

/** Takes a frame; the connection is not read further before the promise, if there is one, resolves. */
export type TakeArrival = (arrival: Arrival) => void | Promise<void>

/** The frames of one connection. A frame whose rest does not come is given up, also when nothing else comes. */
export class FrameStream {
  /** Bytes so far. */
  received = 0
  readonly #transport: Transport
  readonly #clock: Clock
  readonly #take: TakeArrival
  readonly #reject: Reject
  readonly #cutter: FrameCutter
  #framed = 0
  #unsettled: Promise<void>[] = []

  constructor(transport: Transport, direction: Direction, clock: Clock, take: TakeArrival, reject: Reject) {
    this.#transport = transport
    this.#cutter = new FrameCutter(direction)
    this.#clock = clock
    this.#take = take
    this.#reject = reject
  }

  /** Reads until the other side closes or `signal` aborts; throws `TransportError` when the connection is lost. */
  async read(signal: AbortSignal): Promise<void> {
    const packets = this.#transport.packets(signal)[Symbol.asyncIterator]()
    try {
      for (;;) {
        const next = packets.next()
        const { done, value } = await (this.#isWhole ? next : orIdle(next, IDLE_MS, this.#clock, this.#idle))
        if (done === true) return
        this.received += value.data.length
        this.#cutter.push(value, this.#arrived, this.#reject)
        await this.#settled()
      }
    } finally {
      this.#cutter.end(this.#arrived, this.#reject)
      await this.#settled()
      await packets.return?.()
    }
  }

  /** No frame is unfinished. */
  get #isWhole(): boolean {
    return this.received === this.#framed + this.#cutter.skipped
  }

  readonly #idle = (): Promise<void> => {
    this.#cutter.idle(this.#arrived, this.#reject)
    return this.#settled()
  }

  readonly #arrived = (frame: LxpFrame, at: number): void => {
    const start = this.#framed + this.#cutter.skipped
    this.#framed += frame.bytes.length
    const taken = this.#take({ frame, at, start })
    if (taken !== undefined) this.#unsettled.push(taken)
  }

  async #settled(): Promise<void> {
    if (this.#unsettled.length === 0) return
    const taken = this.#unsettled
    this.#unsettled = []
    await Promise.all(taken)
  }
}
