/** Quantities that are remembered, in the order in which a key goes through them. */
export const METRICS = ['power', 'current', 'voltage', 'SOC', 'spread', 'temperature'] as const
export type Metric = (typeof METRICS)[number]
/** What is known of each at one time. */
export type Sample = Readonly<Record<Metric, number | null>>

/** Spans of time that a curve may show. */
export const WINDOWS = [
  { name: '5 min', ms: 300_000 },
  { name: '1 h', ms: 3_600_000 },
  { name: '24 h', ms: 86_400_000 },
] as const

/** A window is remembered in so many slots, each with the mean of its samples. */
const SLOTS = 300
/** Modules, and the stack, that are remembered; of more the one not heard longest is forgotten. */
const MOST_SERIES = 128

/** What a curve is to show. */
export interface CurveRequest {
  readonly metric: Metric
  /** Index into `WINDOWS`. */
  readonly window: number
  /** Unix ms: the right end. */
  readonly now: number
  /** Columns that there is room for. */
  readonly columns: number
  /** A sample holds for so long unless another follows. */
  readonly holdMs: number
}

/** The past of modules and of the stack, in memory whose size does not grow with time. */
export class History {
  readonly #series = new Map<string, readonly Ring[]>()

  add(key: string, at: number, sample: Sample): void {
    const rings = this.#series.get(key) ?? WINDOWS.map(({ ms }) => new Ring(ms / SLOTS))
    this.#series.delete(key)
    this.#series.set(key, rings) // the one heard last is at the end
    if (this.#series.size > MOST_SERIES) this.#series.delete(this.#series.keys().next().value!)
    for (const ring of rings) ring.add(at, sample)
  }

  /**
   * One value per column, the newest last, null where nothing is known: the mean of its slots, or the value before for
   * as long as that holds. There may be fewer columns than there is room for: each stands for the same whole number of
   * slots, so that a curve moves without changing its shape.
   */
  curve(key: string, { metric, window, now, columns, holdMs }: CurveRequest): (number | null)[] {
    const ring = this.#series.get(key)?.[window]
    if (ring === undefined || columns < 1) return []
    const slots = Math.ceil(SLOTS / columns)
    const newest = Math.floor(now / ring.slotMs / slots)
    const count = Math.floor(SLOTS / slots)
    const held = Math.ceil(holdMs / ring.slotMs / slots)
    const values: (number | null)[] = []
    let last: { readonly column: number; readonly value: number } | undefined
    for (let column = newest - count + 1 - held; column <= newest; column++) {
      const value = ring.mean(METRICS.indexOf(metric), column * slots, (column + 1) * slots)
      if (value !== null) last = { column, value }
      if (column <= newest - count) continue
      values.push(last !== undefined && column - last.column <= held ? last.value : null)
    }
    return values
  }

  /** All that is remembered, for a file. */
  save(): SavedHistory {
    const series = [...this.#series].map(([key, rings]) => [key, rings.map(ring => ring.save())] as const)
    return { slots: SLOTS, series: Object.fromEntries(series) }
  }

  /** Takes what an earlier run saved; what makes no sense is left out. */
  load(saved: unknown): void {
    const { slots, series } = (saved ?? {}) as Partial<SavedHistory>
    if (slots !== SLOTS || typeof series !== 'object' || series === null) return
    for (const [key, rings] of Object.entries(series).slice(0, MOST_SERIES)) {
      if (!Array.isArray(rings) || this.#series.has(key)) continue
      const loaded = WINDOWS.map(({ ms }) => new Ring(ms / SLOTS))
      for (const [i, ring] of loaded.entries()) ring.load(rings[i])
      this.#series.set(key, loaded)
    }
  }
}

/** A history as JSON: per series and window its slots, each the number of the slot and the means of `METRICS`. */
export interface SavedHistory {
  readonly slots: number
  readonly series: Readonly<Record<string, readonly SavedRing[]>>
}
type SavedRing = readonly (readonly (number | null)[])[]

/** The slots of one window: slot n holds the samples of [n x slotMs, (n + 1) x slotMs). */
class Ring {
  readonly slotMs: number
  /** Which slot stands at each place. */
  readonly #slot = new Float64Array(SLOTS).fill(Number.NaN)
  readonly #sums = new Float64Array(SLOTS * METRICS.length)
  readonly #counts = new Uint32Array(SLOTS * METRICS.length)

  constructor(slotMs: number) {
    this.slotMs = slotMs
  }

  add(at: number, sample: Sample): void {
    if (!Number.isFinite(at) || at < 0) return
    const place = this.#placeOf(Math.floor(at / this.slotMs))
    for (const [i, metric] of METRICS.entries()) {
      const value = sample[metric]
      if (value === null) continue
      this.#sums[place + i]! += value
      this.#counts[place + i]!++
    }
  }

  /** The mean of slots `[from, to)`; null where they have no sample. */
  mean(metric: number, from: number, to: number): number | null {
    let sum = 0
    let count = 0
    for (let slot = Math.max(0, from); slot < to; slot++) {
      const place = slot % SLOTS
      if (this.#slot[place] !== slot) continue
      sum += this.#sums[place * METRICS.length + metric]!
      count += this.#counts[place * METRICS.length + metric]!
    }
    return count === 0 ? null : sum / count
  }

  save(): SavedRing {
    const known = Array.from(this.#slot).filter(slot => !Number.isNaN(slot))
    return known
      .sort((a, b) => a - b)
      .map(slot => [slot, ...METRICS.map((_, i) => shortened(this.mean(i, slot, slot + 1)))])
  }

  load(saved: unknown): void {
    for (const row of Array.isArray(saved) ? saved.slice(-SLOTS) : []) {
      const [slot, ...means]: unknown[] = Array.isArray(row) ? row : []
      if (!Number.isSafeInteger(slot) || Number(slot) < 0) continue
      const place = this.#placeOf(Number(slot))
      for (const [i, mean] of means.slice(0, METRICS.length).entries()) {
        if (typeof mean !== 'number' || !Number.isFinite(mean)) continue
        this.#sums[place + i] = mean
        this.#counts[place + i] = 1
      }
    }
  }

  /** Where the values of a slot begin; an older slot that was there is forgotten. */
  #placeOf(slot: number): number {
    const place = slot % SLOTS
    const start = place * METRICS.length
    if (this.#slot[place] !== slot) {
      this.#slot[place] = slot
      this.#sums.fill(0, start, start + METRICS.length)
      this.#counts.fill(0, start, start + METRICS.length)
    }
    return start
  }
}

/** Three decimals are more than anything is measured with. */
function shortened(value: number | null): number | null {
  return value === null ? null : Math.round(value * 1000) / 1000
}
