import type { Clock } from '../../core/clock.ts'
import { isWattzupError } from '../../core/errors.ts'
import { keepConnected, type LinkEvent } from '../../core/keep-connected.ts'
import { isDoneWithin } from '../deadline.ts'
import { FaultReport } from '../fault-report.ts'
import { type BrokerLink, type BrokerOptions, openBroker } from './broker.ts'
import { brokerText } from './broker-address.ts'
import { Losses } from './losses.ts'
import type { MqttMessage, ReceivedMessage } from './message.ts'
import { Outbox, type Outgoing } from './outbox.ts'
import { type Receive, Subscriptions } from './subscriptions.ts'
import { isTopic } from './topics.ts'

/** Where messages go, and what to do around them. */
export interface PublisherOptions {
  readonly broker: BrokerOptions
  /** So many messages wait while the broker is away; of more, the oldest are dropped. */
  readonly queueLimit: number
  /** What every connection begins with: how things stand. `waiting` are the topics of messages that follow anyway. */
  readonly greeting: (waiting: ReadonlySet<string>) => readonly MqttMessage[]
  /** Takes one line for the user. */
  readonly report: (line: string) => void
  /** The longest wait between attempts to connect, ms; 60 s without it. */
  readonly longestWaitMs?: number
}

/** So long the end of a run waits for the broker: for the messages that are left, and for the last words. */
const DRAIN_MS = 1500
const FAREWELL_MS = 500

const CLOSED = new Error('the publisher is closed')

/**
 * Sends messages to one broker, in order, over a connection that is kept up for ever. Messages wait while the broker is
 * away; those that it has not acknowledged when the connection is lost are sent again before all others. Publishing
 * never waits and never fails.
 */
export class MqttPublisher {
  readonly #options: PublisherOptions
  readonly #clock: Clock
  readonly #name: string
  readonly #outbox: Outbox
  readonly #faults: FaultReport
  readonly #subscriptions = new Subscriptions()
  readonly #losses = new Losses()
  readonly #stop = new AbortController()
  readonly #run: Promise<void>
  /** Resolves when the first attempt to connect has ended, well or not. */
  readonly #attempted: Promise<void>
  #endAttempt = () => {}
  #link: BrokerLink | undefined
  #alive = () => {}
  #sending = false
  #emptied = () => {}
  #closing: Promise<void> | undefined
  #goodbye = false
  /** Why `#run` ended early: a defect of ours. */
  #defect: unknown

  /** `random` gives numbers in [0, 1). */
  constructor(options: PublisherOptions, clock: Clock, random: () => number) {
    this.#options = options
    this.#clock = clock
    this.#name = brokerText(options.broker.address)
    this.#outbox = new Outbox(options.queueLimit)
    this.#faults = new FaultReport(options.report)
    this.#attempted = new Promise(resolve => {
      this.#endAttempt = resolve
    })
    const events = {
      received: (message: ReceivedMessage) => this.#subscriptions.dispatch(message),
      alive: () => this.#alive(),
    }
    const open = (signal: AbortSignal) => openBroker(options.broker, events, signal)
    const report = (event: LinkEvent) => this.#report(event)
    const use = this.#use.bind(this)
    const { longestWaitMs: longestMs } = options
    const keeping = { open, use, report, random, ...(longestMs === undefined ? {} : { longestMs }) }
    this.#run = keepConnected<BrokerLink>(keeping, clock, this.#stop.signal).catch(error => {
      this.#defect = error
      this.#endAttempt()
    })
  }

  /** Sends a message as soon as all before it have been sent. */
  publish(message: MqttMessage): void {
    this.#add(message, false)
  }

  /** Sends how things stand; without a connection not at all: the greeting of the next one says it. */
  publishStanding(message: MqttMessage): void {
    if (this.#link !== undefined) this.#add(message, true)
  }

  /** Hands all messages that match a filter to `receive`, over this connection and all that follow. */
  subscribe(filter: string, receive: Receive): void {
    this.#subscriptions.add(filter, receive)
    if (this.#link !== undefined) void this.#subscribed(this.#link, [filter])
  }

  /**
   * Sends what is left, then the last words, then goodbye; gives up after 2 s, or when there is no connection. Where the
   * broker did not take the last words, it is left without goodbye, so that it publishes the will.
   */
  close(lastWords: readonly MqttMessage[]): Promise<void> {
    this.#closing ??= this.#close(lastWords)
    return this.#closing
  }

  /** What did not reach the broker, in lines. */
  problems(): readonly string[] {
    const { dropped, poisonous } = this.#outbox
    this.#losses.set('dropped: the broker was away too long', dropped)
    this.#losses.set('dropped: the broker closed the connection over each of them', poisonous)
    return this.#losses.lines.map(line => `${this.#name}: ${line}`)
  }

  #add(message: MqttMessage, standing: boolean): void {
    if (this.#defect !== undefined) throw this.#defect
    if (this.#closing !== undefined) return
    if (!isTopic(message.topic)) this.#refused('no valid topic')
    else this.#outbox.add(message, standing)
    this.#send()
  }

  async #use(link: BrokerLink, alive: () => void, signal: AbortSignal): Promise<void> {
    const ended = new Promise<undefined>(resolve => {
      signal.addEventListener('abort', () => resolve(undefined), { once: true })
    })
    this.#alive = alive
    this.#link = link
    void this.#subscribed(link, this.#subscriptions.filters)
    this.#outbox.addFirst(this.#options.greeting(this.#outbox.topics))
    this.#send()
    const error = await Promise.race([link.closed, ended])
    this.#link = undefined
    this.#outbox.lost()
    if (error !== undefined && !this.#goodbye) throw error
  }

  /** Sends as much as may be on its way at a time. Called by itself when the system has taken a message at once. */
  #send(): void {
    const link = this.#link
    if (link === undefined || this.#sending) return
    this.#sending = true
    while (this.#outbox.inFlight < link.window) {
      const outgoing = this.#outbox.next()
      if (outgoing === undefined) break
      link.send(outgoing.message, refusal => this.#settled(link, outgoing, refusal))
    }
    this.#sending = false
    if (this.#outbox.size === 0) this.#emptied()
  }

  #settled(link: BrokerLink, outgoing: Outgoing, refusal: string | undefined): void {
    if (link !== this.#link) return // it is in the queue again
    this.#outbox.settle(outgoing)
    if (refusal !== undefined) this.#refused(refusal)
    this.#send()
  }

  #refused(reason: string): void {
    if (this.#losses.add(`refused: ${reason}`)) {
      this.#options.report(`${this.#name}: a message was refused: ${reason}`)
    }
  }

  async #subscribed(link: BrokerLink, filters: readonly string[]): Promise<void> {
    for (const filter of await link.subscribe(filters)) {
      this.#options.report(`${this.#name}: the broker refuses the subscription to ${filter}`)
    }
  }

  #report(event: LinkEvent): void {
    if (event.type === 'connecting') return
    this.#endAttempt()
    if (event.type === 'connected') this.#faults.worked(`${this.#name}: connected`)
    else if (isWattzupError(event.error)) this.#faults.failed(event.error, 'trying again')
  }

  async #close(lastWords: readonly MqttMessage[]): Promise<void> {
    if (this.#outbox.size > 0) await this.#attempted // a short run is over before the first connection stands
    await this.#drained(DRAIN_MS)
    const left = this.#outbox.clear()
    this.#losses.set(`not sent: ${this.#faults.failing?.message ?? 'the broker did not confirm it in time'}`, left)
    if (this.#link !== undefined) await this.#sayGoodbye(this.#link, lastWords)
    this.#stop.abort(CLOSED)
    await this.#run
    if (this.#defect !== undefined) throw this.#defect
  }

  async #sayGoodbye(link: BrokerLink, lastWords: readonly MqttMessage[]): Promise<void> {
    for (const message of lastWords) this.#outbox.add(message, true)
    this.#send()
    if (!(await this.#drained(FAREWELL_MS))) return
    this.#goodbye = true
    await isDoneWithin(FAREWELL_MS, link.disconnect(), this.#clock)
  }

  /** Whether all messages are acknowledged within `ms`. */
  async #drained(ms: number): Promise<boolean> {
    if (this.#outbox.size === 0) return true
    if (this.#link === undefined) return false
    const emptied = new Promise<void>(resolve => {
      this.#emptied = resolve
    })
    return isDoneWithin(ms, emptied, this.#clock)
  }
}
