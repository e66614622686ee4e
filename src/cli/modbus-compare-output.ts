import type { ComparedField, Comparison, Verdict } from '../protocols/lxp/compare/comparison.ts'
import { table } from './table.ts'

/** A comparison with the times of both sides, Unix ms. */
export interface TimedComparison extends Comparison {
  readonly time: number
  readonly rowTime: number
  readonly skewMs: number
}

/** The table for people: a line per value, then what it comes to. */
export function comparisonText(result: TimedComparison): string {
  const { time, rowTime, skewMs, fields, unmatched } = result
  const head = `packet ${isoText(time)}, row ${isoText(rowTime)}, ${skewMs / 1000} s apart\n\n`
  const columns = [
    { title: 'HEADER' },
    { title: 'VALUE' },
    { title: 'PACKET', right: true },
    { title: 'CSV', right: true },
    { title: 'DIFFERENCE', right: true },
    { title: 'UNIT' },
    { title: 'RESULT' },
  ]
  const rows = fields.map(field => rowOf(field))
  const left = unmatched.length === 0 ? '' : `not compared: ${unmatched.map(visible).join(', ')}\n`
  return `${head}${table(columns, rows)}\n${summaryOf(fields)}\n${left}`
}

function rowOf({ header, name, packet, csv, difference, unit, verdict }: ComparedField): string[] {
  const off = difference === undefined ? '' : String(difference)
  return [visible(header), name, visible(String(packet)), visible(csv), off, unit, verdict]
}

function summaryOf(fields: readonly ComparedField[]): string {
  const moved = count(fields, 'moved')
  const text = `${fields.length} values: ${count(fields, 'ok')} ok, ${count(fields, 'differs')} differ`
  return moved === 0 ? text : `${text}, ${moved} moved (power)`
}

function count(fields: readonly ComparedField[], verdict: Verdict): number {
  return fields.filter(field => field.verdict === verdict).length
}

/** The same as one JSON document. */
export function comparisonDocument({ time, rowTime, skewMs, fields, unmatched }: TimedComparison): string {
  const counts = { compared: fields.length, ok: count(fields, 'ok'), differs: count(fields, 'differs') }
  const times = { time: isoText(time), rowTime: isoText(rowTime), skew: skewMs / 1000 }
  return `${JSON.stringify({ ...times, ...counts, moved: count(fields, 'moved'), fields, unmatched }, null, 2)}\n`
}

function isoText(ms: number): string {
  return new Date(ms).toISOString()
}

/** Text of a file without what would steer a terminal. */
function visible(text: string): string {
  return text.replace(/[\u0000-\u001f\u007f-\u009f]/g, '?')
}
