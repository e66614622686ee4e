import type { Reading } from '../../core/reading.ts'
import type { Values } from '../../core/values.ts'
import type { DeviceView } from './layout.ts'
import type { MqttMessage } from './message.ts'
import { type Leaf, Shape } from './shape.ts'

/** Topics whose last message is kept for those who come late. */
const MAX_TOPICS = 5000

/** One state of a device. */
interface Group {
  readonly shape: Shape
  readonly values: Values
}

/** What is known of a device. */
export class Device {
  readonly family: string
  /** What it calls itself. */
  readonly name: string
  /** What topics call it. */
  readonly id: string
  /** When it was heard last, by the clock. */
  heardAt = Number.NEGATIVE_INFINITY
  /** It is heard as often as it should be. */
  isOnline = false
  readonly #groups = new Map<string, Group>()
  readonly #latest = new Map<string, MqttMessage>()

  constructor(family: string, name: string, id: string) {
    this.family = family
    this.name = name
    this.id = id
  }

  /** The last message of each topic. */
  get latest(): readonly MqttMessage[] {
    return [...this.#latest.values()]
  }

  /** The single values that have been seen, by group. */
  get leaves(): readonly (readonly [group: string, leaves: readonly Leaf[]])[] {
    return [...this.#groups].map(([name, { shape }]) => [name, shape.leaves])
  }

  /** Takes the values of a reading; tells whether there were any that had never been seen. */
  take({ values, fields }: Reading, group: string): boolean {
    let known = this.#groups.get(group)
    if (known === undefined) {
      known = { shape: new Shape(), values: {} }
      this.#groups.set(group, known)
    }
    Object.assign(known.values, values)
    return known.shape.see(values, fields)
  }

  /** What layouts may know of one of its groups, which must have been seen. */
  view(group: string): DeviceView {
    const { shape, values: newest } = this.#groups.get(group)!
    const values = { ...newest }
    return { id: this.id, group, values, complete: () => shape.complete(values) }
  }

  /** Keeps a message that has been published. */
  keep(message: MqttMessage): void {
    if (this.#latest.size < MAX_TOPICS || this.#latest.has(message.topic)) this.#latest.set(message.topic, message)
  }
}
