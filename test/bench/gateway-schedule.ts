import type { CanBus } from '../../src/core/can-bus.ts'
import { canKey } from '../../src/protocols/batgw/can-message.ts'

/** Periods in ms, by ID. */
export type Periods = Readonly<Record<string, number>>

/** How well a gateway keeps the times at which it has to send: all are counted from the first frame of one ID. */
export class Schedule {
  readonly #periods: Periods
  readonly #origin: string
  readonly #rows = new Map<string, { count: number; worstMs: number }>()
  #begin: number | undefined

  /** `origin`: the ID whose first frame begins the grid. */
  constructor(periods: Periods, origin: string) {
    this.#periods = periods
    this.#origin = origin
  }

  /** Listens to a bus on which nobody else sends these IDs. */
  watch(bus: CanBus, now: () => number): void {
    bus.listen({ frame: frame => this.#take(canKey(frame), now()), event: () => {} })
  }

  #take(id: string, at: number): void {
    if (id === this.#origin) this.#begin ??= at
    const period = this.#periods[id]
    if (period === undefined || this.#begin === undefined) return
    const passed = at - this.#begin
    const row = this.#rows.get(id) ?? { count: 0, worstMs: 0 }
    row.count++
    row.worstMs = Math.max(row.worstMs, Math.abs(passed - Math.round(passed / period) * period))
    this.#rows.set(id, row)
  }

  /** A line for each ID, when the run has ended. */
  lines(end: number): string[] {
    return Object.entries(this.#periods).map(([id, period]) => {
      const { count, worstMs } = this.#rows.get(id) ?? { count: 0, worstMs: Number.NaN }
      const due = this.#begin === undefined ? 0 : Math.floor((end - this.#begin) / period) + 1
      const text = `${due - count} of ${due} missing`
      return `  ${id} every ${String(period / 1000).padEnd(5)} s ${text.padStart(22)}, at most ${worstMs.toFixed(1)} ms off`
    })
  }
}
