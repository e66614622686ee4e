/*
 * One connection to a broker. The one file that knows mqtt.js, which is loaded when it is needed. All that mqtt.js does
 * beyond a connection (connecting again, keeping messages) is turned off: the publisher does it with our clock, and
 * knows what was lost.
 */
import { createConnection } from 'node:net'
import type { IClientOptions, MqttClient } from 'mqtt'
import { TransportError } from '../../core/errors.ts'
import { type BrokerAddress, brokerText, type Credentials, isEncrypted } from './broker-address.ts'
import type { MqttMessage, ReceivedMessage } from './message.ts'
import { connectError, lostError, type ReasonOf, refusalText } from './refusal.ts'

/** Whom we trust, and who we are, on an encrypted connection. */
export interface TlsOptions {
  /** PEM texts: authorities that are trusted in place of the usual ones, our certificate and its key. */
  readonly ca?: string
  readonly cert?: string
  readonly key?: string
  /** Whoever answers is trusted. */
  readonly insecure: boolean
}

/** What a connection needs. */
export interface BrokerOptions {
  readonly address: BrokerAddress
  /** Only addresses of this family are connected to, over TCP or TLS; either without it. */
  readonly family?: 4 | 6
  readonly credentials?: Credentials
  readonly clientId: string
  readonly version: 4 | 5
  readonly tls: TlsOptions
  /** What the broker says when we go without a word. */
  readonly will?: MqttMessage
  /** So long, in s, nothing is heard before the broker is asked for a sign of life; after half as long again it is lost. */
  readonly keepAliveS: number
  /** Says why the system refused a connection. */
  readonly reasonOf: ReasonOf
}

/** What a connection tells while it stands. */
export interface BrokerEvents {
  readonly received: (message: ReceivedMessage) => void
  /** The broker has sent anything at all. */
  readonly alive: () => void
}

/** A connection that stands. Disposing of it ends it without a word, so that the broker publishes the will. */
export interface BrokerLink extends AsyncDisposable {
  /** So many messages may be on their way at a time. */
  readonly window: number
  /** Why the connection has ended; resolves when it has, also by our own doing. */
  readonly closed: Promise<Error>
  /**
   * Sends a message. `settled` is called when the broker has it (QoS 0: the system), or with the reason when the broker
   * refuses it; never when the connection ends first.
   */
  send(message: MqttMessage, settled: (refusal?: string) => void): void
  /** Subscribes with QoS 1; gives the filters that the broker refuses. */
  subscribe(filters: readonly string[]): Promise<readonly string[]>
  /** Says goodbye, so that there is no will; resolves when the broker has closed the connection. */
  disconnect(): Promise<void>
}

/** How long connecting may take, from the look-up of the name to the broker's answer. */
const CONNECT_MS = 10_000

/** Codes from here on say that something was not done. */
const REFUSED = 128

/** Few enough to be sent again after a loss, and as many as mosquitto takes at a time. */
const WINDOW = 20

/** Makes a connection; rejects with `TransportError`, or the reason of `signal`. */
export async function openBroker(
  options: BrokerOptions,
  events: BrokerEvents,
  signal: AbortSignal,
): Promise<BrokerLink> {
  const mqtt = await import('mqtt')
  signal.throwIfAborted()
  const link = new MqttJsLink(
    begun(() => clientOf(mqtt, options), options.address),
    options,
    events,
  )
  try {
    await link.opened(signal)
    return link
  } catch (error) {
    await link[Symbol.asyncDispose]()
    throw error
  }
}

/** What `connect` gives; certificates and keys that are none are found here. */
function begun(connect: () => MqttClient, address: BrokerAddress): MqttClient {
  try {
    return connect()
  } catch (error) {
    const why = `a certificate or key cannot be used: ${(error as Error).message}`
    throw new TransportError(
      `cannot connect to ${brokerText(address)}: ${why}`,
      { address: brokerText(address) },
      error,
    )
  }
}

/** Over plain TCP mqtt.js does not pass the family on. */
function clientOf({ connect, MqttClient }: typeof import('mqtt'), options: BrokerOptions): MqttClient {
  const { address, family } = options
  if (family === undefined || address.protocol !== 'mqtt') return connect(clientOptions(options))
  const { host, port } = address
  return new MqttClient(() => createConnection({ host, port, family }), clientOptions(options))
}

function clientOptions({ address, credentials, tls, will, ...options }: BrokerOptions): IClientOptions {
  const { protocol, host, port, path } = address
  const { ca, cert, key, insecure } = tls
  const isWebSocket = protocol === 'ws' || protocol === 'wss'
  return {
    protocol,
    host: isWebSocket && host.includes(':') ? `[${host}]` : host,
    port,
    ...(options.family === undefined ? {} : { family: options.family }),
    ...(isWebSocket ? { path } : {}),
    clientId: options.clientId,
    protocolVersion: options.version,
    clean: true,
    keepalive: options.keepAliveS,
    connectTimeout: CONNECT_MS,
    reconnectPeriod: 0,
    resubscribe: false,
    queueQoSZero: false,
    log: () => {}, // DEBUG=mqttjs* would print the password
    ...credentials,
    ...(isEncrypted(address) ? { rejectUnauthorized: !insecure } : {}),
    ...(ca === undefined ? {} : { ca }),
    ...(cert === undefined ? {} : { cert }),
    ...(key === undefined ? {} : { key }),
    ...(will === undefined ? {} : { will: { ...will, payload: Buffer.from(will.payload) } }),
  }
}

class MqttJsLink implements BrokerLink {
  window = WINDOW
  readonly closed: Promise<Error>
  readonly #client: MqttClient
  readonly #options: BrokerOptions
  /** The first thing that went wrong: it is why the connection ends. */
  #failure: Error | undefined

  constructor(client: MqttClient, options: BrokerOptions, events: BrokerEvents) {
    this.#client = client
    this.#options = options
    this.closed = new Promise(resolve => {
      client.once('close', () => resolve(lostError(options.address, this.#failure, options.reasonOf)))
    })
    client.on('error', error => this.#failed(error))
    client.stream.on('error', error => this.#failed(error)) // mqtt.js keeps those without a code to itself
    client.on('disconnect', ({ reasonCode: code = 0 }) => {
      if (code > 0) this.#failed(Object.assign(new Error('the broker ends the connection'), { code }))
    })
    client.on('packetreceive', () => events.alive())
    client.on('message', (topic, payload, { retain }) => {
      events.received({ topic, payload: payload.toString('utf8'), retained: retain })
    })
  }

  /** Waits for the broker's answer; rejects with `TransportError`, or the reason of `signal`. */
  opened(signal: AbortSignal): Promise<void> {
    const { address, credentials, reasonOf } = this.#options
    return new Promise((resolve, reject) => {
      const aborted = () => reject(signal.reason)
      signal.addEventListener('abort', aborted, { once: true })
      void this.closed.then(() => {
        signal.removeEventListener('abort', aborted)
        reject(connectError(address, credentials !== undefined, this.#failure, reasonOf))
      })
      this.#client.once('connect', ({ properties }) => {
        signal.removeEventListener('abort', aborted)
        this.window = Math.min(WINDOW, properties?.receiveMaximum ?? WINDOW)
        resolve()
      })
    })
  }

  send({ topic, payload, qos, retain }: MqttMessage, settled: (refusal?: string) => void): void {
    this.#client.publish(topic, payload, { qos, retain }, error => {
      const code = (error as { readonly code?: unknown } | null | undefined)?.code
      if (error === undefined || error === null) settled()
      else if (typeof code === 'number') settled(refusalText(code))
    })
  }

  subscribe(filters: readonly string[]): Promise<readonly string[]> {
    if (filters.length === 0) return Promise.resolve([])
    return new Promise(resolve => {
      this.#client.subscribe([...filters], { qos: 1 }, (_error, _granted, packet) => {
        resolve(filters.filter((_, i) => Number(packet?.granted[i] ?? 0) >= REFUSED))
      })
    })
  }

  async disconnect(): Promise<void> {
    this.#client.end(false)
    await this.closed
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#client.end(true)
    this.#client.stream.destroy() // also where a goodbye is under way
    await this.closed
  }

  #failed(error: Error): void {
    this.#failure ??= error
    this.#client.stream.destroy()
  }
}
