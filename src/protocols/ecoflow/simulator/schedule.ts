import type { Random } from '../../../core/random.ts'

/** Something that happens at a time, once or again and again. */
interface Entry {
  at: number
  /** Breaks ties, so that the order never depends on anything but the program. */
  readonly order: number
  /** Microseconds, 0 for once. */
  readonly period: number
  /** Where the time would be without jitter. */
  base: number
  readonly jitter: number
  readonly act: (at: number) => void
}

/** Share of a period by which a repeated event comes early or late at most. */
const JITTER = 0.04

/** What happens when: a queue of events in the order of their time. */
export class Agenda {
  readonly #heap: Entry[] = []
  readonly #random: Random
  #order = 0

  constructor(random: Random) {
    this.#random = random
  }

  /** Time of the next event. */
  get next(): number {
    return this.#heap[0]?.at ?? Number.POSITIVE_INFINITY
  }

  /** Does something once, at Unix microsecond `at`. */
  once(at: number, act: (at: number) => void): void {
    this.#push({ at: Math.round(at), order: this.#order++, period: 0, base: at, jitter: 0, act })
  }

  /** Does something every `period` microseconds from `first` on, exactly then. */
  tick(first: number, period: number, act: (at: number) => void): void {
    this.#push({ at: first, order: this.#order++, period, base: first, jitter: 0, act })
  }

  /** Does something about every `period` microseconds, for the first time within the first period after `from`. */
  often(from: number, period: number, act: (at: number) => void): void {
    const first = Math.round(from + this.#random.unit() * period)
    this.#push({ at: first, order: this.#order++, period, base: first, jitter: period * JITTER, act })
  }

  /** Lets the next event happen. */
  run(): void {
    const entry = this.#heap[0]!
    const { at, period } = entry
    if (period > 0) {
      entry.base += period
      entry.at = Math.round(entry.base + this.#random.between(-1, 1) * entry.jitter)
      this.#sink()
    } else {
      const last = this.#heap.pop()!
      if (this.#heap.length > 0) {
        this.#heap[0] = last
        this.#sink()
      }
    }
    entry.act(at)
  }

  #push(entry: Entry): void {
    const heap = this.#heap
    let index = heap.push(entry) - 1
    while (index > 0) {
      const parent = (index - 1) >> 1
      if (!before(entry, heap[parent]!)) break
      heap[index] = heap[parent]!
      index = parent
    }
    heap[index] = entry
  }

  /** Moves the first entry to where it belongs. */
  #sink(): void {
    const heap = this.#heap
    const entry = heap[0]!
    let index = 0
    for (;;) {
      let child = index * 2 + 1
      if (child >= heap.length) break
      if (child + 1 < heap.length && before(heap[child + 1]!, heap[child]!)) child++
      if (!before(heap[child]!, entry)) break
      heap[index] = heap[child]!
      index = child
    }
    heap[index] = entry
  }
}

function before(a: Entry, b: Entry): boolean {
  return a.at < b.at || (a.at === b.at && a.order < b.order)
}
