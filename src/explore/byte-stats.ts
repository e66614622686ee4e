import { ALONE, STRIDE } from './cell.ts'
import { CellTable, enlarged } from './cell-table.ts'
import { CheckProbe } from './check-probe.ts'

/** Cells that all streams together may still take: the bound on memory. */
export interface CellBudget {
  left: number
}

/**
 * Statistics of the payloads of one stream, byte by byte; read them with `summarize`.
 *
 * `add` looks closely only at bytes that differ from the message before, and allocates only when a payload is longer
 * than any before it. A byte that a short message lacks is compared with the last message that had it.
 */
export class StreamStats {
  readonly name: string
  readonly cells = new CellTable()
  readonly checks = new CheckProbe()
  messages = 0
  /** Messages of which bytes were left out for want of room. */
  cut = 0
  shortest = Number.MAX_SAFE_INTEGER
  longest = 0
  /** Bytes known so far: offsets `[0, extent)` have been seen. */
  extent = 0
  /** Messages by length, and those of them in which any byte changed. */
  lengths = new Uint32Array(1)
  busy = new Uint32Array(1)
  #previous = 0
  /** What the last message changed; reused. */
  readonly #change = {
    changed: new Uint16Array(0),
    count: 0,
    before: this.cells.before,
    now: this.cells.now,
    length: 0,
  }
  readonly #limit: number
  readonly #budget: CellBudget

  /** `limit` is the longest part of a payload to look at, in bytes, at most 65536. */
  constructor(name: string, limit: number, budget: CellBudget) {
    this.name = name
    this.#limit = limit
    this.#budget = budget
  }

  /** Takes in one message, `payload[start, end)`. The bytes are not kept. */
  add(payload: Uint8Array, start: number, end: number): void {
    const whole = Math.max(0, end - start)
    if (whole > this.cells.size) this.#grow(whole)
    const length = Math.min(whole, this.cells.size)
    this.messages++
    if (length < whole) this.cut++
    if (whole < this.shortest) this.shortest = whole
    if (whole > this.longest) this.longest = whole
    this.lengths[length]!++
    this.#change.length = length
    this.#compare(payload, start, Math.min(length, this.extent))
    if (length > this.extent) this.#meet(payload, start, length)
    if (this.#change.count > 0) this.#count()
    if (length > this.#previous) this.#firstFit(this.#previous, length)
    this.#previous = length
  }

  /** Stores the bytes that differ from what was there, and lists their offsets. */
  #compare(payload: Uint8Array, start: number, known: number): void {
    const { changed, now } = this.#change
    let count = 0
    for (let i = 0; i < known; i++) {
      const byte = payload[start + i]!
      if (byte !== now[i]) {
        now[i] = byte
        changed[count++] = i
      }
    }
    this.#change.count = count
  }

  /** Takes in bytes at offsets that no message had so far. */
  #meet(payload: Uint8Array, start: number, length: number): void {
    for (let i = this.extent; i < length; i++) this.cells.byteMet(i, payload[start + i]!)
    this.extent = length
  }

  #count(): void {
    const { cells } = this
    const { changed, count, before, now, length } = this.#change
    this.busy[length]!++
    if (count === 1) cells.ints[changed[0]! * STRIDE + ALONE]!++
    for (let k = 0; k < count; k++) cells.byteChanged(changed[k]!)
    this.#countWide(Math.min(length, this.#previous))
    if (length === this.#previous) this.checks.test(this.#change)
    for (let k = 0; k < count; k++) {
      const i = changed[k]!
      before[i] = now[i]!
    }
  }

  /** Visits every pair and float that holds a changed byte, once; those that this and the last message have whole. */
  #countWide(common: number): void {
    const { cells } = this
    const { changed, count } = this.#change
    let done = -1
    for (let k = 0; k < count; k++) {
      const i = changed[k]!
      const lastPair = Math.min(i, common - 2)
      for (let at = Math.max(done + 1, i - 1); at <= lastPair; at++) cells.pairChanged(at)
      const lastFloat = Math.min(i, common - 4)
      for (let at = Math.max(done + 1, i - 3); at <= lastFloat; at++) cells.floatChanged(at)
      done = i
    }
  }

  /** Takes in the pairs and floats that the message before was too short for: their ranges, but no step. */
  #firstFit(previous: number, length: number): void {
    const { cells } = this
    for (let at = Math.max(0, previous - 1); at <= length - 2; at++) cells.pairMet(at)
    for (let at = Math.max(0, previous - 3); at <= length - 4; at++) cells.floatMet(at)
  }

  /** Makes room for `wanted` bytes, as far as the limits go; by doubling, so lengths that creep up cost little. */
  #grow(wanted: number): void {
    const had = this.cells.size
    const size = Math.min(Math.max(wanted, had * 2), this.#limit, had + this.#budget.left)
    if (size <= had) return
    this.#budget.left -= size - had
    this.cells.grow(size)
    this.#change.changed = new Uint16Array(size)
    this.#change.before = this.cells.before
    this.#change.now = this.cells.now
    this.lengths = enlarged(this.lengths, new Uint32Array(size + 1))
    this.busy = enlarged(this.busy, new Uint32Array(size + 1))
  }
}
