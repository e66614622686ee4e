import { type CanAddress, interfaceOf, parseCanUrl } from '../core/can-address.ts'
import { type CanFilters, isFilter, parseFilters } from '../core/can-filter.ts'
import { taken } from './option-value.ts'

/** A bus of the command line, and what is wanted of it. */
export interface DumpSource {
  readonly address: CanAddress
  readonly filters: CanFilters
}

/** Adds the bus of an argument to those before: a URL, and filters behind commas as candump has them. */
export function collectSource(text: string, before: readonly DumpSource[] = []): readonly DumpSource[] {
  const parts = text.split(',')
  let end = parts.length
  while (end > 1 && isFilter(parts[end - 1]!)) end--
  const source = taken(() => ({
    address: parseCanUrl(parts.slice(0, end).join(',')),
    filters: parseFilters(parts.slice(end)),
  }))
  return [...before, source]
}

/** What logs call the interfaces, as far as that is known before the first frame. */
export function interfaceNames(sources: readonly DumpSource[]): string[] {
  const nameOf = ({ address }: DumpSource) => (address.kind === 'file' ? address.iface : interfaceOf(address))
  return sources.map(nameOf).filter(name => name !== undefined)
}
