import type { MqttSettings } from '../protocols/batgw/config/mqtt-options.ts'
import type { Gateway } from '../protocols/batgw/gateway.ts'
import type { GatewayEvent, Side } from '../protocols/batgw/gateway-event.ts'
import { type TopicsOf, type TopicValue, topicOf } from '../protocols/batgw/topics.ts'
import type { Flow } from '../protocols/batgw/wishes.ts'
import type { BrokerOptions } from '../sinks/mqtt/broker.ts'
import type { MqttMessage, ReceivedMessage } from '../sinks/mqtt/message.ts'
import { MqttPublisher } from '../sinks/mqtt/publisher.ts'
import { reasonOf } from '../transport/reason.ts'
import { TopicBoard } from './batgw-topic-board.ts'
import type { Io } from './io.ts'
import { clientId } from './mqtt-broker.ts'

/** Messages that may wait; it is only ever those of one connection. */
const QUEUE = 2000

/** What is published of the messages of each side. */
type Topics = Readonly<Record<Side, TopicsOf>>

/**
 * The topics and commands of the program that the configuration comes from, on the broker of the configuration. It waits for
 * nobody: what cannot be published is said with the next connection.
 */
export class GatewayMqtt {
  readonly #settings: MqttSettings
  readonly #gateway: Gateway
  readonly #topics: Topics
  readonly #io: Io
  readonly #publisher: MqttPublisher
  readonly #board = new TopicBoard()
  /** Why nothing may flow, by topic. */
  readonly #reasons = new Map<string, string>()
  readonly #stop = new AbortController()

  /** Connects at once. */
  constructor(settings: MqttSettings, gateway: Gateway, topics: Topics, io: Io) {
    this.#settings = settings
    this.#gateway = gateway
    this.#topics = topics
    this.#io = io
    const broker = { ...brokerOf(settings, io.random), will: this.#lwt('Offline') }
    const longestWaitMs = settings.reconnectS * 1000
    const report = (line: string) => this.#report(line)
    this.#publisher = new MqttPublisher(
      { broker, queueLimit: QUEUE, greeting: () => this.#greeting(), report, longestWaitMs },
      io.clock,
      io.random,
    )
    this.#publisher.subscribe(`${settings.topic}/cmnd/#`, message => this.#command(message))
    void this.#repeat()
  }

  take(event: GatewayEvent): void {
    if (event.type === 'unsafe' || event.type === 'charge-blocked' || event.type === 'discharge-blocked') {
      const topic = `battery/${event.type}`
      this.#reasons.set(topic, event.reason)
      this.#publisher.publishStanding(this.#reason(topic, event.reason))
    } else if (event.type === 'limits') {
      const amperes = [
        ...topicOf('max-charge/current', event.chargeDa / 10, 1),
        ...topicOf('max-discharge/current', event.dischargeDa / 10, 1),
      ]
      this.#values('inverter', amperes)
    } else if (event.type === 'message') {
      this.#values(event.side, this.#topics[event.side](event.codec.name, event.values))
    }
  }

  async close(): Promise<void> {
    this.#stop.abort(new Error('the gateway has stopped'))
    await this.#publisher.close([this.#lwt('Offline')])
  }

  problems(): readonly string[] {
    return this.#publisher.problems()
  }

  #values(side: Side, values: readonly TopicValue[]): void {
    for (const [topic, payload] of values) {
      const value = [`${side}/${topic}`, payload] as const
      if (this.#board.set(value, this.#io.clock.monotonic())) this.#publisher.publishStanding(this.#value(value))
    }
  }

  /** A command that was kept is old news: it would come again with every connection. */
  #command({ topic, payload, retained }: ReceivedMessage): void {
    if (!retained) this.#carryOut(topic.slice(this.#settings.topic.length + '/cmnd/'.length), payload.trim())
    this.#publisher.publishStanding(this.#status())
  }

  #carryOut(command: string, payload: string): void {
    const at = this.#io.clock.monotonic()
    const flow = /^(?:max-)?(charge|discharge)$/.exec(command)?.[1] as Flow | undefined
    if (flow === undefined) return
    const isOn = SWITCH[payload.toLowerCase()]
    if (!command.startsWith('max-') && isOn !== undefined) this.#gateway.turn(flow, isOn, at)
    if (command.startsWith('max-') && /^\d{1,6}$/.test(payload)) this.#gateway.limit(flow, Number(payload), at)
  }

  async #repeat(): Promise<void> {
    const { signal } = this.#stop
    try {
      for (;;) {
        await this.#io.clock.sleep(this.#settings.teleperiodS * 1000, signal)
        for (const message of this.#all()) this.#publisher.publishStanding(message)
      }
    } catch (error) {
      if (!signal.aborted) this.#report(`nothing is repeated on MQTT any more: ${(error as Error).message}`)
    }
  }

  #report(line: string): void {
    this.#io.err.write(`wattzup: ${line}\n`)
  }

  #greeting(): MqttMessage[] {
    return [
      this.#lwt('Online'),
      ...[...this.#reasons].map(([topic, reason]) => this.#reason(topic, reason)),
      ...this.#all(),
    ]
  }

  #all(): MqttMessage[] {
    const values = this.#board.known(this.#io.clock.monotonic())
    return [this.#status(), ...values.map(value => this.#value(value))]
  }

  #status(): MqttMessage {
    const { charge, discharge } = this.#gateway.wishes
    const status = {
      charge: charge.on ? 'ON' : 'OFF',
      discharge: discharge.on ? 'ON' : 'OFF',
      'max-charge': charge.limitW,
      'max-discharge': discharge.limitW,
    }
    return this.#value(['STATUS', JSON.stringify(status)])
  }

  #value([topic, payload]: TopicValue): MqttMessage {
    return { topic: `${this.#settings.topic}/${topic}`, payload, qos: 0, retain: false }
  }

  #reason(topic: string, reason: string): MqttMessage {
    return { ...this.#value([topic, reason]), retain: true }
  }

  #lwt(payload: string): MqttMessage {
    return { topic: `${this.#settings.topic}/LWT`, payload, qos: 0, retain: true }
  }
}

const SWITCH: Readonly<Record<string, boolean>> = { on: true, '1': true, off: false, '0': false }

function brokerOf(settings: MqttSettings, random: () => number): BrokerOptions {
  const { host, port, encrypted, family, login, clientId: id, keepAliveS } = settings
  return {
    address: { protocol: encrypted ? 'mqtts' : 'mqtt', host, port, path: '' },
    clientId: id ?? clientId(random),
    version: 4,
    tls: { insecure: false },
    keepAliveS: keepAliveS === 'off' ? 0 : keepAliveS,
    reasonOf,
    ...(family === undefined ? {} : { family }),
    ...(login === undefined ? {} : { credentials: login }),
  }
}
