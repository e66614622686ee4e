import type { CanlogOptions } from './options.ts'

/** Whether the records of messages are wanted. */
export function needsRecord({ columns, sample, reports, regen }: CanlogOptions, learns: boolean): boolean {
  const samples = sample !== 'off' || regen !== undefined
  return learns || columns.record || columns.field !== undefined || samples || reports.pmm || reports.stat
}

/** Whether the payload of every message is looked at. */
export function needsPayload({ columns, filters, reports }: CanlogOptions): boolean {
  const shown = columns.hex !== 'off' || columns.decimal || columns.chars
  const searched = filters.hexHas !== undefined || reports.scan !== undefined || reports.scanFloat !== undefined
  return shown || searched || reports.meta !== undefined || reports.stat || reports.grid
}
