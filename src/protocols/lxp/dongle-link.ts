import type { Clock } from '../../core/clock.ts'
import { TimeoutError, TransportError } from '../../core/errors.ts'
import type { Transport } from '../../core/transport.ts'
import type { Reject } from '../protocol.ts'
import { LxpException } from './exception.ts'
import type { LxpFrame } from './frame.ts'
import { type Arrival, FrameStream } from './frame-stream.ts'
import { type DeviceRequest, encodeRequest, isAnswer, requestText } from './request.ts'
import type { Requester } from './requester.ts'
import type { SerialBook } from './serial-book.ts'
import { Turns } from './turns.ts'

/** Between two requests, and until one counts as not answered. */
export const PACE_MS = 500
export const ANSWER_MS = 10_000

/** Requests that may wait for their turn. */
const MAX_WAITING = 8

export interface LinkOptions {
  readonly serials: SerialBook
  /** Heartbeats are sent back, which some dongles need to go on. */
  readonly answerHeartbeats: boolean
  /**
   * Takes every frame; `isAnswer` where it is the one to a request of this connection. Its views are valid until the call
   * returns; nothing more is read before the promise, if there is one, resolves.
   */
  readonly onFrame: (frame: LxpFrame, at: number, isAnswer: boolean) => void | Promise<void>
  readonly onReject: Reject
}

/** A request that has been sent and not answered. */
interface Pending {
  readonly inverter: string
  readonly request: DeviceRequest
  /** What came before cannot be the answer: bytes of the connection, and the time. */
  readonly start: number
  readonly at: number
  readonly answered: (frame: LxpFrame) => void
  readonly failed: (error: unknown) => void
}

/**
 * A connection to a dongle: hands on all that the dongle sends, and asks, one request after the other. Source:
 * docs/protocols/lxp.md.
 */
export class DongleLink implements Requester {
  readonly serials: SerialBook
  readonly origin: string
  readonly #transport: Transport
  readonly #clock: Clock
  readonly #options: LinkOptions
  readonly #stream: FrameStream
  readonly #turns = new Turns(MAX_WAITING)
  #pending: Pending | undefined
  /** When the last request was sent. */
  #asked = Number.NEGATIVE_INFINITY
  #echoing = false
  /** Aborts, with the reason why, when nothing can be asked any more. */
  readonly #over = new AbortController()

  constructor(transport: Transport, clock: Clock, options: LinkOptions) {
    this.origin = transport.origin
    this.serials = options.serials
    this.#transport = transport
    this.#clock = clock
    this.#options = options
    this.#stream = new FrameStream(transport, 'reply', clock, arrival => this.#arrived(arrival), options.onReject)
  }

  /** Reads until `signal` aborts; throws `TransportError` when the dongle closes the connection or it is lost. */
  async read(signal: AbortSignal): Promise<void> {
    try {
      await this.#stream.read(signal)
      if (signal.aborted) this.#end(signal.reason)
      else throw new TransportError(`${this.origin} has closed the connection`, { origin: this.origin })
    } catch (error) {
      this.#end(error)
      throw error
    }
  }

  request(inverter: string, request: DeviceRequest, signal: AbortSignal): Promise<LxpFrame> {
    return this.#turns.run(() => this.#ask(inverter, request, signal), signal)
  }

  /** Does `work`, between whose requests there are none of others; rejects like `request`, and with what `work` throws. */
  together<T>(work: (requester: Requester) => Promise<T>, signal: AbortSignal): Promise<T> {
    const requester: Requester = {
      origin: this.origin,
      request: (inverter, request, ended) => this.#ask(inverter, request, ended),
      encode: (inverter, request) => this.encode(inverter, request),
    }
    return this.#turns.run(() => work(requester), signal)
  }

  encode(inverter: string, request: DeviceRequest): Uint8Array {
    const { datalog } = this.serials
    if (datalog !== undefined) return encodeRequest({ datalog, inverter }, request)
    throw new TransportError(`${this.origin}: the serial number of the dongle is not known yet`, {
      origin: this.origin,
    })
  }

  async #ask(inverter: string, request: DeviceRequest, signal: AbortSignal): Promise<LxpFrame> {
    await this.#pace(signal)
    this.#over.signal.throwIfAborted()
    const frame = await this.#exchange(inverter, request, signal)
    if (frame.type === 'exception') throw new LxpException(requestText(request), frame)
    return frame
  }

  async #pace(signal: AbortSignal): Promise<void> {
    signal.throwIfAborted()
    const since = Math.max(0, this.#clock.now() - this.#asked) // clocks are set back now and then
    if (since < PACE_MS) await this.#clock.sleep(PACE_MS - since, signal)
  }

  async #exchange(inverter: string, request: DeviceRequest, signal: AbortSignal): Promise<LxpFrame> {
    const bytes = this.encode(inverter, request)
    const settled = new AbortController()
    try {
      return await new Promise((resolve, reject) => {
        signal.addEventListener('abort', () => reject(signal.reason), { signal: settled.signal })
        const late = () => reject(this.#unanswered(request))
        this.#clock.sleep(ANSWER_MS, settled.signal).then(late, () => {})
        this.#asked = this.#clock.now()
        const sent = { start: this.#stream.received, at: this.#asked }
        this.#pending = { inverter, request, ...sent, answered: resolve, failed: reject }
        this.#transport.send(bytes, signal).catch(reject)
      })
    } finally {
      this.#pending = undefined
      settled.abort()
    }
  }

  #unanswered(request: DeviceRequest): TimeoutError {
    const what = requestText(request)
    const text = `no answer from ${this.origin} to ${what} within ${ANSWER_MS / 1000} s${this.serials.contradiction}`
    return new TimeoutError(text, { origin: this.origin, request: what })
  }

  #arrived({ frame, at, start }: Arrival): void | Promise<void> {
    this.serials.learn(frame)
    const pending = this.#pending
    const answers =
      pending !== undefined &&
      start >= pending.start &&
      !(at < pending.at) &&
      isAnswer(frame, pending.inverter, pending.request)
    if (answers) {
      this.#pending = undefined
      pending.answered({ ...frame, data: Uint8Array.from(frame.data), bytes: Uint8Array.from(frame.bytes) })
    } else if (frame.type === 'heartbeat' && this.#options.answerHeartbeats) {
      this.#echo(frame)
    }
    return this.#options.onFrame(frame, at, answers)
  }

  #end(reason: unknown): void {
    this.#over.abort(reason)
    this.#pending?.failed(reason)
  }

  /** Sends a heartbeat back; not while an earlier one has not left yet, so that they cannot pile up. */
  #echo({ bytes }: LxpFrame): void {
    if (this.#echoing) return
    this.#echoing = true
    const sent = () => {
      this.#echoing = false
    }
    this.#transport.send(Uint8Array.from(bytes), this.#over.signal).then(sent, sent) // a lost connection shows in reading
  }
}
