import type { Clock } from '../../../core/clock.ts'
import type { Listener } from '../../../core/network.ts'
import { Random } from '../../../core/random.ts'
import type { Transport } from '../../../core/transport.ts'
import type { SimulatedDongle } from './dongle.ts'
import { type DongleFault, FaultDice, type FaultRates } from './faults.ts'
import type { Push } from './pushes.ts'
import { Session, type SessionCounts } from './session.ts'

/** What happens when a second client comes: the first has to go, or the second; or both are served. */
export const CLIENT_RULES = ['kick', 'refuse', 'off'] as const
export type ClientRule = (typeof CLIENT_RULES)[number]

/** What happens to clients, for the log. */
export interface ClientEvent {
  readonly type: 'connected' | 'kicked' | 'refused' | 'gone'
  /** Its address. */
  readonly client: string
  readonly counts?: SessionCounts
}

export interface ServerOptions {
  readonly clock: Clock
  readonly rule: ClientRule
  readonly seed: number
  readonly faults: FaultRates<DongleFault>
  readonly report: (event: ClientEvent) => void
  /** Told of every good frame that was sent completely. */
  readonly sent: (frame: Uint8Array, client: string) => void
}

/** Clients at once where the number is not limited to one. */
const MOST_CLIENTS = 32

/** A dongle at a port: greets who connects, pushes to all of them, answers. */
export class DongleServer {
  /** Sums over all connections. */
  readonly counts: SessionCounts = { frames: 0, answered: 0, ignored: 0, dropped: 0 }
  /** Connections that were served. */
  clients = 0
  /** Faults by name. */
  readonly made = new Map<string, number>()
  readonly #dongle: SimulatedDongle
  readonly #options: ServerOptions
  readonly #sessions = new Map<Session, Promise<void>>()
  readonly #over = new AbortController()
  #failure: unknown

  constructor(dongle: SimulatedDongle, options: ServerOptions) {
    this.#dongle = dongle
    this.#options = options
  }

  /** Serves until `signal` aborts or the pushes end; they begin when the first client connects. */
  async run(listener: Listener, pushes: Iterable<Push>, signal: AbortSignal): Promise<void> {
    const ended = AbortSignal.any([signal, this.#over.signal])
    let pushing: Promise<void> | undefined
    for await (const link of listener.connections(ended)) {
      this.#admit(link, signal)
      if (this.#sessions.size > 0) pushing ??= this.#watched(this.#push(pushes, ended).then(() => this.#over.abort()))
    }
    for (const session of this.#sessions.keys()) session.finish()
    await Promise.all([pushing, ...this.#sessions.values()])
    if (this.#failure !== undefined) throw this.#failure
  }

  /** Work beside the main one: if it fails, everything ends. */
  async #watched(work: Promise<void>): Promise<void> {
    try {
      await work
    } catch (error) {
      this.#failure ??= error
      this.#over.abort()
    }
  }

  async #push(pushes: Iterable<Push>, signal: AbortSignal): Promise<void> {
    const { clock } = this.#options
    for (const { at, frames } of pushes) {
      try {
        await clock.sleep(Math.max(0, at - clock.now()), signal)
      } catch (error) {
        if (signal.aborted) return
        throw error
      }
      const now = frames()
      for (const session of this.#sessions.keys()) session.push(now)
    }
  }

  #admit(link: Transport, signal: AbortSignal): void {
    const { rule, report } = this.#options
    const present = [...this.#sessions.keys()]
    if (present.length > 0 && (rule === 'refuse' || present.length >= MOST_CLIENTS)) {
      report({ type: 'refused', client: link.origin })
      void link[Symbol.asyncDispose]()
      return
    }
    if (rule === 'kick') {
      for (const session of present) {
        report({ type: 'kicked', client: session.origin })
        session.stop()
      }
    }
    const session = this.#session(link)
    this.#sessions.set(session, this.#watched(this.#serve(session, signal)))
  }

  #session(link: Transport): Session {
    const { clock, seed, faults, sent } = this.#options
    const random = new Random(seed, `lxp faults ${this.clients++}`) // each connection has its own
    const dice = new FaultDice(random, faults, this.made)
    return new Session(link, { dongle: this.#dongle, clock, dice, sent: frame => sent(frame, link.origin) })
  }

  async #serve(session: Session, signal: AbortSignal): Promise<void> {
    const { clock, report } = this.#options
    report({ type: 'connected', client: session.origin })
    session.push(this.#dongle.greeting(clock.now()))
    try {
      await session.run(signal)
    } finally {
      this.#sessions.delete(session)
      for (const [name, count] of Object.entries(session.counts)) this.counts[name as keyof SessionCounts] += count
      report({ type: 'gone', client: session.origin, counts: session.counts })
    }
  }
}
