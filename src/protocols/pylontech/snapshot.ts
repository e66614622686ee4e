import type { Value, Values } from '../../core/values.ts'
import { power, soc } from './derive.ts'
import type { PackState, StackState } from './stack-state.ts'

/** Names of the analog part, which stand in the pack itself. */
export const ANALOG: readonly string[] = [
  ...['cell_count', 'cell_voltages', 'temp_count', 'temperatures', 'current', 'voltage', 'remaining_ah', 'total_ah'],
  ...['cycles', 'power', 'soc', 'cell_min', 'cell_max', 'cell_delta_mv'],
]

/** The document of a stack: totals, modules by address, and what is common to all. Pure. */
export function snapshot(stack: StackState): Values {
  const { system, device, protocolVersion, whole } = stack
  const packs = packDocuments(stack)
  return {
    pack_count: packs.length,
    totals: totals(packs),
    packs,
    system,
    device_name: device?.['device_name'] ?? null,
    software_version: device?.['software_version'] ?? null,
    manufacturer: device?.['manufacturer'] ?? null,
    ...(protocolVersion === null ? {} : { protocol_version: protocolVersion }),
    ...whole,
  }
}

/** One document for several stacks of a line: the modules of all, numbered through, and what the first one says. Pure. */
export function joined([first, ...others]: readonly Values[]): Values | undefined {
  if (first === undefined || others.length === 0) return first
  const all = [first, ...others].flatMap(({ packs }) => (Array.isArray(packs) ? (packs as Values[]) : []))
  const packs = all.map((pack, index) => ({ ...pack, pack: index + 1 }))
  return { ...first, pack_count: packs.length, totals: totals(packs), packs }
}

/** The elements of `packs`. Pure. */
export function packDocuments({ packs }: StackState): Values[] {
  return [...packs.values()].sort((a, b) => a.address - b.address).map(packDocument)
}

function packDocument(pack: PackState, index: number): Values {
  const { address, serial, firmware, analog, alarm, management, updatedAt, error } = pack
  return {
    pack: index + 1,
    group: address >> 4,
    address,
    serial,
    firmware,
    ...Object.fromEntries(ANALOG.map(name => [name, analog?.[name] ?? null])),
    alarm,
    management,
    updated_at: updatedAt === null || Number.isNaN(updatedAt) ? null : new Date(updatedAt).toISOString(),
    stale: error !== null,
    error,
  }
}

/** Current, power and capacities are sums, the voltage is the mean, the state of charge that of the sums. */
function totals(documents: readonly Values[]): Values | null {
  const packs = documents.filter(({ voltage }) => voltage !== null)
  if (packs.length === 0) return null
  const counted = packs.filter(pack => typeof pack['remaining_ah'] === 'number' && typeof pack['total_ah'] === 'number')
  const [remaining, total] = [sum(counted, 'remaining_ah', 1000), sum(counted, 'total_ah', 1000)]
  const watts = packs.map(({ voltage, current }) => power(voltage, current) ?? 0)
  return {
    voltage: Math.round((sum(packs, 'voltage', 1000) * 1000) / packs.length) / 1000,
    current: sum(packs, 'current', 1000),
    power: Math.round(watts.reduce((all, one) => all + one * 10, 0)) / 10,
    remaining_ah: counted.length === 0 ? null : remaining,
    total_ah: counted.length === 0 ? null : total,
    soc: soc(remaining, total),
  }
}

/** The sum of whole multiples of `1 / steps`, without what binary fractions add. */
function sum(packs: readonly Values[], name: string, steps: number): number {
  const number = (value: Value | undefined) => (typeof value === 'number' ? Math.round(value * steps) : 0)
  return packs.reduce((total, pack) => total + number(pack[name]), 0) / steps
}
