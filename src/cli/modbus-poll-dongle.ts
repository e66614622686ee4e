import { type Endpoint, endpointText } from '../core/endpoint.ts'
import type { DongleLink } from '../protocols/lxp/dongle-link.ts'
import type { PollEvent } from '../protocols/lxp/poll-round.ts'
import { Poller } from '../protocols/lxp/poller.ts'
import type { RegisterRange } from '../protocols/lxp/read-plan.ts'
import { SerialBook } from '../protocols/lxp/serial-book.ts'
import type { Io } from './io.ts'
import type { LiveRun } from './live-run.ts'
import { givenSerials, LEARN_S, SILENT_MS, whenLearned } from './modbus-dongle.ts'
import { keepDongle } from './modbus-keep-dongle.ts'
import type { PollFlags } from './modbus-poll.ts'
import type { PollSettings } from './modbus-poll-settings.ts'
import { eventText, PollTotals } from './modbus-poll-totals.ts'

export interface DonglePollOptions extends PollFlags {
  readonly ranges: readonly RegisterRange[]
  /** Takes commands by MQTT. */
  readonly settings: PollSettings | undefined
}

/** Polls the inverters behind one dongle. */
export class DonglePoll {
  readonly #io: Io
  readonly #run: LiveRun
  readonly #host: Endpoint
  readonly #name: string
  readonly #options: DonglePollOptions
  readonly #serials: SerialBook
  readonly #poller: Poller
  readonly #totals = new PollTotals()
  readonly #done = new AbortController()

  constructor(io: Io, run: LiveRun, host: Endpoint, options: DonglePollOptions) {
    this.#io = io
    this.#run = run
    this.#host = host
    this.#name = endpointText(host)
    this.#options = options
    this.#serials = new SerialBook(givenSerials(options))
    const { ranges, block: blockSize, interval, once, count } = options
    const cycles = once === true ? 1 : count
    const report = (event: PollEvent) => this.#report(event)
    const plan = { ranges, blockSize, intervalMs: interval * 1000, report }
    this.#poller = new Poller({ ...plan, ...(cycles === undefined ? {} : { cycles }) }, io.clock)
  }

  /** Ends after the last cycle or with the run; with `--once` rejects with what went wrong. */
  run(): Promise<void> {
    const { once, heartbeat, interval, settings } = this.#options
    const dongle = {
      host: this.#host,
      serials: this.#serials,
      answerHeartbeats: heartbeat !== false,
      silentMs: SILENT_MS + interval * 1000,
      once: once === true,
      use: (link: DongleLink, signal: AbortSignal) => this.#poll(link, signal),
      ...(settings === undefined ? {} : { onFrame: settings.learn }),
    }
    return keepDongle(this.#io, this.#run, dongle, AbortSignal.any([this.#run.signal, this.#done.signal]))
  }

  /** Says what became of all requests; cycles in which nothing was answered are a failure. */
  sumUp(): void {
    const { text, isFruitless } = this.#totals
    if (text !== '') this.#run.note(`${this.#name}: ${text}`)
    if (isFruitless && this.#done.signal.aborted) this.#io.status.code = 3
  }

  async #poll(link: DongleLink, signal: AbortSignal): Promise<void> {
    const { once, settings } = this.#options
    if (once === true) await whenLearned(this.#name, this.#serials, LEARN_S * 1000, this.#io.clock, signal)
    using _ = settings?.connected(link, signal)
    await this.#poller.run(link, signal)
    this.#done.abort(DONE)
  }

  #report(event: PollEvent): void {
    if (event.type === 'cycle') this.#totals.add(event.summary)
    else this.#run.note(`${this.#name}: ${eventText(event)}`)
  }
}

/** Why a dongle is no longer polled. */
const DONE = new Error('all cycles are done')
