import { UsageError } from '../../core/errors.ts'
import type { ReadRequest } from './request.ts'

/** Registers from `first` to `last`, both included. */
export interface RegisterRange {
  readonly type: 'input' | 'hold'
  readonly first: number
  readonly last: number
}

/** Registers that one request asks for: blocks begin at its multiples. What every dongle takes comes first. */
export const BLOCK_SIZES = [40, 125, 127] as const
export type BlockSize = (typeof BLOCK_SIZES)[number]

export const SMALLEST_BLOCK: BlockSize = 40

/** All that has a meaning on most inverters. */
export const DEFAULT_RANGES: readonly RegisterRange[] = [
  { type: 'input', first: 0, last: 239 },
  { type: 'hold', first: 0, last: 239 },
]

/** The four battery slots of EG4 inverters: asked for at once, since the modules take turns in them. */
export const BATTERY_RANGE: RegisterRange = { type: 'input', first: 5002, last: 5121 }

const MAX_REGISTER = 0xffff

/** Reads `input:0-39,hold:0-79,hold:105`. Throws `UsageError`. */
export function parseRegisters(text: string): RegisterRange[] {
  return text.split(',').map(part => parseRange(part.trim()))
}

function parseRange(text: string): RegisterRange {
  const match = /^(input|hold):(\d{1,5})(?:-(\d{1,5}))?$/.exec(text)
  if (match === null) {
    throw new UsageError(`${text || 'nothing'} names no registers; write input:0-39 or hold:105, commas between`, {
      text,
    })
  }
  const [, type, from, to] = match
  const first = Number(from)
  const last = to === undefined ? first : Number(to)
  if (last > MAX_REGISTER) throw new UsageError(`${text}: registers end at ${MAX_REGISTER}`, { text })
  if (last < first) throw new UsageError(`${text}: the last register comes before the first`, { text })
  return { type: type === 'input' ? 'input' : 'hold', first, last }
}

/** Requests for ranges, every register once: input before hold, none across a multiple of `size`. */
export function blocksOf(ranges: readonly RegisterRange[], size: BlockSize): ReadRequest[] {
  return (['input', 'hold'] as const).flatMap(type =>
    merged(ranges.filter(range => range.type === type)).flatMap(range => splitRange(range, size)),
  )
}

/** The same registers in smaller blocks; a block that must not be cut stays whole. */
export function splitBlock({ type, register, count }: ReadRequest, size: BlockSize): ReadRequest[] {
  return splitRange({ type, first: register, last: register + count - 1 }, size)
}

/** Ranges in order, without overlap. */
function merged(ranges: readonly RegisterRange[]): RegisterRange[] {
  const result: RegisterRange[] = []
  for (const range of [...ranges].sort((a, b) => a.first - b.first)) {
    const before = result.at(-1)
    if (before === undefined || range.first > before.last + 1) result.push(range)
    else result[result.length - 1] = { ...before, last: Math.max(before.last, range.last) }
  }
  return result
}

function splitRange({ type, first, last }: RegisterRange, size: BlockSize): ReadRequest[] {
  const blocks: ReadRequest[] = []
  for (let register = first; register <= last; ) {
    const end = Math.min(last + 1, nextEdge(type, register, size))
    blocks.push({ type, register, count: end - register })
    register = end
  }
  return blocks
}

/** Where a block that has `register` must end at the latest. */
function nextEdge(type: RegisterRange['type'], register: number, size: BlockSize): number {
  const edge = register - (register % size) + size
  if (type !== BATTERY_RANGE.type || register > BATTERY_RANGE.last) return edge
  if (register >= BATTERY_RANGE.first) return BATTERY_RANGE.last + 1
  return Math.min(edge, BATTERY_RANGE.first)
}
