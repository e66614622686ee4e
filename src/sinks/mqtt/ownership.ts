import { ORIGIN } from './home-assistant/discovery.ts'
import { availabilityTopic, statusTopic } from './topics.ts'

/**
 * Tells which kept messages are those of this program with this root. Nobody else's may be touched: the root may be
 * shared, and another wattzup may have a root below it.
 */
export class Ownership {
  readonly #root: string
  readonly #prefix: string
  readonly #isOwn: (topic: string) => boolean
  /** Devices whose availability was found: also known when that has been removed already. */
  readonly #ids = new Set<string>()

  constructor(root: string, prefix: string, isOwn: (topic: string) => boolean = () => false) {
    this.#root = root
    this.#prefix = prefix
    this.#isOwn = isOwn
  }

  /** The topics that are ours among kept messages, payloads by topic. */
  ours(kept: ReadonlyMap<string, string>): readonly string[] {
    for (const [topic, payload] of kept) {
      const id = topic.slice(this.#root.length + 1).split('/')[0]!
      if (topic === availabilityTopic(this.#root, id) && isAvailability(payload)) this.#ids.add(id)
    }
    return [...kept].filter(([topic, payload]) => this.#isOurs(topic, payload)).map(([topic]) => topic)
  }

  #isOurs(topic: string, payload: string): boolean {
    if (this.#isOwn(topic)) return true
    if (topic === statusTopic(this.#root)) return isAvailability(payload)
    if (topic.startsWith(`${this.#root}/`)) {
      const [id = '', ...levels] = topic.slice(this.#root.length + 1).split('/')
      if (this.#ids.has(id) && OF_DEVICE.test(levels.join('/'))) return true
    }
    return topic.startsWith(`${this.#prefix}/`) && topic.endsWith('/config') && this.#isOurConfig(payload)
  }

  #isOurConfig(payload: string): boolean {
    try {
      const { origin, availability } = JSON.parse(payload) as Config
      return origin?.name === ORIGIN && availability?.some(({ topic }) => topic === statusTopic(this.#root)) === true
    } catch {
      return false // it is not ours: ours are JSON objects
    }
  }
}

/** The parts of our discovery messages by which they are known. */
interface Config {
  readonly origin?: { readonly name?: unknown }
  readonly availability?: readonly { readonly topic?: unknown }[]
}

/** What stands below a device's topic; the name of a group may come first. */
const OF_DEVICE = /^(availability|([^/]+\/)?state|([^/]+\/)?value\/.+|cmd\/[^/]+\/(set|result))$/

function isAvailability(payload: string): boolean {
  return payload === 'online' || payload === 'offline'
}
