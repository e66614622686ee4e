import pkg from '../../package.json' with { type: 'json' }
import type { DeviceInfo } from '../core/device-info.ts'
import { UsageError } from '../core/errors.ts'
import type { Reading } from '../core/reading.ts'
import { brokerText } from '../sinks/mqtt/broker-address.ts'
import type { Commands } from '../sinks/mqtt/command-desk.ts'
import type { HomeAssistantOptions } from '../sinks/mqtt/home-assistant/home-assistant.ts'
import { type MqttLayout, StateLayout, ValuesLayout } from '../sinks/mqtt/layout.ts'
import type { Delivery } from '../sinks/mqtt/message.ts'
import { removeKept } from '../sinks/mqtt/remove.ts'
import { MqttSink } from '../sinks/mqtt/sink.ts'
import { isTopic } from '../sinks/mqtt/topics.ts'
import type { Io } from './io.ts'
import { brokerOptions } from './mqtt-broker.ts'
import type { MqttFlags } from './mqtt-options.ts'

/** What a family's command says of its devices. */
export interface MqttTraits {
  /** How often a device is heard. */
  readonly intervalMs: number
  /** Announce values whose meaning is a guess too. */
  readonly guesses?: boolean
  /** What people know a device by; else its family and what it calls itself. */
  readonly deviceInfo?: (reading: Reading) => DeviceInfo
  /** Topics of a family's original program, in place of our states. */
  readonly layout?: MqttLayout
  /** Which state of its device a reading belongs to, where messages of the family have names in common. */
  readonly group?: (reading: Reading) => string
  /** Settings that may be changed. */
  readonly commands?: Commands
}

const ROOT = 'wattzup'
const PREFIX = 'homeassistant'
const QUEUE = 10_000

/** States of devices that are heard more often than this are not kept and may be lost. */
const SLOW_MS = 5000

/** The sink for `--mqtt`, which connects by itself; undefined where it was not asked for. Throws `UsageError`. */
export function openMqtt(io: Io, flags: MqttFlags, traits: MqttTraits): MqttSink | undefined {
  if (flags.mqtt === undefined) return nothingAsked(flags)
  if (flags.ha === undefined && (flags.haDiscovery ?? flags.haBirthTopic) !== undefined) {
    throw new UsageError('--ha-discovery and --ha-birth-topic need --ha')
  }
  const { commands, group } = traits
  const options = {
    broker: brokerOptions(io, flags, flags.mqtt),
    root: rootOf(flags),
    intervalMs: traits.intervalMs,
    queueLimit: flags.mqttQueue ?? QUEUE,
    layouts: layouts(flags, traits),
    report: (line: string) => io.err.write(`wattzup: ${line}\n`),
    ...(group === undefined ? {} : { group }),
    ...(flags.ha === undefined ? {} : { homeAssistant: homeAssistant(flags, traits) }),
    ...(commands === undefined ? {} : { commands }),
  }
  return new MqttSink(options, io.clock, io.random)
}

/** Does `--ha-remove`, and tells whether it was asked for: then there is nothing else to do. */
export async function removedFromBroker(
  io: Io,
  flags: MqttFlags,
  isOwn?: (topic: string) => boolean,
): Promise<boolean> {
  if (flags.haRemove !== true) return false
  if (flags.mqtt === undefined) throw new UsageError('--ha-remove needs --mqtt URL')
  const broker = brokerOptions(io, flags, flags.mqtt)
  const names = { root: rootOf(flags), prefix: prefixOf(flags) }
  const options = { broker, ...names, ...(isOwn === undefined ? {} : { isOwn }) }
  const { configs, others } = await removeKept(options, io.clock, io.signal)
  const counts = `${configs} below ${names.prefix}/, ${others} below ${names.root}/`
  io.err.write(`wattzup: ${brokerText(broker.address)}: messages removed: ${counts}\n`)
  return true
}

/** Options that make no sense without a broker. */
const NEED_BROKER = {
  topic: '--topic',
  retain: '--[no-]retain',
  qos: '--qos',
  mqttValues: '--mqtt-values',
  mqttQueue: '--mqtt-queue',
  mqttCredentials: '--mqtt-credentials',
  mqttClientId: '--mqtt-client-id',
  mqttVersion: '--mqtt-version',
  mqttCa: '--mqtt-ca',
  mqttCert: '--mqtt-cert',
  mqttKey: '--mqtt-key',
  mqttInsecure: '--mqtt-insecure',
  ha: '--ha',
  haDiscovery: '--ha-discovery',
  haBirthTopic: '--ha-birth-topic',
  haRemove: '--ha-remove',
} as const

function nothingAsked(flags: MqttFlags): undefined {
  for (const [name, option] of Object.entries(NEED_BROKER)) {
    if (flags[name as keyof typeof NEED_BROKER] !== undefined) throw new UsageError(`${option} needs --mqtt URL`)
  }
}

function layouts(flags: MqttFlags, { intervalMs, layout }: MqttTraits): MqttLayout[] {
  const isSlow = intervalMs >= SLOW_MS
  const delivery: Delivery = { qos: flags.qos ?? (isSlow ? 1 : 0), retain: flags.retain ?? isSlow }
  const root = rootOf(flags)
  const hasStates = layout === undefined || flags.ha !== undefined // Home Assistant reads states
  return [
    ...(layout === undefined ? [] : [layout]),
    ...(hasStates ? [new StateLayout(root, delivery)] : []),
    ...(flags.mqttValues === true ? [new ValuesLayout(root, delivery)] : []),
  ]
}

function homeAssistant(flags: MqttFlags, { guesses = false, deviceInfo }: MqttTraits): HomeAssistantOptions {
  const prefix = prefixOf(flags)
  return {
    prefix,
    style: flags.haDiscovery ?? 'device',
    version: pkg.version,
    guesses,
    birthTopic: checkedTopic('--ha-birth-topic', flags.haBirthTopic ?? `${prefix}/status`),
    deviceInfo: deviceInfo ?? (({ family, device }) => ({ name: `${family} ${device}` })),
  }
}

function rootOf({ topic = ROOT }: MqttFlags): string {
  return checkedTopic('--topic', topic)
}

function prefixOf({ ha }: MqttFlags): string {
  return typeof ha === 'string' ? checkedTopic('--ha', ha) : PREFIX
}

function checkedTopic(option: string, text: string): string {
  const isGood = isTopic(text) && text.length <= 200 && !text.startsWith('$') && !text.split('/').includes('')
  if (isGood) return text
  throw new UsageError(`${option} ${text}: a topic has no + and #, no empty level, and no $ at its beginning`)
}
