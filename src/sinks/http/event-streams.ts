import type { ServerResponse } from 'node:http'
import type { Socket } from 'node:net'
import type { Clock } from '../../core/clock.ts'
import type { Reading } from '../../core/reading.ts'
import { isoTime, jsonText } from '../ndjson.ts'

/** Clients of /events at once; the other connections are left for requests. */
const MAX_CLIENTS = 32
/** Bytes that wait for a slow client before events are dropped for it. */
const MAX_WAITING = 262_144
/** Events in a row that are dropped for a client before it is disconnected. */
const MAX_DROPPED = 1000
/** How often a quiet stream says that it lives: proxies close silent connections after a minute. */
const HEARTBEAT_MS = 20_000
/** How long browsers wait before they connect again. */
const RETRY_MS = 5000

interface Client {
  readonly response: ServerResponse
  readonly socket: Socket
  /** Events in a row that it did not get. */
  dropped: number
}

/** What is known of the streams, for /healthz. */
export interface StreamStatus {
  readonly clients: number
  readonly buffered_bytes: number
  readonly dropped_events: number
}

/** Server-sent events: every reading to every client, as an NDJSON object. A slow client misses events, and is told. */
export class EventStreams {
  /** Events that clients did not get, and clients that were too slow for too long. */
  dropped = 0
  disconnected = 0
  readonly #clock: Clock
  readonly #clients = new Set<Client>()
  readonly #stop = new AbortController()
  #beating = false

  constructor(clock: Clock) {
    this.#clock = clock
  }

  get isFull(): boolean {
    return this.#clients.size >= MAX_CLIENTS
  }

  /** Whether a connection has become a stream. */
  has(connection: Socket): boolean {
    for (const { socket } of this.#clients) if (socket === connection) return true
    return false
  }

  /** Makes a response, whose head has been written, a stream of events. Its connection has no other use then. */
  add(response: ServerResponse): void {
    const { socket } = response.req
    const client = { response, socket, dropped: 0 }
    socket.once('close', () => this.#clients.delete(client)) // also where the response still waits for its turn
    response.on('error', () => {}) // `close` follows
    response.on('timeout', () => {}) // a stream may be quiet for longer than a request
    response.write(`retry: ${RETRY_MS}\n\n`)
    this.#clients.add(client)
    if (!this.#beating) void this.#beat()
  }

  /** Never waits. */
  send({ time, family, device, message, values }: Reading): void {
    if (this.#clients.size === 0) return
    const data = jsonText({ time: isoTime(time), family, device, message, values })
    const bytes = Buffer.from(`event: reading\ndata: ${data}\n\n`)
    for (const client of this.#clients) this.#sendTo(client, bytes)
  }

  status(): StreamStatus {
    let buffered = 0
    for (const { response } of this.#clients) buffered += response.writableLength
    return { clients: this.#clients.size, buffered_bytes: buffered, dropped_events: this.dropped }
  }

  /** Ends all streams. */
  close(): void {
    this.#stop.abort()
    for (const { response } of this.#clients) response.end()
  }

  #sendTo(client: Client, bytes: Uint8Array): void {
    const { response } = client
    const waiting = response.writableLength
    if (waiting > 0 && waiting + bytes.length > MAX_WAITING) {
      this.#drop(client)
      return
    }
    if (client.dropped > 0) response.write(`event: dropped\ndata: {"events":${client.dropped}}\n\n`)
    client.dropped = 0
    response.write(bytes)
  }

  #drop(client: Client): void {
    this.dropped++
    if (++client.dropped < MAX_DROPPED) return
    this.disconnected++
    this.#clients.delete(client)
    client.socket.destroy()
  }

  /** Runs while there are clients. */
  async #beat(): Promise<void> {
    this.#beating = true
    while (this.#clients.size > 0 && !this.#stop.signal.aborted) {
      await this.#clock.sleep(HEARTBEAT_MS, this.#stop.signal).catch(() => {}) // the loop looks at the signal
      for (const { response } of this.#clients) {
        if (response.writableLength === 0 && !response.writableEnded) response.write(':\n\n')
      }
    }
    this.#beating = false
  }
}
