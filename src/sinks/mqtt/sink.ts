import type { Clock } from '../../core/clock.ts'
import type { Reading } from '../../core/reading.ts'
import type { Sink } from '../sink.ts'
import type { BrokerOptions } from './broker.ts'
import { CommandDesk, type Commands } from './command-desk.ts'
import type { Device } from './device.ts'
import { Devices } from './devices.ts'
import { HomeAssistant, type HomeAssistantOptions } from './home-assistant/home-assistant.ts'
import type { MqttLayout } from './layout.ts'
import { KEPT, type MqttMessage, type ReceivedMessage } from './message.ts'
import { MqttPublisher } from './publisher.ts'
import type { Settable } from './settable.ts'
import { availabilityTopic, commandFilter, statusTopic } from './topics.ts'

/** Where readings go, and how they are to be published. */
export interface MqttSinkOptions {
  readonly broker: Omit<BrokerOptions, 'will'>
  /** First level or levels of our topics. */
  readonly root: string
  /** How often a device is heard, ms: after three times as long without a reading it is offline. */
  readonly intervalMs: number
  readonly queueLimit: number
  readonly layouts: readonly MqttLayout[]
  /** Which state of its device a reading belongs to, where its messages have names in common; one state by default. */
  readonly group?: (reading: Reading) => string
  readonly homeAssistant?: HomeAssistantOptions
  readonly commands?: Commands
  /** Takes one line for the user. */
  readonly report: (line: string) => void
}

/** Nobody is called absent before so many ms, however fast he spoke. */
const MIN_SILENCE_MS = 3000

/** Home Assistant has started: many programs answer, each after a while of its own, in ms. */
const BIRTH_DELAY_MS = { least: 500, most: 5000 }

const CLOSED = new Error('the sink is closed')

/** Readings to an MQTT broker, with the availability of this program and of each device. See docs/mqtt.md. */
export class MqttSink implements Sink {
  readonly #options: MqttSinkOptions
  readonly #clock: Clock
  readonly #random: () => number
  readonly #publisher: MqttPublisher
  readonly #devices = new Devices()
  readonly #homeAssistant: HomeAssistant | undefined
  readonly #desk: CommandDesk | undefined
  readonly #stop = new AbortController()
  #birthPending = false

  /** Connects at once; `random` gives numbers in [0, 1). */
  constructor(options: MqttSinkOptions, clock: Clock, random: () => number) {
    const { root, intervalMs, queueLimit, report, commands, homeAssistant } = options
    this.#options = options
    this.#clock = clock
    this.#random = random
    const broker = { ...options.broker, will: this.#status('offline') }
    const greeting = (waiting: ReadonlySet<string>) => this.#greeting(waiting)
    this.#publisher = new MqttPublisher({ broker, queueLimit, greeting, report }, clock, random)
    if (commands !== undefined) {
      const desk = new CommandDesk(root, commands, this.#devices, message => this.#publisher.publish(message))
      this.#desk = desk
      this.#publisher.subscribe(commandFilter(root), message => desk.receive(message))
    }
    if (homeAssistant === undefined) return
    const settable = commands?.settable ?? new Map<string, Settable>()
    this.#homeAssistant = new HomeAssistant(homeAssistant, { root, intervalMs, settable })
    this.#publisher.subscribe(homeAssistant.birthTopic, message => this.#born(message))
  }

  write(reading: Reading): void {
    if (this.#desk?.defect !== undefined) throw this.#desk.defect
    const device = this.#devices.of(reading)
    if (device === undefined) return
    const group = this.#options.group?.(reading) ?? ''
    const grown = device.take(reading, group)
    for (const message of this.#homeAssistant?.news(device, reading, grown) ?? []) {
      this.#publisher.publishStanding(message)
    }
    this.#heard(device)
    const view = device.view(group)
    for (const layout of this.#options.layouts) {
      for (const message of layout.messages(reading, view)) {
        device.keep(message)
        this.#publisher.publish(message)
      }
    }
  }

  close(): Promise<void> {
    this.#stop.abort(CLOSED)
    const present = this.#devices.all.filter(({ isOnline }) => isOnline)
    for (const device of present) device.isOnline = false
    return this.#publisher.close([...present.map(device => this.#availability(device)), this.#status('offline')])
  }

  problems(): readonly string[] {
    const retained = this.#desk?.retained ?? 0
    const lines = retained === 0 ? [] : [`commands ignored because they were retained messages: ${retained}`]
    return [...this.#publisher.problems(), ...this.#devices.problems(), ...lines]
  }

  /** A device has been heard: it is online until it has been silent for too long. */
  #heard(device: Device): void {
    device.heardAt = this.#clock.now()
    if (device.isOnline) return
    device.isOnline = true
    this.#publisher.publishStanding(this.#availability(device))
    void this.#watch(device)
  }

  async #watch(device: Device): Promise<void> {
    const silenceMs = Math.max(3 * this.#options.intervalMs, MIN_SILENCE_MS)
    try {
      for (;;) {
        const left = device.heardAt + silenceMs - this.#clock.now()
        if (left <= 0) break
        await this.#clock.sleep(Math.min(left, silenceMs), this.#stop.signal) // the clock may have been set back
      }
    } catch {
      return // the sink is closed
    }
    device.isOnline = false
    this.#publisher.publishStanding(this.#availability(device))
  }

  #born({ payload, retained }: ReceivedMessage): void {
    // a retained one is old news: the greeting of this connection has said all
    if (retained || payload.trim().toLowerCase() !== 'online' || this.#birthPending) return
    this.#birthPending = true
    const { least, most } = BIRTH_DELAY_MS
    this.#clock.sleep(least + this.#random() * (most - least), this.#stop.signal).then(
      () => this.#introduce(),
      () => {}, // the sink is closed
    )
  }

  #introduce(): void {
    this.#birthPending = false
    const states = this.#devices.all.flatMap(({ latest }) => latest)
    for (const message of [...this.#standing(), ...states]) this.#publisher.publishStanding(message)
  }

  /** A broker that lost its memory gets the states back that it is to keep, unless newer ones follow. */
  #greeting(waiting: ReadonlySet<string>): readonly MqttMessage[] {
    const states = this.#devices.all.flatMap(({ latest }) => latest)
    return [...this.#standing(), ...states.filter(({ topic, retain }) => retain && !waiting.has(topic))]
  }

  #standing(): MqttMessage[] {
    const configs = this.#homeAssistant?.all ?? []
    return [this.#status('online'), ...configs, ...this.#devices.all.map(device => this.#availability(device))]
  }

  #status(payload: string): MqttMessage {
    return { topic: statusTopic(this.#options.root), payload, ...KEPT }
  }

  #availability({ id, isOnline }: Device): MqttMessage {
    return { topic: availabilityTopic(this.#options.root, id), payload: isOnline ? 'online' : 'offline', ...KEPT }
  }
}
