import type { MqttMessage } from './message.ts'

/** A message on its way to the broker. */
export interface Outgoing {
  readonly message: MqttMessage
  /** It says how things stand, and is said anew with every connection: not kept from one to the next. */
  readonly standing: boolean
  /** Connections that ended while it was the first to be answered. */
  losses: number
}

/** A message that has ended so many connections is at fault itself: too large, say, or to a topic that is not ours. */
const MAX_LOSSES = 8

/**
 * Messages in the order in which they are to arrive: a bounded queue of those that wait, and the few that have been sent
 * and not answered. When the connection is lost, the latter go back to the head of the queue.
 */
export class Outbox {
  /** The oldest of too many. */
  dropped = 0
  /** Those that the broker answered by ending the connection, again and again. */
  poisonous = 0
  readonly #limit: number
  /** Those that wait stand from `#head` on. */
  #queue: Outgoing[] = []
  #head = 0
  /** Those that wait and are not standing. */
  #bounded = 0
  #sent = new Set<Outgoing>()

  /** At most `limit` messages wait, not counting those that say how things stand. */
  constructor(limit: number) {
    this.#limit = limit
  }

  /** Messages that wait or have not been answered. */
  get size(): number {
    return this.#queue.length - this.#head + this.#sent.size
  }

  /** Messages that have been sent and not answered. */
  get inFlight(): number {
    return this.#sent.size
  }

  /** The topics of those that wait. */
  get topics(): ReadonlySet<string> {
    return new Set(this.#waiting().map(({ message }) => message.topic))
  }

  add(message: MqttMessage, standing: boolean): void {
    this.#queue.push({ message, standing, losses: 0 })
    if (standing) return
    this.#bounded++
    if (this.#bounded > this.#limit) this.#dropOldest()
  }

  /** Puts messages that say how things stand before all that wait. */
  addFirst(messages: readonly MqttMessage[]): void {
    this.#replace([...messages.map(message => ({ message, standing: true, losses: 0 })), ...this.#waiting()])
  }

  /** The message to send next, which is in flight then; undefined when none waits. */
  next(): Outgoing | undefined {
    const outgoing = this.#queue[this.#head]
    if (outgoing === undefined) return undefined
    this.#shift()
    this.#sent.add(outgoing)
    return outgoing
  }

  /** The broker has it, or refuses it. */
  settle(outgoing: Outgoing): void {
    this.#sent.delete(outgoing)
  }

  /**
   * The connection has ended: what was not answered waits again, before all else. QoS 0 is "at most once": what was
   * handed to the system is not sent again.
   */
  lost(): void {
    const unanswered = [...this.#sent].filter(({ message }) => message.qos > 0)
    const first = unanswered[0]
    this.#sent = new Set()
    if (first !== undefined && ++first.losses >= MAX_LOSSES) {
      this.poisonous++
      unanswered.shift()
    }
    this.#replace([...unanswered, ...this.#waiting()].filter(({ standing }) => !standing))
    while (this.#bounded > this.#limit) this.#dropOldest()
  }

  /** Gives up all messages; tells how many there were, without those that only say how things stand. */
  clear(): number {
    const all = [...this.#sent, ...this.#waiting()]
    this.#sent = new Set()
    this.#replace([])
    return all.filter(({ standing }) => !standing).length
  }

  #waiting(): Outgoing[] {
    return this.#queue.slice(this.#head)
  }

  #replace(waiting: Outgoing[]): void {
    this.#queue = waiting
    this.#head = 0
    this.#bounded = waiting.filter(({ standing }) => !standing).length
  }

  #dropOldest(): void {
    this.dropped++
    if (this.#queue[this.#head]?.standing === false) {
      this.#shift()
      return
    }
    const waiting = this.#waiting()
    const oldest = waiting.findIndex(({ standing }) => !standing)
    this.#replace(waiting.toSpliced(oldest, 1))
  }

  /** Takes the oldest away. What was taken is cut off when it is half of the array: moving all at once is cheap so. */
  #shift(): void {
    if (this.#queue[this.#head]?.standing === false) this.#bounded--
    this.#head++
    if (this.#head * 2 >= this.#queue.length) {
      this.#queue = this.#waiting()
      this.#head = 0
    }
  }
}
