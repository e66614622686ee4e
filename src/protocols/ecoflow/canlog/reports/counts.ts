/** How often each value of a header field was seen. A plain object, because that is what is printed and saved. */
export type CountMap = Record<string, number>

/** A log with more distinct values than this is not EcoFlow's; what comes after is not told apart. */
const MAX_VALUES = 65_536

/** Counts values into one map of the report; the map exists from the first value on. */
export class Counter {
  map: CountMap | undefined
  #size = 0

  add(value: string): void {
    this.map ??= {}
    const { map } = this
    const count = map[value]
    if (count !== undefined) map[value] = count + 1
    else if (this.#size < MAX_VALUES) {
      map[value] = 1
      this.#size++
    }
  }

  get size(): number {
    return this.#size
  }
}

/** The counters behind `--count` and `--sum`. */
export class Counts {
  readonly chan = new Counter()
  readonly nid = new Counter()
  readonly dev = new Counter()
  readonly rrf = new Counter()
  readonly rty = new Counter()
  readonly typ = new Counter()
  readonly str = new Counter()
  readonly smo = new Counter()
  readonly seq = new Counter()
  readonly minutes = new Counter()
}

/** The object that `--count` prints and saves; a map that was never counted into is undefined. */
export function countReport(counts: Counts, serials: ReadonlyMap<string, string>) {
  return {
    chan: counts.chan.map,
    nid: counts.nid.map,
    dev: counts.dev.map,
    rrf: counts.rrf.map,
    rty: counts.rty.map,
    typ: counts.typ.map,
    ser: Object.fromEntries(serials),
    str: counts.str.map,
    smo: counts.smo.map,
  }
}
