import type { PollEvent, PollSummary } from '../protocols/lxp/poll-round.ts'
import { SMALLEST_BLOCK } from '../protocols/lxp/read-plan.ts'
import { requestText } from '../protocols/lxp/request.ts'
import { counted } from '../sinks/counted.ts'

/** What the counts of a summary are called that are said only where there are any. */
const TEXTS: Readonly<Record<Exclude<keyof PollSummary, 'answered'>, string>> = {
  short: 'with too few registers',
  refused: 'refused',
  timedOut: 'asked a second time',
  skipped: 'left out',
  silent: 'inverters silent',
}

/** What became of all cycles of a dongle. */
export class PollTotals {
  #cycles = 0
  readonly #sums: PollSummary = { answered: 0, short: 0, refused: 0, timedOut: 0, skipped: 0, silent: 0 }

  add(summary: PollSummary): void {
    this.#cycles++
    for (const name of Object.keys(summary) as (keyof PollSummary)[]) this.#sums[name] += summary[name]
  }

  /** There were cycles, and no register came. */
  get isFruitless(): boolean {
    return this.#cycles > 0 && this.#sums.answered + this.#sums.short === 0
  }

  /** `2 cycles: 24 blocks answered, 1 refused`; empty where there was no cycle. */
  get text(): string {
    if (this.#cycles === 0) return ''
    const others = (Object.keys(TEXTS) as (keyof typeof TEXTS)[])
      .filter(name => this.#sums[name] > 0)
      .map(name => `, ${this.#sums[name]} ${TEXTS[name]}`)
    return `${counted(this.#cycles, 'cycle')}: ${counted(this.#sums.answered, 'block')} answered${others.join('')}`
  }
}

/** What the user is told of a poll beside its readings. */
export function eventText(event: Exclude<PollEvent, { readonly type: 'cycle' }>): string {
  const { inverter, request, why } = event
  const what = request === undefined ? inverter : `${requestText(request)} of ${inverter}`
  if (event.type === 'skipped') return `${what}: ${why}; left out for ten minutes`
  return `${what}: ${why}; asking for ${SMALLEST_BLOCK} registers at a time on this connection`
}
