import type { Value, Values } from '../../core/values.ts'
import { power, soc } from './derive.ts'

/** What is known of one module: the last values of each part, null for a part that never answered. */
export interface PackState {
  /** 16 x group + n. */
  readonly address: number
  /** Element of `packs` of the last reply to 42h, 44h and 92h. */
  readonly analog: Values | null
  readonly alarm: Values | null
  readonly management: Values | null
  readonly serial: string | null
  /** Main line version. */
  readonly firmware: string | null
  /** When 42h was last read, Unix ms. */
  readonly updatedAt: number | null
  /** Why the last round failed: `timeout`, `checksum`, `RTN 91`; the values are those of an earlier one then. */
  readonly error: string | null
}

/** What is known of a stack: modules by address, and what the first one says for all. */
export interface StackState {
  readonly packs: ReadonlyMap<number, PackState>
  /** The limits of 47h, without the header. */
  readonly system: Values | null
  readonly device: Values | null
}

export const EMPTY_STACK: StackState = { packs: new Map(), system: null, device: null }

/** A decoded reply, as readings have it. */
export interface Reply {
  readonly message: string
  readonly values: Values
  /** Unix ms. */
  readonly time: number
}

/** The stack after a reply; pure. Replies that say nothing about it change nothing. */
export function withReply(stack: StackState, { message, values, time }: Reply): StackState {
  const address = Number(values['adr'])
  switch (message) {
    case 'analog':
    case 'analog_all':
      return withParts(stack, address, values, analog => ({ analog, updatedAt: time, error: null }))
    case 'alarm':
    case 'alarm_all':
    case 'alarm_all_extended':
      return withParts(stack, address, values, alarm => ({ alarm: without(alarm, 'cell_count', 'temp_count') }))
    case 'management':
    case 'management_all':
      return withParts(stack, address, values, management => ({ management }))
    case 'serial':
      return withPart(stack, address, { serial: String(values['serial']) })
    case 'firmware':
      return withPart(stack, address, { firmware: String(values['mainline_version']) })
    case 'system_parameters':
      return { ...stack, system: without(values, ...HEADER) }
    case 'manufacturer':
      return { ...stack, device: without(values, ...HEADER) }
    case 'error':
      return withPart(stack, address, { error: rtnError(Number(values['rtn'])) })
    default:
      return stack
  }
}

/** The stack after a request to a module that got no sound reply, for the reason given; its values stay. Pure. */
export function withFailure(stack: StackState, address: number, reason: string): StackState {
  return withPart(stack, address, { error: reason })
}

const HEADER = ['ver', 'adr', 'rtn', 'rtn_text', 'info_flag']

function rtnError(rtn: number): string {
  return `RTN ${rtn.toString(16).toUpperCase().padStart(2, '0')}`
}

/** Modules of a reply stand at consecutive addresses, from that of the one that answered. */
function withParts(
  stack: StackState,
  address: number,
  { packs }: Values,
  change: (part: Values) => Partial<PackState>,
): StackState {
  const parts = Array.isArray(packs) ? (packs as readonly Values[]) : []
  return parts.reduce((state, part, i) => withPart(state, address + i, change(part)), stack)
}

function withPart(stack: StackState, address: number, change: Partial<PackState>): StackState {
  const known = stack.packs.get(address) ?? { ...UNKNOWN, address }
  return { ...stack, packs: new Map(stack.packs).set(address, { ...known, ...change }) }
}

const UNKNOWN = {
  analog: null,
  alarm: null,
  management: null,
  serial: null,
  firmware: null,
  updatedAt: null,
  error: null,
}

/** Names of the analog part, which stand in the pack itself. */
const ANALOG = [
  ...['cell_count', 'cell_voltages', 'temp_count', 'temperatures', 'current', 'voltage', 'remaining_ah', 'total_ah'],
  ...['cycles', 'power', 'soc', 'cell_min', 'cell_max', 'cell_delta_mv'],
]

/** The document of a stack: totals, modules by address, and what is common to all. Pure. */
export function snapshot({ packs, system, device }: StackState): Values {
  const sorted = [...packs.values()].sort((a, b) => a.address - b.address)
  return {
    pack_count: sorted.length,
    totals: totals(sorted.flatMap(({ analog }) => (analog === null ? [] : [analog]))),
    packs: sorted.map(packDocument),
    system,
    device_name: device?.['device_name'] ?? null,
    software_version: device?.['software_version'] ?? null,
    manufacturer: device?.['manufacturer'] ?? null,
  }
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
function totals(packs: readonly Values[]): Values | null {
  if (packs.length === 0) return null
  const remaining = sum(packs, 'remaining_ah', 1000)
  const total = sum(packs, 'total_ah', 1000)
  const watts = packs.map(({ voltage, current }) => power(voltage, current) ?? 0)
  return {
    voltage: Math.round((sum(packs, 'voltage', 1000) * 1000) / packs.length) / 1000,
    current: sum(packs, 'current', 10),
    power: Math.round(watts.reduce((all, one) => all + one * 10, 0)) / 10,
    remaining_ah: remaining,
    total_ah: total,
    soc: soc(remaining, total),
  }
}

/** The sum of whole multiples of `1 / steps`, without what binary fractions add. */
function sum(packs: readonly Values[], name: string, steps: number): number {
  const number = (value: Value | undefined) => (typeof value === 'number' ? Math.round(value * steps) : 0)
  return packs.reduce((total, pack) => total + number(pack[name]), 0) / steps
}

function without(values: Values, ...names: readonly string[]): Values {
  return Object.fromEntries(Object.entries(values).filter(([name]) => !names.includes(name)))
}
