import type { Reading } from '../../core/reading.ts'
import type { Value, Values } from '../../core/values.ts'
import { isoTime, jsonText } from '../ndjson.ts'
import type { Delivery, MqttMessage } from './message.ts'
import { stateTopic, valueTopic } from './topics.ts'

/** A device as a layout sees it: what it is called in topics, and what is known of it. */
export interface DeviceView {
  readonly id: string
  /** Which of its states the reading belongs to; empty where it has but one. */
  readonly group: string
  /** The newest values of all its readings, or of those of the group, at the time of the reading. */
  readonly values: Values
  /** The same, and null for everything that has been seen by now and was missing then. */
  complete(): Values
}

/** How readings become messages: the topics below a root, or those that a family's original program had. */
export interface MqttLayout {
  /** The messages of a reading; `device` knows its values already. */
  messages(reading: Reading, device: DeviceView): readonly MqttMessage[]
}

/**
 * One JSON object per device with all that is known of it: `{"ts":"2026-03-01T10:00:00.123Z","soc":87}`. It is made when
 * it is sent, so that it has every value that was declared before it, also when it had to wait.
 */
export class StateLayout implements MqttLayout {
  readonly #root: string
  readonly #delivery: Delivery

  constructor(root: string, delivery: Delivery) {
    this.#root = root
    this.#delivery = delivery
  }

  messages({ time }: Reading, device: DeviceView): readonly MqttMessage[] {
    const state = {
      topic: stateTopic(this.#root, device.id, device.group),
      ...this.#delivery,
      get payload() {
        return jsonText({ ts: isoTime(time), ...device.complete() })
      },
    }
    return [state]
  }
}

/** A topic per value of the reading, with a plain number or text; elements of lists are numbered from 1. */
export class ValuesLayout implements MqttLayout {
  readonly #root: string
  readonly #delivery: Delivery

  constructor(root: string, delivery: Delivery) {
    this.#root = root
    this.#delivery = delivery
  }

  messages({ values }: Reading, { id, group }: DeviceView): readonly MqttMessage[] {
    return singleValues(values, []).map(([path, payload]) => ({
      topic: valueTopic(this.#root, id, group, path),
      payload,
      ...this.#delivery,
    }))
  }
}

function singleValues(value: Value, path: readonly string[]): [readonly string[], string][] {
  if (Array.isArray(value)) return value.flatMap((element, i) => singleValues(element, [...path, String(i + 1)]))
  if (typeof value === 'object' && value !== null) {
    return Object.entries(value).flatMap(([name, inner]) => singleValues(inner as Value, [...path, name]))
  }
  return [[path, typeof value === 'number' && !Number.isFinite(value) ? 'null' : String(value)]]
}
