import type { Clock } from '../../../core/clock.ts'
import { TransportError } from '../../../core/errors.ts'
import type { Transport } from '../../../core/transport.ts'
import { FrameCutter } from '../cutter.ts'
import type { LxpFrame } from '../frame.ts'
import { type Delivery, delivery, type Outgoing } from './delivery.ts'
import type { SimulatedDongle } from './dongle.ts'
import type { DongleFault, FaultDice } from './faults.ts'
import { FrameQueue, type Waiting } from './frame-queue.ts'

export interface SessionOptions {
  readonly dongle: SimulatedDongle
  /** Time as the dongle knows it. */
  readonly clock: Clock
  readonly dice: FaultDice<DongleFault>
  /** Told of every good frame when its last byte has been handed to the system. */
  readonly sent: (frame: Uint8Array) => void
}

/** What a connection did. */
export interface SessionCounts {
  frames: number
  answered: number
  /** What was asked with other serial numbers, or is not answered at all. */
  ignored: number
  /** What found no place in the queue of a client that does not read. */
  dropped: number
}

/** Between frames of a burst, and from a request to its answer. */
const BURST_GAP_MS = 300
const ANSWER_MS = 80
const MOST_GLUED = 4
const SILENCE_MS = [60_000, 600_000] as const

/** What is being sent is finished or fails with its connection: nothing else cuts it off, so that it can be counted on. */
const NEVER = new AbortController().signal

/** One client's connection: what the dongle says and answers goes out in order, with faults. */
export class Session {
  readonly counts: SessionCounts = { frames: 0, answered: 0, ignored: 0, dropped: 0 }
  readonly origin: string
  readonly #link: Transport
  readonly #options: SessionOptions
  readonly #stop = new AbortController()
  readonly #queue = new FrameQueue()
  #silentUntil = Number.NEGATIVE_INFINITY

  constructor(link: Transport, options: SessionOptions) {
    this.origin = link.origin
    this.#link = link
    this.#options = options
  }

  /** Sends frames that nobody asked for, one after the other. */
  push(frames: readonly Uint8Array[]): void {
    for (const [i, frame] of frames.entries()) this.#queue.add({ frame, pauseMs: i === 0 ? 0 : BURST_GAP_MS })
  }

  /** Ends the connection at once. */
  stop(): void {
    this.#stop.abort()
  }

  /** Ends the connection when all that waits has been sent. */
  finish(): void {
    this.#queue.finish()
  }

  /** Serves the client until it goes, the connection is lost, or `signal` aborts. */
  async run(signal: AbortSignal): Promise<void> {
    const ended = AbortSignal.any([signal, this.#stop.signal])
    try {
      await Promise.all([this.#read(ended), this.#write(ended)].map(part => part.finally(() => this.stop())))
    } finally {
      this.counts.dropped = this.#queue.dropped
      await this.#link[Symbol.asyncDispose]()
    }
  }

  async #read(signal: AbortSignal): Promise<void> {
    const cutter = new FrameCutter('request')
    const ignore = () => void this.counts.ignored++
    try {
      for await (const packet of this.#link.packets(signal)) cutter.push(packet, frame => this.#asked(frame), ignore)
    } catch (error) {
      if (!(error instanceof TransportError)) throw error // the client has gone without a word
    }
  }

  #asked(frame: LxpFrame): void {
    if (frame.type === 'heartbeat') return // ours, sent back
    const { dongle, clock } = this.#options
    const answer = dongle.answer(frame, clock.now())
    if (answer === undefined) {
      this.counts.ignored++
      return
    }
    this.counts.answered++
    const request = { ...frame, data: frame.data.slice(), bytes: frame.bytes.slice() }
    this.#queue.add({ frame: answer, request, pauseMs: ANSWER_MS })
  }

  async #write(signal: AbortSignal): Promise<void> {
    try {
      for await (const next of this.#queue.frames(signal)) {
        await this.#pause(next.pauseMs, signal)
        await this.#say(next, signal)
      }
    } catch (error) {
      if (!signal.aborted) throw error
    }
  }

  /** Sends a frame, or several in one piece, unless the dongle is silent. */
  async #say(next: Waiting, signal: AbortSignal): Promise<void> {
    const { clock, dice, dongle } = this.#options
    if (dice.hits('silence')) this.#silentUntil = clock.now() + dice.random.between(...SILENCE_MS)
    if (clock.now() < this.#silentUntil) return
    const frames: Outgoing[] = [next]
    while (!this.#queue.isEmpty && frames.length < MOST_GLUED && dice.hits('glue')) frames.push(this.#queue.shift()!)
    await this.#send(
      delivery(frames, dice, () => dongle.foreign(clock.now())),
      signal,
    )
  }

  async #send({ bytes, good, pieces, reset }: Delivery, signal: AbortSignal): Promise<void> {
    let start = 0
    for (const { pauseMs, end } of pieces) {
      await this.#pause(pauseMs, signal)
      if (!(await this.#handOver(bytes.subarray(start, end)))) return
      for (const whole of good) {
        if (whole.end <= start || whole.end > end) continue
        this.counts.frames++
        this.#options.sent(whole.frame)
      }
      start = end
    }
    if (!reset) return
    this.#link.reset?.()
    this.stop()
  }

  async #pause(ms: number, signal: AbortSignal): Promise<void> {
    if (ms > 0) await this.#options.clock.sleep(ms, signal)
  }

  /** Whether the system has taken the bytes; the end of the connection is no error of ours. */
  async #handOver(bytes: Uint8Array): Promise<boolean> {
    if (bytes.length === 0) return true
    try {
      await this.#link.send(bytes, NEVER)
      return true
    } catch (error) {
      if (!(error instanceof TransportError)) throw error
      this.stop()
      return false
    }
  }
}
