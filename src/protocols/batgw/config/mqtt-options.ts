import { number, quoted, text, withValue } from './forms.ts'
import { type GivenOptions, type OptionRule, optionValue, type ValueForm } from './option.ts'
import { ConfigError } from './token.ts'

export interface Login {
  readonly username: string
  readonly password: string
}

/** Which addresses of the broker are connected to. */
type AddressFamily = 'ipv4' | 'ipv6' | 'inet' | 'inet6'

const FAMILIES = { ipv4: 4, inet: 4, ipv6: 6, inet6: 6 } as const

/** Services that a broker may be named by in place of a number, and whether they are encrypted. */
const SERVICES = {
  mqtt: { port: 1883, encrypted: false },
  'secure-mqtt': { port: 8883, encrypted: true },
} as const

const HIDDEN = '********'

const family: ValueForm<AddressFamily> = {
  expected: 'nothing',
  read: (_, spelled) => spelled as AddressFamily, // the words that the rule lists
  print: (_, value) => value,
}

const login: ValueForm<Login> = {
  expected: 'a name, then "password" and the password',
  read: tokens => {
    const username = tokens.text('a user name').text
    if (tokens.take('password') || tokens.take('pass')) {
      return { username, password: tokens.text('a password').text }
    }
    throw new ConfigError(tokens.peek(), 'mqtt username and password not configured together; expected "password"')
  },
  print: (name, { username, password }, hide) =>
    `${name} ${quoted(username)} password ${quoted(hide ? HIDDEN : password)}`,
}

const keepAlive: ValueForm<number | 'off'> = {
  expected: '"off" or a whole number, 1 to 65535',
  read: (tokens, spelled) => (tokens.take('off') ? 'off' : seconds.read(tokens, spelled)),
  print: withValue(String),
}
const seconds = number('mqtt keep alive', 1, 65_535, 'too low', 'too high')

const TOPIC = 'a topic of 1 to 64 letters, digits, _ - /'

function topicProblem(topic: string): string | undefined {
  if (topic.length === 0) return 'mqtt topic: too short'
  if (topic.length > 64) return 'mqtt topic: too long'
  return /^[A-Za-z0-9_\-/]*$/.test(topic) ? undefined : 'mqtt topic: invalid character'
}

function portProblem(port: string): string | undefined {
  const isNumber = /^\d{1,5}$/.test(port) && Number(port) >= 1 && Number(port) <= 65_535
  return isNumber || isService(port) ? undefined : `mqtt port: ${quoted(port)} is none`
}

function isService(port: string): port is keyof typeof SERVICES {
  return Object.hasOwn(SERVICES, port)
}

/** What is wrong with a block that has each option right: its broker has an address of the other family. */
export function familyProblem(options: GivenOptions): string | undefined {
  const [host = '', family] = [optionValue(options, HOST), optionValue(options, FAMILY)]
  const own = host.includes(':') ? 6 : /^\d+\.\d+\.\d+\.\d+$/.test(host) ? 4 : undefined
  if (family === undefined || own === undefined || FAMILIES[family] === own) return undefined
  return `mqtt host ${quoted(host)} is no address of ${family}; expected another host, or no ${family}`
}

export const HOST: OptionRule<string> = { name: 'host', form: text('the name or address of the broker') }
const PORT = { name: 'port', form: text('a port, 1 to 65535, "mqtt" or "secure-mqtt"', portProblem), fallback: '1883' }
const FAMILY: OptionRule<AddressFamily> = { name: 'ipv4', aliases: ['ipv6', 'inet', 'inet6'], form: family }
const LOGIN: OptionRule<Login> = { name: 'username', aliases: ['user'], form: login }
const CLIENT_ID: OptionRule<string> = { name: 'client id', form: text('a client id') }
const TOPIC_BASE = { name: 'topic', form: text(TOPIC, topicProblem), fallback: 'battery-gateway' }
const TELEPERIOD = {
  name: 'teleperiod',
  form: number('mqtt teleperiod', 4, 3600, 'too short', 'too long'),
  fallback: 300,
}
const KEEP_ALIVE: OptionRule<number | 'off'> & { readonly fallback: number | 'off' } = {
  name: 'keep alive',
  form: keepAlive,
  fallback: 30,
}
const RECONNECT = {
  name: 'reconnect',
  aliases: ['reconnect timeout'],
  form: number('mqtt reconnect', 2, 300, 'too short', 'too long'),
  fallback: 30,
}

/** What a block `mqtt` may hold, in the order in which it is printed. */
export const MQTT_OPTIONS: readonly OptionRule<unknown>[] = [
  HOST,
  PORT,
  FAMILY,
  LOGIN,
  CLIENT_ID,
  TOPIC_BASE,
  TELEPERIOD,
  KEEP_ALIVE,
  RECONNECT,
]

/** How to reach the broker, and what to tell it when. */
export interface MqttSettings {
  readonly host: string
  readonly port: number
  /** By TLS, with the authorities that this machine trusts. */
  readonly encrypted: boolean
  readonly family: 4 | 6 | undefined
  readonly login: Login | undefined
  readonly clientId: string | undefined
  readonly topic: string
  readonly teleperiodS: number
  readonly keepAliveS: number | 'off'
  /** The longest wait between attempts to connect. */
  readonly reconnectS: number
}

/** The settings of a block that was found to be complete. */
export function mqttSettings(options: GivenOptions): MqttSettings {
  const [port, family] = [optionValue(options, PORT), optionValue(options, FAMILY)]
  return {
    host: optionValue(options, HOST)!, // a block without it was refused
    ...(isService(port) ? SERVICES[port] : { port: Number(port), encrypted: false }),
    family: family && FAMILIES[family],
    login: optionValue(options, LOGIN),
    clientId: optionValue(options, CLIENT_ID),
    topic: optionValue(options, TOPIC_BASE),
    teleperiodS: optionValue(options, TELEPERIOD),
    keepAliveS: optionValue(options, KEEP_ALIVE),
    reconnectS: optionValue(options, RECONNECT),
  }
}
