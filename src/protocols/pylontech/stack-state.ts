import type { Value, Values } from '../../core/values.ts'
import { type Reply, rtnText } from './reply.ts'

/** What is known of one module: the last values of each part, null for a part that did not answer. */
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

/** The parts of a module that are asked for one by one, by their names in a document. */
export type Part = 'alarm' | 'management'

/** What is known of a stack: modules by address, and what the first one says for all. */
export interface StackState {
  readonly packs: ReadonlyMap<number, PackState>
  /** The limits of 47h, without the header. */
  readonly system: Values | null
  readonly device: Values | null
  /** VER of the reply to 4Fh. */
  readonly protocolVersion: Value
  /** Replies to 61h, 62h and 63h by the names of their messages; only newer firmware gives them. */
  readonly whole: Readonly<Record<string, Values>>
}

export const EMPTY_STACK: StackState = {
  packs: new Map(),
  system: null,
  device: null,
  protocolVersion: null,
  whole: {},
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
      return withPack(stack, address, { serial: String(values['serial']) })
    case 'firmware':
      return withPack(stack, address, { firmware: String(values['mainline_version']) })
    case 'system_parameters':
      return { ...stack, system: without(values, ...HEADER) }
    case 'manufacturer':
      return { ...stack, device: without(values, ...HEADER) }
    case 'protocol_version':
      return { ...stack, protocolVersion: values['ver'] ?? null }
    case 'system_analog':
    case 'system_alarm':
    case 'system_management':
      return { ...stack, whole: { ...stack.whole, [message]: without(values, ...HEADER) } }
    case 'error':
      return withPack(stack, address, { error: rtnText(Number(values['rtn'])) })
    default:
      return stack
  }
}

/** The stack with a module of which nothing need be known yet. Pure. */
export function withModule(stack: StackState, address: number): StackState {
  return withPack(stack, address, {})
}

/** The stack after a request to a module that got no sound reply, for the reason given; its values stay. Pure. */
export function withFailure(stack: StackState, address: number, reason: string): StackState {
  return withPack(stack, address, { error: reason })
}

/** The stack after a part of a module was not answered: it is not known any more. Pure. */
export function withoutPart(stack: StackState, address: number, part: Part): StackState {
  return withPack(stack, address, { [part]: null })
}

/** The stack with its serial numbers masked. Pure. */
export function withoutSerials(stack: StackState): StackState {
  const masked = (pack: PackState): PackState => ({ ...pack, serial: pack.serial?.replace(/./g, 'X') ?? null })
  return { ...stack, packs: new Map([...stack.packs].map(([address, pack]) => [address, masked(pack)])) }
}

const HEADER = ['ver', 'adr', 'rtn', 'rtn_text', 'info_flag']

/** Modules of a reply stand at consecutive addresses, from that of the one that answered. */
function withParts(
  stack: StackState,
  address: number,
  { packs }: Values,
  change: (part: Values) => Partial<PackState>,
): StackState {
  const parts = Array.isArray(packs) ? (packs as readonly Values[]) : []
  return parts.reduce((state, part, i) => withPack(state, address + i, change(part)), stack)
}

function withPack(stack: StackState, address: number, change: Partial<PackState>): StackState {
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

function without(values: Values, ...names: readonly string[]): Values {
  return Object.fromEntries(Object.entries(values).filter(([name]) => !names.includes(name)))
}
