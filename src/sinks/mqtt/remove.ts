import type { Clock } from '../../core/clock.ts'
import { TransportError } from '../../core/errors.ts'
import { type BrokerLink, type BrokerOptions, openBroker } from './broker.ts'
import { brokerText } from './broker-address.ts'
import { KEPT, type ReceivedMessage } from './message.ts'
import { Ownership } from './ownership.ts'

/** What to remove, and where. */
export interface RemoveOptions {
  readonly broker: BrokerOptions
  /** Below which our topics are, and where Home Assistant looks. */
  readonly root: string
  readonly prefix: string
  /** Topics of a layout of its own that are ours too. */
  readonly isOwn?: (topic: string) => boolean
}

/** What was removed. */
export interface Removed {
  /** Discovery messages of Home Assistant. */
  readonly configs: number
  /** Messages below our root. */
  readonly others: number
}

/** The broker has sent all that it kept when nothing more has come for so long. */
const QUIET_MS = 1000

/** Brokers send only so many kept messages at a time; after so many rounds somebody must be writing new ones. */
const MAX_ROUNDS = 20

/**
 * Removes from a broker what it keeps of ours: discovery messages of this program with this root, and what stands below
 * the root for its devices. What others have left there stays. Rejects with `TransportError`.
 */
export async function removeKept(options: RemoveOptions, clock: Clock, signal: AbortSignal): Promise<Removed> {
  const { broker, root, prefix } = options
  const found = new Map<string, string>()
  let heardAt = clock.now()
  const received = ({ topic, payload, retained }: ReceivedMessage) => {
    heardAt = clock.now()
    if (retained && payload !== '') found.set(topic, payload)
  }
  await using link = await openBroker(broker, { received, alive: () => {} }, signal)
  const ownership = new Ownership(root, prefix, options.isOwn)
  const removed = { configs: 0, others: 0 }
  for (let round = 0; round < MAX_ROUNDS; round++) {
    found.clear()
    await subscribed(link, [`${prefix}/+/+/config`, `${prefix}/+/+/+/config`, `${root}/#`], broker)
    heardAt = clock.now()
    await orLost(
      link,
      quiet(() => heardAt, clock, signal),
    )
    const topics = ownership.ours(found)
    if (topics.length === 0) break
    await cleared(link, topics)
    const configs = topics.filter(topic => topic.startsWith(`${prefix}/`)).length
    removed.configs += configs
    removed.others += topics.length - configs
  }
  await link.disconnect()
  return removed
}

async function subscribed(link: BrokerLink, filters: readonly string[], { address }: BrokerOptions): Promise<void> {
  const [refused] = await link.subscribe(filters)
  if (refused === undefined) return
  throw new TransportError(`${brokerText(address)}: the broker refuses the subscription to ${refused}`, { refused })
}

async function quiet(heardAt: () => number, clock: Clock, signal: AbortSignal): Promise<void> {
  for (;;) {
    const left = heardAt() + QUIET_MS - clock.now()
    if (left <= 0) return
    await clock.sleep(Math.min(left, QUIET_MS), signal)
  }
}

async function cleared(link: BrokerLink, topics: readonly string[]): Promise<void> {
  const waiting = [...topics]
  const next = async (): Promise<void> => {
    for (let topic = waiting.pop(); topic !== undefined; topic = waiting.pop()) {
      const message = { topic, payload: '', ...KEPT }
      await new Promise<void>(resolve => link.send(message, () => resolve()))
    }
  }
  await orLost(link, Promise.all(Array.from({ length: link.window }, next)))
}

/** What `work` gives; throws when the connection is lost. */
async function orLost<T>(link: BrokerLink, work: Promise<T>): Promise<T> {
  const lost = link.closed.then(error => {
    throw error
  })
  return Promise.race([work, lost])
}
