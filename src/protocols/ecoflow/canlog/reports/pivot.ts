/** More rows than a spreadsheet takes. */
const MAX_ROWS = 1 << 20

/** Counts messages by time of day and type, as a long table for spreadsheets. */
export class Pivot {
  readonly #digits: number
  readonly #rows = new Map<string, number>()
  /** Messages that came after the table was full. */
  beyond = 0

  /** `digits` of `HHmmssSSS` make the time of a row. */
  constructor(digits: number) {
    this.#digits = digits
  }

  /** `time` is `YYMMDD.HHmmss.SSS`. */
  add(time: string, type: string): void {
    const clock = time.slice(7, 13) + time.slice(14)
    const key = `${clock.slice(0, this.#digits)}\t${type}`
    const count = this.#rows.get(key)
    if (count === undefined && this.#rows.size >= MAX_ROWS) this.beyond++
    else this.#rows.set(key, (count ?? 0) + 1)
  }

  /** Rows sorted by time, then type, in code-unit order. */
  get rows(): { time: string; type: string; count: number }[] {
    return [...this.#rows.keys()].sort().map(key => {
      const [time = '', type = ''] = key.split('\t')
      return { time, type, count: this.#rows.get(key)! }
    })
  }

  /** Tab-separated text; the apostrophes make spreadsheets take the first columns as text. */
  get tsv(): string {
    const rows = this.rows.map(({ time, type, count }) => `'${time}\t'${type}\t${count}`)
    return ["'date\t'typ\tcount", ...rows].join('\n')
  }
}
