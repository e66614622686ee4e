import type { Definition, FieldOptions } from './definition.ts'
import type { Say } from './shape.ts'
import { nearest } from './suggest.ts'

/** Texts of an enumeration's values or of a flag word's bits, by number; null, and a report, where there are none. */
export function namesOf(
  options: FieldOptions,
  definition: Definition,
  report: Say,
): ReadonlyMap<number, string> | null {
  const source = options.enum ?? options.flags
  if (source === undefined) return NO_NAMES
  if (typeof source !== 'string') return numbered(source)
  const tables = (options.enum === undefined ? definition.flags : definition.enums) ?? {}
  if (Object.hasOwn(tables, source)) return numbered(tables[source]!)
  const kind = options.enum === undefined ? 'flags' : 'enum'
  report(`there is no ${kind} ${JSON.stringify(source)}`, nearest(source, Object.keys(tables)))
  return null
}

const NO_NAMES: ReadonlyMap<number, string> = new Map()

function numbered(table: Readonly<Record<string, string>>): ReadonlyMap<number, string> {
  return new Map(Object.entries(table).map(([number, text]) => [Number(number), text]))
}
