import type { Value } from '../../../core/values.ts'
import type { DecodedField } from '../decoded.ts'
import type { ColumnNames } from './columns.ts'
import { headerKey } from './header-key.ts'
import type { PortalRow, PortalTable } from './portal-csv.ts'

/** `moved`: a power that differs, with more than 5 s between packet and row: no sign of a wrong register. */
export type Verdict = 'ok' | 'differs' | 'moved'

/** One value in both. */
export interface ComparedField {
  readonly header: string
  readonly name: string
  readonly packet: Value
  /** The cell as it stands. */
  readonly csv: string
  /** Packet less CSV, where both are numbers. */
  readonly difference?: number
  readonly unit: string
  readonly verdict: Verdict
}

/** What came out of comparing packets with one row. */
export interface Comparison {
  readonly fields: readonly ComparedField[]
  /** Headers that are no value of the packets. */
  readonly unmatched: readonly string[]
}

export interface ComparisonOptions {
  /** Between packets and row, in ms. */
  readonly skewMs: number
  /** Difference that is allowed; undefined for half a digit of the column. */
  readonly tolerance: number | undefined
}

/** Powers move between two looks; beyond this skew their differences prove nothing. */
const STILL_MS = 5000
const POWERS: ReadonlySet<string> = new Set(['power', 'apparent_power', 'reactive_power'])
/** For sums of decimals that have no exact binary form. */
const EPSILON = 1e-9

/** Compares decoded fields, by name, with a row of the portal. Cells without a value are passed over. */
export function compareRow(
  packet: ReadonlyMap<string, DecodedField>,
  { headers, timeColumn, rows }: PortalTable,
  row: PortalRow,
  names: ColumnNames,
  options: ComparisonOptions,
): Comparison {
  const fields: ComparedField[] = []
  const unmatched: string[] = []
  for (const [column, header] of headers.entries()) {
    if (column === timeColumn) continue
    const field = packet.get(names.nameOf(header) ?? '')
    const cell = row.cells[column]!
    if (field === undefined) unmatched.push(header)
    else if (cell !== '' && field.value !== null) {
      const half = 0.5 / 10 ** decimalsOf(rows, column)
      fields.push(compareCell(field, header, cell, options.tolerance ?? half, options.skewMs))
    }
  }
  return { fields, unmatched }
}

function compareCell(
  field: DecodedField,
  header: string,
  csv: string,
  tolerance: number,
  skewMs: number,
): ComparedField {
  const { info, value } = field
  const common = { header, name: info.name, packet: value, csv, unit: info.unit }
  const shown = numberOf(csv)
  if (typeof value !== 'number' || shown === undefined) {
    return { ...common, verdict: isSame(field, csv, shown) ? 'ok' : 'differs' }
  }
  const difference = Number((value - shown).toPrecision(12))
  if (Math.abs(difference) <= tolerance + EPSILON) return { ...common, difference, verdict: 'ok' }
  const isMoving = POWERS.has(info.kind ?? '') && skewMs >= STILL_MS
  return { ...common, difference, verdict: isMoving ? 'moved' : 'differs' }
}

/** Whether a name, a text or a yes says the same as a cell, which may also have the number behind it. */
function isSame({ value, raw }: DecodedField, csv: string, shown: number | undefined): boolean {
  if (shown !== undefined && raw !== undefined && raw === shown) return true
  return headerKey(String(value)) === headerKey(csv)
}

const NUMBER = /^([-+]?\d+(?:[.,]\d+)?)\s*(?:[^\d\s.,:-][^\d]*)?$/

/** The number in a cell, with a unit behind it or not and with a decimal point or comma. */
export function numberOf(cell: string): number | undefined {
  const match = NUMBER.exec(cell.trim())
  return match === null ? undefined : Number(match[1]!.replace(',', '.'))
}

/** Most decimals that a column shows: a spreadsheet cuts trailing zeros off the single cell. */
function decimalsOf(rows: readonly PortalRow[], column: number): number {
  let most = 0
  for (const { cells } of rows) {
    const [, number = ''] = NUMBER.exec(cells[column]!.trim()) ?? []
    const point = number.search(/[.,]/)
    if (point >= 0) most = Math.max(most, number.length - point - 1)
  }
  return most
}
