import type { Values } from '../../../core/values.ts'
import { Periodic } from '../periodic.ts'

/** A message that is sent again and again. */
export interface CyclicRow {
  readonly message: string
  readonly periodMs: number
  /** Its values at a monotonic time in ms. */
  readonly values: (at: number) => Values
}

interface Turn {
  readonly row: CyclicRow
  readonly timer: Periodic
}

/** Between the first frames of two messages, so that they are not all sent at once, ms. */
const STAGGER_MS = 7

/** Messages in their turns. Times are monotonic ms. */
export class Cyclic {
  readonly #turns: readonly Turn[]

  /** The first of each goes out soon after `at`, in this order. */
  constructor(rows: readonly CyclicRow[], at: number) {
    this.#turns = rows.map((row, i) => {
      const timer = new Periodic(row.periodMs)
      timer.start(at + ((i * STAGGER_MS) % row.periodMs), 0)
      return { row, timer }
    })
  }

  get due(): number {
    return Math.min(...this.#turns.map(({ timer }) => timer.due))
  }

  /** The rows that are due. */
  take(at: number): CyclicRow[] {
    return this.#turns.filter(({ timer }) => timer.take(at)).map(({ row }) => row)
  }
}
