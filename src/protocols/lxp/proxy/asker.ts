import { TimeoutError } from '../../../core/errors.ts'
import type { DongleLink } from '../dongle-link.ts'
import { BUSY, LxpException } from '../exception.ts'
import type { LxpFrame } from '../frame.ts'
import { DEVICE_TYPE } from '../model.ts'
import { exceptionReply } from '../request.ts'
import type { SerialBook } from '../serial-book.ts'
import { type Ask, AskQueue, isWrite, keyOf } from './ask-queue.ts'
import type { ProxyClient } from './proxy-client.ts'
import type { ProxyCounts } from './proxy-counts.ts'
import { type GuardOptions, WriteGuard } from './write-guard.ts'

/** Requests of one client that may wait. */
const MAX_ASKS = 16

export interface AskerOptions extends GuardOptions {
  readonly serials: SerialBook
}

/** Asks the dongle for clients, and answers them. */
export class Asker {
  readonly #options: AskerOptions
  readonly #counts: ProxyCounts
  readonly #queue = new AskQueue(MAX_ASKS)
  /** Asks that the request on its way will answer. */
  #flying: Ask[] = []
  #isConnected = false
  /** The inverter that answered last. */
  #alive: string | undefined

  constructor(options: AskerOptions, counts: ProxyCounts) {
    this.#options = options
    this.#counts = counts
  }

  /** Takes an ask that may be passed on. While there is no dongle the client is told that it is busy. */
  add(ask: Ask): void {
    if (!this.#isConnected) this.refuse(ask, BUSY)
    else if (this.#isOnItsWay(ask)) this.#join(ask)
    else this.#wait(ask)
  }

  /** Answers with an exception. */
  refuse({ client, questioned }: Pick<Ask, 'client' | 'questioned'>, code: number): void {
    this.#counts[code === BUSY ? 'busy' : 'refused']++
    client.send(exceptionReply(questioned, code, this.#options.serials.protocol))
  }

  /** The client has gone. */
  remove(client: ProxyClient): void {
    this.#queue.remove(client)
  }

  /** Asks one after the other until the connection ends, and rejects then; see `DongleProxy.serve`. */
  async serve(link: DongleLink, signal: AbortSignal): Promise<never> {
    const guard = new WriteGuard(link, this.#options)
    this.#isConnected = true
    try {
      for (;;) {
        this.#flying = await this.#queue.next(signal)
        await this.#ask(link, guard, signal)
        this.#flying = []
      }
    } finally {
      this.#isConnected = false
      const lost = this.#flying.filter(({ request }) => !isWrite(request)) // a write may have arrived
      for (const ask of [...lost, ...this.#queue.drain()]) this.refuse(ask, BUSY)
      this.#flying = []
    }
  }

  #isOnItsWay(ask: Ask): boolean {
    const [flying] = this.#flying
    const key = keyOf(ask)
    return flying !== undefined && key !== undefined && key === keyOf(flying) && !this.#queue.hasWrite(ask.client)
  }

  #join(ask: Ask): void {
    this.#counts.shared++
    if (!this.#flying.some(({ client }) => client === ask.client)) this.#flying.push(ask)
  }

  #wait(ask: Ask): void {
    const result = this.#queue.add(ask)
    if (result === 'same') this.#counts.shared++
    else if (result === 'full') this.refuse(ask, BUSY)
  }

  /** Asks what is in `#flying`. */
  async #ask(link: DongleLink, guard: WriteGuard, signal: AbortSignal): Promise<void> {
    const { inverter, request } = this.#flying[0]!
    try {
      const code = isWrite(request) ? await guard.refusal(inverter, request, signal) : undefined
      if (code === undefined) this.#answer(await link.request(inverter, request, signal))
      else for (const ask of this.#flying) this.refuse(ask, code)
    } catch (error) {
      if (error instanceof LxpException) this.#answer(error.frame)
      else if (error instanceof TimeoutError) await this.#unanswered(link, inverter, signal)
      else throw error
    }
  }

  #answer({ bytes, inverter }: LxpFrame): void {
    this.#alive = inverter
    this.#counts.answered += this.#flying.length
    for (const { client } of this.#flying) client.send(bytes)
  }

  /**
   * The client gets no answer either. Asks something harmless: a dongle that answers that is well, and a client that asks
   * for what nobody answers cannot break the connection of the others.
   */
  async #unanswered(link: DongleLink, inverter: string, signal: AbortSignal): Promise<void> {
    this.#counts.unanswered += this.#flying.length
    this.#flying = []
    try {
      await link.request(this.#alive ?? inverter, { type: 'hold', register: DEVICE_TYPE, count: 1 }, signal)
    } catch (error) {
      if (!(error instanceof LxpException)) throw error
    }
  }
}
