import type { Clock } from '../../../core/clock.ts'
import type { Packet } from '../../../core/packet.ts'
import type { Transport } from '../../../core/transport.ts'
import type { StructSet } from '../../../decode/struct-set.ts'
import type { Reject } from '../../protocol.ts'
import { READ_COMMANDS, requestFrame } from '../commands.ts'
import { rtnText } from '../reply.ts'
import { Attempt, isSilence, type Outcome } from './attempt.ts'
import { LinkReader } from './link-reader.ts'
import { Traffic } from './traffic.ts'

/** Quiet time on the line before a request, ms: what modules need after a reply. */
export const GAP_MS = 50
/** Tries of a request in all. */
export const TRIES = 3
const LEAST_LIMIT_MS = 500
/** What a module takes before it begins to answer, ms. */
const THINKING_MS = 300
const BITS_PER_BYTE = 10
/** A line that is never quiet is not waited for longer than so many gaps. */
const MOST_GAPS = 10
/** The command is not known to this firmware: asking again gives the same. */
const FINAL = rtnText(0x04)

export interface LineOptions {
  readonly structs: StructSet
  /** Speed of the line, for the time that a reply may take. */
  readonly baudRate: number
  readonly onReject: Reject
  /** Told at every reply. */
  readonly onAlive: () => void
  /** Takes the bytes of each request, and those that came back for it. */
  readonly onTraffic: (packet: Packet) => void
}

export interface Question {
  readonly cid2: number
  /** 16 x group + n. */
  readonly adr: number
  /** Ask the first module for all of them: so many. */
  readonly modules?: number
  /** Tries where nothing at all comes back; one that was damaged is always repeated. */
  readonly silentTries?: number
}

/**
 * One master's view of a half-duplex line: a request, then its reply. Keeps the pauses that modules need. Reads the
 * transport from the start; dispose of it before the transport.
 */
export class Line implements AsyncDisposable {
  readonly #transport: Transport
  readonly #clock: Clock
  readonly #options: LineOptions
  readonly #traffic: Traffic
  readonly #reader: LinkReader
  #attempt: Attempt | undefined
  /** When the last byte came. */
  #quietSince = Number.NEGATIVE_INFINITY

  constructor(transport: Transport, clock: Clock, options: LineOptions, signal: AbortSignal) {
    this.#transport = transport
    this.#clock = clock
    this.#options = options
    this.#traffic = new Traffic(transport.origin, options.onTraffic)
    this.#reader = new LinkReader(transport, packet => this.#take(packet), signal)
  }

  /**
   * Asks, as often as it takes. Rejects with `TransportError` when the connection is lost, or the reason of the signal;
   * whatever a module or the wire does wrong is an outcome.
   */
  async ask(question: Question): Promise<Outcome> {
    const { silentTries = TRIES } = question
    let failure: Outcome | undefined
    for (let tries = 1; ; tries++) {
      const outcome = await this.#try(question)
      if (outcome.ok) return outcome
      const silent = isSilence(outcome.reason)
      if (failure === undefined || !silent) failure = outcome
      if (tries >= (silent ? silentTries : TRIES) || outcome.reason === FINAL) return failure
    }
  }

  get origin(): string {
    return this.#transport.origin
  }

  /** Asks nothing for so long; rejects like `ask`. */
  rest(ms: number): Promise<void> {
    return this.#clock.sleep(ms, this.#reader.over)
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.#reader[Symbol.asyncDispose]()
  }

  async #try({ cid2, adr, modules }: Question): Promise<Outcome> {
    await this.#pause()
    const { over } = this.#reader
    over.throwIfAborted()
    const { structs, onReject, onAlive } = this.#options
    const request = requestFrame(cid2, adr, modules !== undefined)
    const limitMs = this.#limitMs(request.length + READ_COMMANDS.get(cid2)!.replyBytes * (modules ?? 1))
    using attempt = new Attempt({ request, limitMs, structs, onReject }, this.#clock)
    this.#attempt = attempt
    const lost = () => attempt.fail(over.reason)
    over.addEventListener('abort', lost)
    try {
      this.#traffic.sent(request, this.#clock.now())
      this.#transport.send(request, over).catch(error => attempt.fail(error))
      const outcome = await attempt.outcome
      if (outcome.ok) onAlive()
      return outcome
    } finally {
      over.removeEventListener('abort', lost)
      this.#attempt = undefined
      this.#traffic.flush()
    }
  }

  #limitMs(bytes: number): number {
    return Math.max(LEAST_LIMIT_MS, THINKING_MS + (1.5 * bytes * BITS_PER_BYTE * 1000) / this.#options.baudRate)
  }

  /** Until the line has been quiet for long enough; what comes meanwhile is late and belongs to nothing. */
  async #pause(): Promise<void> {
    for (let gaps = 0; gaps < MOST_GAPS; gaps++) {
      const since = Math.max(0, this.#clock.now() - this.#quietSince) // clocks are set back now and then
      if (since >= GAP_MS) return
      await this.rest(GAP_MS - since)
    }
  }

  #take(packet: Packet): void {
    this.#quietSince = this.#clock.now()
    this.#traffic.received(packet)
    if (this.#attempt === undefined) this.#traffic.flush()
    else this.#attempt.take(packet)
  }
}
