import { LeastRecent } from '../core/least-recent.ts'
import type { Reading } from '../core/reading.ts'
import { labelledValues } from '../protocols/lxp/analysis.ts'
import type { DecodedFrame } from '../protocols/lxp/decoded.ts'
import type { MqttLayout } from '../sinks/mqtt/layout.ts'
import type { MqttMessage } from '../sinks/mqtt/message.ts'
import type { Io } from './io.ts'

/** Where the older collector published, below which topic; undefined where nobody asks for that. */
export function labelTopic(env: Io['env'], mqtt: string | true | undefined): string | undefined {
  const isAsked = mqtt === true || (mqtt === undefined && env['MQTT_HOST'] !== undefined)
  return isAsked ? (env['MQTT_TOPIC'] ?? 'modbus/data') : undefined
}

/**
 * The messages of the older collector: `<topic>/<serial>` with texts by label, sorted. All blocks of an inverter are in
 * it, not only the last one.
 */
export class LabelLayout implements MqttLayout {
  readonly #topic: string
  readonly #retain: boolean
  readonly #inverters = new LeastRecent<Record<string, string | number>>(() => ({}))

  constructor(topic: string, retain: boolean) {
    this.#topic = topic
    this.#retain = retain
  }

  /** Takes a frame, before its reading. */
  add(decoded: DecodedFrame): void {
    const { type, inverter = '' } = decoded.frame
    if (isBlock(type)) Object.assign(this.#inverters.of(inverter), labelledValues(decoded, false))
  }

  messages({ device, message }: Reading): readonly MqttMessage[] {
    if (!isBlock(message)) return []
    const rows = Object.entries(this.#inverters.of(device)).sort(([a], [b]) => (a < b ? -1 : 1))
    const payload = JSON.stringify(Object.fromEntries(rows))
    return [{ topic: `${this.#topic}/${device}`, payload, qos: 1, retain: this.#retain }]
  }
}

function isBlock(type: string): boolean {
  return type === 'input' || type === 'hold'
}
