import type { Extremes } from './pack.ts'
import type { Tally } from './tally.ts'
import { type Heard, Timed } from './timed.ts'

/** A plausible range, both ends included. */
export type Range = readonly [low: number, high: number]

/** What a frame says; null where it says that it does not know, which is in no range. */
export type Reported = number | null

/** One quantity from several sources, the preferred one first, each with its own age. */
class Sourced<Source extends string, T> {
  readonly #bySource: ReadonlyMap<Source, Timed<T>>

  constructor(sources: readonly Source[]) {
    this.#bySource = new Map(sources.map(source => [source, new Timed<T>()]))
  }

  protected set(source: Source, value: T, at: number): void {
    this.#bySource.get(source)!.set(value, at)
  }

  /** The first that is not too old. */
  heard(at: number): Heard<T> | undefined {
    for (const timed of this.#bySource.values()) {
      const heard = timed.heard(at)
      if (heard !== undefined) return heard
    }
    return undefined
  }

  first(at: number): T | undefined {
    return this.heard(at)?.value
  }

  /** All that are not too old. */
  all(at: number): T[] {
    const values: T[] = []
    for (const timed of this.#bySource.values()) {
      const heard = timed.heard(at)
      if (heard !== undefined) values.push(heard.value)
    }
    return values
  }

  expire(): void {
    for (const timed of this.#bySource.values()) timed.expire()
  }
}

/** A number; what is out of range is counted and otherwise ignored. */
export class SourcedNumber<Source extends string> extends Sourced<Source, number> {
  readonly #name: string
  readonly #range: Range
  readonly #tally: Tally

  constructor(name: string, range: Range, sources: readonly Source[], tally: Tally) {
    super(sources)
    this.#name = name
    this.#range = range
    this.#tally = tally
  }

  take(source: Source, value: Reported, at: number): void {
    if (value !== null && within(value, this.#range)) this.set(source, value, at)
    else this.#tally.add(`out of range: ${source} ${this.#name}`)
  }
}

/** A lowest and a highest; unless both are in range neither counts. */
export class SourcedPair<Source extends string> extends Sourced<Source, Extremes> {
  readonly #name: string
  readonly #range: Range
  readonly #tally: Tally

  constructor(name: string, range: Range, sources: readonly Source[], tally: Tally) {
    super(sources)
    this.#name = name
    this.#range = range
    this.#tally = tally
  }

  take(source: Source, min: Reported, max: Reported, at: number, places = { minAt: 0, maxAt: 0 }): void {
    const plausible = min !== null && max !== null && within(min, this.#range) && within(max, this.#range)
    if (plausible) this.set(source, { min, max, ...places }, at)
    else this.#tally.add(`out of range: ${source} ${this.#name}`)
  }
}

export function within(value: number, [low, high]: Range): boolean {
  return value >= low && value <= high
}
