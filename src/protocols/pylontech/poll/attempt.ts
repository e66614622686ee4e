import type { Clock } from '../../../core/clock.ts'
import { DecodeError, FrameError } from '../../../core/errors.ts'
import type { Packet } from '../../../core/packet.ts'
import type { StructSet } from '../../../decode/struct-set.ts'
import type { Message, Reject } from '../../protocol.ts'
import { FrameCutter } from '../cutter.ts'
import { Exchange } from '../exchange.ts'
import { decodeReply, type Reply, rtnText } from '../reply.ts'

/** What became of a request: a reply, or why there is none: `timeout`, `noise`, `RTN 91`, what a frame was rejected for. */
export type Outcome = { readonly ok: true; readonly reply: Reply } | { readonly ok: false; readonly reason: string }

/** Nothing came that looks like a reply. */
export function isSilence(reason: string): boolean {
  return reason === 'timeout' || reason === 'noise'
}

/** A frame whose next byte does not come within so long has broken off. */
const IDLE_MS = 100
/** So long after a request a module may begin to answer. */
const LATEST_START_MS = 300
/** The last part of each wait: this program may have been held up, and what came meanwhile is still to be read. */
const GRACE_MS = 20

export interface AttemptOptions {
  readonly request: Uint8Array
  /** Until it counts as not answered. */
  readonly limitMs: number
  readonly structs: StructSet
  readonly onReject: Reject
}

/**
 * One request and what comes back. A reply must be sound and fit the request: its address, its module, its layout. An
 * echo of the request, frames of another master and late replies to earlier requests are passed over.
 */
export class Attempt implements Disposable {
  readonly outcome: Promise<Outcome>
  readonly #options: AttemptOptions
  readonly #clock: Clock
  readonly #cutter = new FrameCutter()
  readonly #exchange = new Exchange({})
  readonly #sentAt: number
  readonly #over = new AbortController()
  #idle = new AbortController()
  /** A frame came in pieces: the reply will not come any more once the line is quiet. */
  #damaged = false
  #reason: string | undefined
  #settle: (outcome: Outcome) => void = () => {}
  #fail: (error: unknown) => void = () => {}

  constructor(options: AttemptOptions, clock: Clock) {
    this.#options = options
    this.#clock = clock
    this.#sentAt = clock.now()
    this.outcome = new Promise((resolve, reject) => {
      this.#settle = resolve
      this.#fail = reject
    })
    const asked = new FrameCutter()
    asked.push(options.request, (frame, text) => this.#exchange.frame(frame, text, 0, NOBODY, NOBODY), NOBODY)
    this.#wait(options.limitMs, this.#over.signal).then(() => this.#giveUp(), NOBODY)
  }

  /** Takes what has come. */
  take({ data, at }: Packet): void {
    this.#idle.abort()
    this.#cutter.push(
      data,
      (frame, text) => {
        if (this.#exchange.isRequest(frame, text)) return
        this.#exchange.frame(frame, text, at, this.#answered, this.#refused)
      },
      this.#broken,
    )
    if (this.#cutter.unfinished || this.#damaged) this.#waitForMore()
  }

  /** The connection is lost. */
  fail(error: unknown): void {
    this.#fail(error)
  }

  [Symbol.dispose](): void {
    this.#over.abort()
    this.#idle.abort()
  }

  readonly #answered = (message: Message): void => {
    if (message.keys[0] !== 'RTN') this.#decode(message)
    else this.#settle({ ok: false, reason: rtnText(Number(message.header?.['rtn'])) })
  }

  #decode(message: Message): void {
    try {
      const reply = decodeReply(this.#options.structs, message)
      if (reply !== undefined) this.#settle({ ok: true, reply })
      else this.#refused(new FrameError(`pylontech: no definition for ${message.keys[0]}`, { reason: 'definition' }))
    } catch (error) {
      if (!(error instanceof DecodeError)) throw error
      this.#refused(new FrameError(error.message, { reason: 'definition' }, error))
    }
  }

  /** A sound frame that does not answer: the reply may yet come. */
  readonly #refused = (error: FrameError): void => {
    this.#reason = String(error.context['reason'])
    this.#options.onReject(error)
  }

  readonly #broken = (error: FrameError): void => {
    this.#damaged = true
    this.#refused(error)
  }

  #waitForMore(): void {
    const elapsed = Math.max(0, this.#clock.now() - this.#sentAt) // clocks are set back now and then
    const patience = Math.max(IDLE_MS, LATEST_START_MS - elapsed)
    this.#idle = new AbortController()
    const waitMs = this.#cutter.unfinished ? IDLE_MS : patience
    this.#wait(waitMs, this.#idle.signal).then(() => this.#idled(), NOBODY)
  }

  async #wait(ms: number, signal: AbortSignal): Promise<void> {
    await this.#clock.sleep(ms - GRACE_MS, signal)
    await this.#clock.sleep(GRACE_MS, signal)
  }

  #idled(): void {
    if (!this.#cutter.unfinished) {
      this.#giveUp()
      return
    }
    this.#cutter.end(this.#broken)
    this.#waitForMore()
  }

  #giveUp(): void {
    this.#cutter.end(this.#broken)
    this.#settle({ ok: false, reason: this.#reason ?? (this.#cutter.noise > 0 ? 'noise' : 'timeout') })
  }
}

const NOBODY = (): void => {}
