import mqtt, { type MqttClient } from 'mqtt'

/** A message that an observer has seen. */
export interface Seen {
  readonly topic: string
  readonly payload: string
  readonly retained: boolean
  readonly qos: number
}

/** Sees what goes over a broker, and speaks for others. */
export class Observer implements AsyncDisposable {
  readonly seen: Seen[] = []
  readonly #client: MqttClient
  readonly #checks = new Set<() => void>()

  private constructor(client: MqttClient) {
    this.#client = client
    client.on('message', (topic, payload, { retain, qos }) => {
      this.seen.push({ topic, payload: payload.toString('utf8'), retained: retain, qos })
      for (const check of this.#checks) check()
    })
  }

  /** Connects and subscribes; what the broker has kept comes first. */
  static async connect(url: string, ...filters: readonly string[]): Promise<Observer> {
    const client = await mqtt.connectAsync(url, { reconnectPeriod: 0 })
    const observer = new Observer(client)
    await client.subscribeAsync(filters.length === 0 ? ['#'] : [...filters], { qos: 2 })
    return observer
  }

  /** What `find` gives, as soon as it gives something. */
  until<T>(find: (seen: readonly Seen[]) => T | undefined): Promise<T> {
    return new Promise(resolve => {
      const check = () => {
        const found = find(this.seen)
        if (found === undefined) return
        this.#checks.delete(check)
        resolve(found)
      }
      this.#checks.add(check)
      check()
    })
  }

  /** The first message to a topic, with a payload if it is given. */
  message(topic: string, payload?: string): Promise<Seen> {
    return this.until(seen =>
      seen.find(message => message.topic === topic && (payload === undefined || message.payload === payload)),
    )
  }

  /** Payloads to a topic so far, in order. */
  payloads(topic: string): string[] {
    return this.seen.filter(message => message.topic === topic).map(({ payload }) => payload)
  }

  /** Resolves when the broker has it. */
  async say(topic: string, payload: string, retain = false, qos: 1 | 2 = 1): Promise<void> {
    await this.#client.publishAsync(topic, payload, { qos, retain })
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#client.endAsync(true)
  }
}

/** Rounds without anything new until a broker has sent all that it keeps: aedes sends new messages in between. */
const QUIET_ROUNDS = 3

/** What a broker keeps, payloads by topic. */
export async function kept(url: string): Promise<Map<string, string>> {
  await using observer = await Observer.connect(url)
  const retained = () => observer.seen.filter(message => message.retained)
  for (let round = 0, quiet = 0; quiet < QUIET_ROUNDS; round++, quiet++) {
    const before = retained().length
    await observer.say('test/round', String(round), false, 2) // one of QoS 1 would overtake others
    await observer.message('test/round', String(round))
    if (retained().length > before) quiet = 0
  }
  return new Map(retained().map(({ topic, payload }) => [topic, payload]))
}
