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

  constructor(options: PollOptions, clock: Clock) {
    this.#options = options
    this.#clock = clock
    this.#skips = new SkipList(clock)
  }

  /**
   * Polls every inverter behind the dongle; returns after the last cycle. Rejects with `TimeoutError` when the dongle does
   * not answer any more and the connection had better be made anew, otherwise like `DongleLink.request`.
   */
  async run(link: DongleLink, signal: AbortSignal): Promise<void> {
    const { ranges, blockSize, intervalMs, cycles = Number.POSITIVE_INFINITY, report } = this.#options
    const round = new PollRound(link, blocksOf(ranges, blockSize), this.#skips, report)
    await link.serials.whenKnown(signal)
    for (let due = this.#clock.now(); ; ) {
      report({ type: 'cycle', summary: await round.run(signal) })
      if (++this.#cycles >= cycles) return
      const now = this.#clock.now()
      due += (Math.floor((now - due) / intervalMs) + 1) * intervalMs // without drift; what was missed is not made up for
      await this.#clock.sleep(due - now, signal)
    }
  }
}
