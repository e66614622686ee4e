import type { Clock } from '../../core/clock.ts'
import type { DongleLink } from './dongle-link.ts'
import { type PollEvent, PollRound } from './poll-round.ts'
import { type BlockSize, blocksOf, type RegisterRange } from './read-plan.ts'
import { SkipList } from './skip-list.ts'

export interface PollOptions {
  readonly ranges: readonly RegisterRange[]
  readonly blockSize: BlockSize
  readonly intervalMs: number
  /** Cycles until it is enough; without it there is no end. */
  readonly cycles?: number
  readonly report: (event: PollEvent) => void
}

/** Asks for registers again and again; outlives connections, and remembers what is not worth asking for. */
export class Poller {
  readonly #options: PollOptions
  readonly #clock: Clock
  readonly #skips: SkipList
  #cycles = 0
  /** When the next cycle begins. */
  #due: number | undefined

  constructor(options: PollOptions, clock: Clock) {
    this.#options = options
    this.#clock = clock
    this.#skips = new SkipList(clock)
  }

  /**
   * Polls every inverter behind the dongle; returns after the last cycle. Rejects with `TimeoutError` when the dongle does
   * not answer any more and the connection had better be made anew, otherwise like `Requester.request`.
   */
  async run(link: DongleLink, signal: AbortSignal): Promise<void> {
    const { ranges, blockSize, intervalMs, cycles = Number.POSITIVE_INFINITY, report } = this.#options
    const round = new PollRound(link, blocksOf(ranges, blockSize), this.#skips, report)
    await link.serials.whenKnown(signal)
    for (;;) {
      const due = await this.#whenDue(signal)
      report({ type: 'cycle', summary: await round.run(signal) })
      const missed = Math.floor((this.#clock.now() - due) / intervalMs) // they are not made up for
      this.#due = due + (missed + 1) * intervalMs // without drift
      if (++this.#cycles >= cycles) return
    }
  }

  /** Waits for the next cycle, also over a new connection; one that is late begins at once. Gives when it was due. */
  async #whenDue(signal: AbortSignal): Promise<number> {
    const now = this.#clock.now()
    const due = Math.max(this.#due ?? now, now)
    const left = Math.min(due - now, this.#options.intervalMs) // clocks are set back now and then
    if (left > 0) await this.#clock.sleep(left, signal)
    return due
  }
}
