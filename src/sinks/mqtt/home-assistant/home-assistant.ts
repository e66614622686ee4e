import type { DeviceInfo } from '../../../core/device-info.ts'
import type { Reading } from '../../../core/reading.ts'
import type { Device } from '../device.ts'
import type { MqttMessage } from '../message.ts'
import { type DiscoveryOptions, discoveryMessages, type TreeOptions } from './discovery.ts'

/** How, where and as what devices are announced. */
export interface HomeAssistantOptions extends DiscoveryOptions {
  /** Where Home Assistant says that it has started. */
  readonly birthTopic: string
  /** What is known of the device of a reading. */
  readonly deviceInfo: (reading: Reading) => DeviceInfo
}

/** What has been said of a device. */
interface Said {
  info: string
  messages: readonly MqttMessage[]
}

/** Tells Home Assistant of devices, and again when there is more to say of one. */
export class HomeAssistant {
  readonly birthTopic: string
  readonly #options: HomeAssistantOptions
  readonly #tree: TreeOptions
  readonly #said = new Map<Device, Said>()

  constructor(options: HomeAssistantOptions, tree: TreeOptions) {
    this.birthTopic = options.birthTopic
    this.#options = options
    this.#tree = tree
  }

  /** What is new to say after a reading; `grown` when it had values that were never seen before. */
  news(device: Device, reading: Reading, grown: boolean): readonly MqttMessage[] {
    const described = this.#options.deviceInfo(reading)
    const info = JSON.stringify(described)
    const said = this.#said.get(device)
    if (said !== undefined && said.info === info && !grown) return []
    const messages = discoveryMessages(device, described, this.#options, this.#tree)
    this.#said.set(device, { info, messages })
    const known = new Map(said?.messages.map(({ topic, payload }) => [topic, payload]))
    return messages.filter(({ topic, payload }) => known.get(topic) !== payload)
  }

  /** All that was ever said. */
  get all(): readonly MqttMessage[] {
    return [...this.#said.values()].flatMap(({ messages }) => messages)
  }
}
