import type { Clock } from '../../../core/clock.ts'
import { isWattzupError } from '../../../core/errors.ts'
import type { Listener } from '../../../core/network.ts'
import type { Transport } from '../../../core/transport.ts'
import type { Reject } from '../../protocol.ts'
import type { DongleLink } from '../dongle-link.ts'
import { ILLEGAL_FUNCTION, ILLEGAL_VALUE } from '../exception.ts'
import { type LxpFrame, TCP_DATA } from '../frame.ts'
import { type DeviceRequest, decodeRequest } from '../request.ts'
import { isWrite } from './ask-queue.ts'
import { Asker, type AskerOptions } from './asker.ts'
import { ProxyClient } from './proxy-client.ts'
import { noCounts, type ProxyCounts } from './proxy-counts.ts'
import { staticRefusal } from './write-guard.ts'

/** The most registers that any dongle gives at once, and how many there can be. */
const MAX_COUNT = 127
const REGISTERS = 0x10000

export interface ProxyOptions extends AskerOptions {
  readonly maxClients: number
  readonly report: (event: ProxyEvent) => void
  /** Takes what clients send that is no frame. */
  readonly onReject: Reject
}

/** What happens to a client, for the log. */
export interface ProxyEvent {
  /** `rejected`: there were too many already; `lost`: also one that was dropped because it does not read. */
  readonly type: 'connected' | 'closed' | 'lost' | 'rejected'
  readonly origin: string
  readonly error?: Error
}

/**
 * Shares one dongle between many clients, which each take it for the dongle itself. Reads are queued, fair between
 * clients; answers go to who asked, all else that the dongle sends goes to everybody. Nothing is passed on as it came:
 * requests are taken apart and built anew.
 */
export class DongleProxy {
  readonly counts: ProxyCounts = noCounts()
  readonly #options: ProxyOptions
  readonly #clock: Clock
  readonly #asker: Asker
  readonly #clients = new Set<ProxyClient>()

  constructor(options: ProxyOptions, clock: Clock) {
    this.#options = options
    this.#clock = clock
    this.#asker = new Asker(options, this.counts)
  }

  /** Clients that are connected. */
  get clients(): number {
    return this.#clients.size
  }

  /** Takes what the dongle sends: `onFrame` of the link that `serve` gets. */
  readonly broadcast = (frame: LxpFrame, _at: number, isAnswer: boolean): void => {
    if (isAnswer) return
    const bytes = Uint8Array.from(frame.bytes)
    for (const client of this.#clients) client.send(bytes)
  }

  /** Serves everybody who connects; ends when `signal` aborts and all have been let go. */
  async listen(listener: Listener, signal: AbortSignal): Promise<void> {
    const serving = new Set<Promise<void>>()
    for await (const transport of listener.connections(signal)) {
      const client = this.client(transport, signal).finally(() => serving.delete(client))
      serving.add(client)
    }
    await Promise.all(serving)
  }

  /** Serves a client until it goes or `signal` aborts, and closes its connection. */
  async client(transport: Transport, signal: AbortSignal): Promise<void> {
    await using connection = transport
    const { origin } = connection
    const { maxClients, report, onReject } = this.#options
    if (this.#clients.size >= maxClients) {
      report({ type: 'rejected', origin })
      return
    }
    const client = new ProxyClient(connection, this.#clock, this.#take, onReject)
    this.#clients.add(client)
    report({ type: 'connected', origin })
    try {
      await client.run(signal)
      report({ type: 'closed', origin })
    } catch (error) {
      if (!isWattzupError(error)) throw error
      report({ type: 'lost', origin, error })
    } finally {
      this.#clients.delete(client)
      this.#asker.remove(client)
    }
  }

  /**
   * Asks the dongle what clients ask, until the connection ends: rejects then, also with `TimeoutError` when the dongle
   * does not answer any more. While nothing serves them, clients are told that the dongle is busy.
   */
  serve(link: DongleLink, signal: AbortSignal): Promise<never> {
    return this.#asker.serve(link, signal)
  }

  readonly #take = (client: ProxyClient, frame: LxpFrame): void => {
    if (frame.tcpFunction !== TCP_DATA || frame.type === 'exception') {
      this.counts.ignored++ // heartbeats too: the link answers those of the dongle
      return
    }
    const { serials } = this.#options
    const { datalog, inverter = '', deviceFunction = 0, register = 0 } = frame
    if (datalog !== serials.datalog || !serials.inverters.includes(inverter)) {
      this.counts.foreign++
      return
    }
    this.counts.requests++
    const questioned = { datalog, inverter, deviceFunction, register }
    const request = decodeRequest(frame)
    if (request === undefined) {
      this.#asker.refuse({ client, questioned }, ILLEGAL_FUNCTION)
      return
    }
    const code = this.#refusal(request)
    if (code === undefined) this.#asker.add({ client, inverter, request, questioned })
    else this.#asker.refuse({ client, questioned }, code)
  }

  /** The error code that a request is refused with at once. */
  #refusal(request: DeviceRequest): number | undefined {
    if (isWrite(request)) return staticRefusal(request, this.#options.writes)
    const { register, count } = request
    return count < 1 || count > MAX_COUNT || register + count > REGISTERS ? ILLEGAL_VALUE : undefined
  }
}
