import { WattzupError } from '../../../core/errors.ts'
import { type LocalTime, toUnixMs, type Zone } from '../local-time.ts'
import { headerKey } from './header-key.ts'

/** A row of the portal's export; `cells` as many as there are headers. */
export interface PortalRow {
  /** Unix ms. */
  readonly time: number
  readonly cells: readonly string[]
}

/** The portal's export as far as it could be read. */
export interface PortalTable {
  /** Column titles; one that stands twice gets `.1`, `.2`. */
  readonly headers: readonly string[]
  readonly timeColumn: number
  readonly rows: readonly PortalRow[]
  /** Rows left out because their time cannot be read. */
  readonly unread: number
}

/** Titles of the column with the time, as `headerKey` makes them. */
const TIME_KEYS: ReadonlySet<string> = new Set(['time', 'datetime', 'timestamp'])

/**
 * Reads an export converted to CSV, separated by `,`, `;` or tab; `isTime` says of a header whether it is the time.
 * Throws `WattzupError` where there is no table in it.
 */
export async function parsePortalCsv(
  text: string,
  file: string,
  zone: Zone,
  isTime: (header: string) => boolean,
): Promise<PortalTable> {
  const [first, ...records] = await recordsOf(text, file)
  const headers = distinct(first ?? [])
  const known = headers.findIndex(isTime)
  const timeColumn = known >= 0 ? known : headers.findIndex(header => TIME_KEYS.has(headerKey(header)))
  if (timeColumn < 0) {
    throw new WattzupError(`${file} has no column "Time"; its first line must be the headers, or --map names it`)
  }
  const rows = records.map(record => ({
    time: timeOfCell(record[timeColumn] ?? '', zone),
    cells: headers.map((_, i) => record[i] ?? ''),
  }))
  const read = rows.filter(({ time }) => !Number.isNaN(time))
  return { headers, timeColumn, rows: read, unread: rows.length - read.length }
}

async function recordsOf(text: string, file: string): Promise<string[][]> {
  const { parse } = await import('csv-parse/sync') // only this command needs it
  const [line = ''] = /^[^\r\n]*/.exec(text) ?? []
  const delimiter = [';', '\t'].find(mark => line.includes(mark)) ?? ','
  const settings = { bom: true, trim: true, relax_column_count: true, relax_quotes: true, skip_empty_lines: true }
  try {
    return parse(text, { delimiter, ...settings })
  } catch (error) {
    throw new WattzupError(`${file} is not CSV: ${(error as Error).message}`, { file }, error)
  }
}

function distinct(headers: readonly string[]): string[] {
  const seen = new Map<string, number>()
  return headers.map(header => {
    const count = seen.get(header) ?? 0
    seen.set(header, count + 1)
    return count === 0 ? header : `${header}.${count}`
  })
}

const TIME = /^(\d{4})[-/.](\d\d?)[-/.](\d\d?)[T ]+(\d\d?):(\d\d)(?::(\d\d)(?:\.\d+)?)?\s*(Z|[+-]\d\d:?\d\d)?$/

/** Unix ms of `2025-11-18 00:05:00`, in `zone` unless the cell names its own; NaN where it is no time. */
export function timeOfCell(cell: string, zone: Zone): number {
  const match = TIME.exec(cell.trim())
  if (match === null) return Number.NaN
  const [year, month, day, hour, minute, second] = match.slice(1, 7).map(part => Number(part ?? '0'))
  const time: LocalTime = [year!, month!, day!, hour!, minute!, second!]
  const own = match[7]
  if (own === undefined) return toUnixMs(time, zone)
  const minutes = own === 'Z' ? 0 : Number(own.slice(1, 3)) * 60 + Number(own.slice(-2))
  return toUnixMs(time, own.startsWith('-') ? -minutes : minutes)
}

/** The row nearest to `time`; undefined where there is none. */
export function nearestRow(rows: readonly PortalRow[], time: number): PortalRow | undefined {
  let best: PortalRow | undefined
  for (const row of rows) {
    if (best === undefined || Math.abs(row.time - time) < Math.abs(best.time - time)) best = row
  }
  return best
}
