import { isWattzupError } from '../core/errors.ts'
import type { LinkEvent } from '../core/keep-connected.ts'
import { portText } from '../core/serial-address.ts'
import type { Values } from '../core/values.ts'
import type { StructSet } from '../decode/struct-set.ts'
import { strangeness } from '../protocols/pylontech/plausible.ts'
import type { Backend } from '../protocols/pylontech/poll/backend.ts'
import { disconnected } from '../protocols/pylontech/poll/poll-loop.ts'
import type { Reply } from '../protocols/pylontech/reply.ts'
import { joined, snapshot } from '../protocols/pylontech/snapshot.ts'
import type { Io } from './io.ts'
import { openBackend } from './pylon-backend.ts'
import { pollForever, pollOnce, silenceAdvice } from './pylon-connect.ts'
import type { LineOptions } from './pylon-line-options.ts'
import type { MonitorSource, Snapshot, SourceEvents } from './pylon-monitor-source.ts'

/** Modules that the monitor itself asks. */
export class LiveSource implements MonitorSource {
  readonly name: string
  readonly intervalMs: number
  readonly #io: Io
  readonly #options: LineOptions
  readonly #structs: StructSet
  /** Rejected frames by reason. */
  readonly #rejects = new Map<string, number>()
  /** Modules of another dialect would give values that are believed. */
  #strange: string | undefined

  constructor(io: Io, options: LineOptions, structs: StructSet) {
    this.#io = io
    this.#options = options
    this.#structs = structs
    this.name = portText(options.port)
    this.intervalMs = options.interval * 1000
  }

  now(): number {
    return this.#io.clock.now()
  }

  async once(signal: AbortSignal): Promise<Snapshot | undefined> {
    const backend = this.#open({ ...this.#options, once: true }, () => {})
    await pollOnce(this.#io, this.#options, backend, signal)
    return this.#snapshotOf(backend)
  }

  async run(events: SourceEvents, signal: AbortSignal): Promise<void> {
    const tell = () => {
      const found = this.#snapshotOf(backend)
      if (found !== undefined) events.snapshot(found)
      const problem = found === undefined ? silenceAdvice(this.#options) : this.#strange
      if (problem !== undefined) events.problem(problem)
    }
    const backend = this.#open(this.#options, tell)
    try {
      await pollForever(this.#io, this.#options, backend, event => this.#report(event, backend, events, tell), signal)
    } catch (error) {
      const isEnd = signal.aborted && (error === signal.reason || isWattzupError(error))
      if (!isEnd) throw error
    }
  }

  problems(): readonly string[] {
    const counts = [...this.#rejects].map(([reason, count]) => `${count} ${reason}`)
    const strange = this.#strange === undefined ? [] : [this.#strange]
    return counts.length === 0 ? strange : [...strange, `rejected: ${counts.join(', ')}`]
  }

  #open(options: LineOptions, onRound: () => void): Backend {
    const onReject = ({ message, context }: Error & { readonly context: Readonly<Record<string, unknown>> }) => {
      const reason = String(context['reason'] ?? message)
      this.#rejects.set(reason, (this.#rejects.get(reason) ?? 0) + 1)
    }
    const onReply = ({ values }: Reply) => {
      this.#strange ??= strangeness(values)
    }
    const events = { onRound, onTraffic: () => {}, onReply, onReject }
    return openBackend(options, this.#structs, events, this.#io.clock)
  }

  #snapshotOf({ stacks }: Backend): Snapshot | undefined {
    const documents = stacks.filter(({ state }) => state.packs.size > 0).map(({ state }): Values => snapshot(state))
    const document = joined(documents)
    return document === undefined ? undefined : { document, at: this.now() }
  }

  /** Whoever looks at the screen learns that nobody answers, and that what it shows is old. */
  #report(event: LinkEvent, { stacks }: Backend, events: SourceEvents, tell: () => void): void {
    if (event.type !== 'lost') return
    for (const stack of stacks) stack.state = disconnected(stack.state)
    if (stacks.some(({ state }) => state.packs.size > 0)) tell()
    const why = event.error?.message ?? 'the other side has closed the connection'
    const next = event.retryMs === undefined ? '' : `; next attempt in ${Math.round(event.retryMs / 1000)} s`
    events.problem(`${why.includes(this.name) ? '' : `${this.name}: `}${why}${next}`)
  }
}
