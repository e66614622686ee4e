import type { Reading } from '../core/reading.ts'
import { originalTopics } from '../protocols/myenergi/topics.ts'
import type { MqttLayout } from '../sinks/mqtt/layout.ts'
import type { Delivery, MqttMessage } from '../sinks/mqtt/message.ts'
import type { MqttFlags } from './mqtt-options.ts'

const ROOT = 'wattzup'

/** The topics of the original program, one per value. */
export class OriginalLayout implements MqttLayout {
  readonly #topic: string
  readonly #delivery: Delivery

  /** Messages are not kept and may be lost, as with the original, unless the user says otherwise. */
  constructor({ topic = ROOT, qos = 0, retain = false }: MqttFlags) {
    this.#topic = topic
    this.#delivery = { qos, retain }
  }

  messages(reading: Reading): readonly MqttMessage[] {
    return originalTopics(this.#topic, reading).map(([topic, payload]) => ({ topic, payload, ...this.#delivery }))
  }
}
