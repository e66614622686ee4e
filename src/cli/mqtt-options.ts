import { type Command, InvalidArgumentError, Option } from 'commander'
import type { Qos } from '../sinks/mqtt/message.ts'

/** What the user says about MQTT and Home Assistant. What he did not say is undefined: see `openMqtt` for defaults. */
export interface MqttFlags {
  /** URL of the broker; true: what the environment says. */
  readonly mqtt?: string | true
  readonly topic?: string
  readonly retain?: boolean
  readonly qos?: Qos
  readonly mqttValues?: true
  readonly mqttQueue?: number
  readonly mqttCredentials?: string
  readonly mqttClientId?: string
  readonly mqttVersion?: '3.1.1' | '5'
  readonly mqttCa?: string
  readonly mqttCert?: string
  readonly mqttKey?: string
  readonly mqttInsecure?: true
  /** The discovery prefix, or true for the usual one. */
  readonly ha?: true | string
  readonly haDiscovery?: 'device' | 'legacy'
  readonly haBirthTopic?: string
  readonly haRemove?: true
}

/** Adds the options that send readings to an MQTT broker and tell Home Assistant of them. */
export function addMqttOptions(command: Command): Command {
  return command
    .optionsGroup('MQTT:')
    .option(
      '--mqtt [url]',
      'send readings to a broker: mqtt://[user:password@]host[:port], or mqtts, ws, wss; else MQTT_HOST says where',
    )
    .addOption(unset('--topic <root>', 'first level of all topics; each program needs its own', 'wattzup'))
    .option('--retain', 'the broker keeps the last state; usual for devices that are heard every 5 s or more seldom')
    .option('--no-retain', 'the broker keeps no state; usual for faster ones')
    .addOption(
      unset('--qos <n>', 'quality of service of states: 0, 1 or 2', '1; 0 for fast devices').argParser(parseQos),
    )
    .option('--mqtt-values', 'one topic per value too')
    .addOption(unset('--mqtt-queue <n>', 'messages that wait while the broker is away', '10000').argParser(parseCount))
    .option('--mqtt-credentials <file>', 'user and password on two lines; or MQTT_USER and MQTT_PASS, or in the URL')
    .addOption(unset('--mqtt-client-id <id>', 'what this program calls itself', 'wattzup_ and random digits'))
    .addOption(unset('--mqtt-version <version>', 'version of the protocol', '3.1.1').choices(['3.1.1', '5']))
    .option('--mqtt-ca <file>', "certificate of the authority that signed the broker's, PEM")
    .option('--mqtt-cert <file>', 'certificate of this program, PEM')
    .option('--mqtt-key <file>', 'key of that certificate, PEM')
    .option('--mqtt-insecure', 'trust whoever answers: do not check the certificate of the broker')
    .optionsGroup('Home Assistant:')
    .option(
      '--ha [prefix]',
      'announce devices and values to Home Assistant, below this prefix (default: homeassistant)',
    )
    .addOption(
      unset(
        '--ha-discovery <style>',
        'a message per device, or per value for versions before 2024.11',
        'device',
      ).choices(['device', 'legacy']),
    )
    .addOption(unset('--ha-birth-topic <topic>', 'where Home Assistant says that it has started', 'PREFIX/status'))
    .option('--ha-remove', 'remove all that the broker keeps of this program below --topic and --ha, and end')
}

/** An option whose default is found when the others are known. */
function unset(flags: string, description: string, usually: string): Option {
  return new Option(flags, `${description} (default: ${usually})`)
}

function parseQos(text: string): Qos {
  const qos = Number(text)
  if (text.length === 1 && (qos === 0 || qos === 1 || qos === 2)) return qos
  throw new InvalidArgumentError('It must be 0, 1 or 2.')
}

function parseCount(text: string): number {
  if (/^[1-9]\d{0,6}$/.test(text)) return Number(text)
  throw new InvalidArgumentError('It must be a whole number from 1 to 9999999.')
}
