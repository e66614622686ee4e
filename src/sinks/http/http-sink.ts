import type { IncomingMessage, Server, ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { Clock } from '../../core/clock.ts'
import type { Endpoint } from '../../core/endpoint.ts'
import type { Reading } from '../../core/reading.ts'
import { counted } from '../counted.ts'
import { isDoneWithin } from '../deadline.ts'
import type { Sink } from '../sink.ts'
import { type MakeDocument, Snapshot } from '../snapshot.ts'
import { type Answer, commonHeaders, errorAnswer, sendAnswer } from './answer.ts'
import { EventStreams } from './event-streams.ts'
import { Health } from './health.ts'
import { type HostCheck, hostCheck } from './host-check.ts'
import { MAX_CONNECTIONS, openServer } from './server.ts'
import { Site } from './site.ts'

export interface HttpSinkOptions {
  /** Where to listen; port 0 is any. */
  readonly at: Endpoint
  readonly clock: Clock
  /** A family's own document at `/`, in place of `time` and `devices`. */
  readonly document?: MakeDocument | undefined
  /** How often a reading is expected, ms: three times as long without one is not healthy. */
  readonly intervalMs?: number | undefined
  /** Origin whose web pages may read this, `*` for all; none without it. */
  readonly cors?: string | undefined
  /** What the run has to complain about, for /healthz. */
  readonly problems?: (() => readonly string[]) | undefined
}

/** So long the end of a run waits for clients that are being answered, ms. */
const PATIENCE_MS = 1000

/** Serves the newest values of all devices over HTTP. Throws `TransportError` where the port cannot be had. */
export async function openHttpSink(options: HttpSinkOptions): Promise<HttpSink> {
  return new HttpSink(await openServer(options.at), options)
}

/** `/` all devices, `/<device>` one, `/events` readings as they come, `/healthz` whether they do. Clients only read. */
export class HttpSink implements Sink {
  /** Where it listens, with the port that was chosen. */
  readonly endpoint: Endpoint
  readonly #server: Server
  readonly #clock: Clock
  readonly #snapshot: Snapshot
  readonly #health: Health
  readonly #streams: EventStreams
  readonly #site: Site
  readonly #isOurs: HostCheck
  readonly #headers: Readonly<Record<string, string>>
  #refused = 0
  #failure: string | undefined

  /** `server` listens already. */
  constructor(server: Server, { at, clock, document, intervalMs, cors, problems }: HttpSinkOptions) {
    const { address, port } = server.address() as AddressInfo
    this.endpoint = { host: at.host, port }
    this.#server = server
    this.#clock = clock
    this.#snapshot = new Snapshot({ clock, document })
    this.#health = new Health(clock, intervalMs)
    this.#streams = new EventStreams(clock)
    this.#site = new Site(this.#snapshot, () => this.#report(problems?.() ?? this.problems()))
    this.#isOurs = hostCheck(at.host, address)
    this.#headers = commonHeaders(cors)
    server.on('request', this.#handle)
    server.on('checkContinue', this.#handle) // else the server would ask for the body
    server.on('drop', () => this.#refused++)
    server.on('error', error => this.#fails(error))
  }

  /** Never waits. */
  write(reading: Reading): void {
    this.#snapshot.add(reading)
    this.#health.readings++
    this.#streams.send(reading)
  }

  async close(): Promise<void> {
    const closed = new Promise<void>(resolve => this.#server.close(() => resolve()))
    this.#streams.close()
    this.#server.closeIdleConnections()
    await isDoneWithin(PATIENCE_MS, closed, this.#clock)
    this.#server.closeAllConnections()
    await closed
  }

  problems(): readonly string[] {
    const { dropped, disconnected } = this.#streams
    const lines = [...this.#snapshot.problems()]
    if (dropped > 0) {
      lines.push(
        `http: ${counted(dropped, 'event')} not sent; ${counted(disconnected, 'client')} disconnected as too slow`,
      )
    }
    if (this.#refused > 0) {
      lines.push(`http: ${counted(this.#refused, 'connection')} refused beyond ${MAX_CONNECTIONS} at once`)
    }
    if (this.#failure !== undefined) lines.push(`http: ${this.#failure}`)
    return lines
  }

  /** A request never ends the run, whatever it brings to light. */
  readonly #handle = (request: IncomingMessage, response: ServerResponse): void => {
    try {
      this.#answer(request, response)
    } catch (error) {
      this.#fails(error as Error)
      if (response.headersSent) response.destroy()
      else sendAnswer(response, errorAnswer(500, 'this is a defect of the server'))
    }
  }

  #answer(request: IncomingMessage, response: ServerResponse): void {
    if (this.#streams.has(request.socket)) {
      request.socket.destroy() // a stream does not end, so nobody may wait for an answer behind it
      return
    }
    for (const [name, value] of Object.entries(this.#headers)) response.setHeader(name, value)
    const refusal = this.#refusal(request)
    if (refusal !== undefined) response.shouldKeepAlive = false // there may be a body
    const path = request.url!.split('?', 1)[0]!
    if (refusal === undefined && path === '/events') this.#stream(request, response)
    else sendAnswer(response, refusal ?? this.#site.answer(path))
  }

  #refusal({ headers, method, url }: IncomingMessage): Answer | undefined {
    if (!this.#isOurs(headers.host)) return errorAnswer(403, 'ask for localhost: other names are not answered here')
    if (method !== 'GET' && method !== 'HEAD') return errorAnswer(405, 'there is only GET', { Allow: 'GET, HEAD' })
    if (headers['transfer-encoding'] !== undefined || Number(headers['content-length'] ?? 0) !== 0) {
      return errorAnswer(413, 'a request has no body here')
    }
    return url!.startsWith('/') ? undefined : errorAnswer(400, 'the path is not well-formed')
  }

  #stream({ method }: IncomingMessage, response: ServerResponse): void {
    if (this.#streams.isFull) {
      sendAnswer(response, errorAnswer(503, 'too many clients of /events', { 'Retry-After': '60' }))
      return
    }
    response.shouldKeepAlive = false
    response.writeHead(200, { 'Content-Type': 'text/event-stream', 'X-Accel-Buffering': 'no' }) // nginx must not collect
    if (method === 'HEAD') response.end()
    else this.#streams.add(response)
  }

  #report(problems: readonly string[]) {
    return this.#health.report(this.#snapshot.devices, this.#streams.status(), problems)
  }

  #fails({ message }: Error): void {
    this.#failure = message
  }
}
