import { UsageError } from '../core/errors.ts'
import type { BrokerOptions } from '../sinks/mqtt/broker.ts'
import { type Credentials, isEncrypted, parseBrokerUrl, parseCredentials } from '../sinks/mqtt/broker-address.ts'
import { reasonOf } from '../transport/reason.ts'
import type { Io } from './io.ts'
import type { MqttFlags } from './mqtt-options.ts'

/** The broker is asked for a sign of life after so many s of silence; after 45 s it is given up. */
const KEEP_ALIVE_S = 30

/** How to reach the broker that the user named, and who we are for it. Throws `UsageError`, which quotes no credentials. */
export function brokerOptions(io: Io, flags: MqttFlags, url: string | true): BrokerOptions {
  const address = parseBrokerUrl(url === true ? environmentUrl(io.env) : url)
  const { mqttCa: ca, mqttCert: cert, mqttKey: key, mqttInsecure: insecure = false } = flags
  if (!isEncrypted(address) && (ca !== undefined || cert !== undefined || insecure)) {
    throw new UsageError('--mqtt-ca, --mqtt-cert and --mqtt-insecure are for mqtts:// and wss://')
  }
  if ((cert === undefined) !== (key === undefined)) throw new UsageError('--mqtt-cert and --mqtt-key need each other')
  const credentials = address.credentials ?? credentialsOf(io, flags)
  return {
    address,
    clientId: flags.mqttClientId ?? clientId(io.random),
    version: flags.mqttVersion === '5' ? 5 : 4,
    keepAliveS: KEEP_ALIVE_S,
    reasonOf,
    tls: {
      insecure,
      ...(ca === undefined ? {} : { ca: io.files.readText(ca) }),
      ...(cert === undefined ? {} : { cert: io.files.readText(cert) }),
      ...(key === undefined ? {} : { key: io.files.readText(key) }),
    },
    ...(credentials === undefined ? {} : { credentials }),
  }
}

/** The broker of this machine, unless the environment names another one. */
function environmentUrl({ MQTT_HOST: host = 'localhost', MQTT_PORT: port = '1883' }: Io['env']): string {
  return `mqtt://${host}:${port}`
}

function credentialsOf({ env, files }: Io, { mqttCredentials: path }: MqttFlags): Credentials | undefined {
  if (path !== undefined) return parseCredentials(files.readText(path), path)
  const { MQTT_USER: username, MQTT_PASS: password } = env
  return username ? { username, ...(password ? { password } : {}) } : undefined
}

/** What we call ourselves where nobody says; the longest that every broker takes is 23 characters. */
export function clientId(random: () => number): string {
  const digits = Array.from({ length: 12 }, () => Math.floor(random() * 16).toString(16))
  return `wattzup_${digits.join('')}`
}
