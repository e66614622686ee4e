import type { StreamStats } from './byte-stats.ts'
import {
  ALONE,
  BIG_CARRIES,
  BIG_RANGE,
  BIG_SUM,
  CHANGES,
  FLOAT_MAX,
  FLOAT_MIN,
  FLOATS,
  HITS,
  IMPLAUSIBLE,
  LITTLE_CARRIES,
  LITTLE_RANGE,
  LITTLE_SUM,
  LONGEST,
  PAIR_STEPS,
  PENDING,
  SMOOTH,
  STEP,
  STEP_SUM,
  STRIDE,
  TOGGLES,
  UPS,
  VALUES,
  WRAP_PAIR,
  WRAPS,
} from './cell.ts'
import type { CellTable } from './cell-table.ts'
import type { CheckResult } from './check-probe.ts'

/** Smallest and largest value, both included. */
export interface Range {
  readonly min: number
  readonly max: number
}

/** A 16-bit value of one byte order. */
export interface PairStats {
  readonly unsigned: Range
  readonly signed: Range
  /** Mean size of a step, the short way round. */
  readonly meanStep: number
  /** Times that the high byte moved by one as the low byte went round, the whole moving by less than 128. */
  readonly carries: number
  /** Those of them in which the whole value moved by at most 32. */
  readonly tight: number
  /** Times that the high byte moved by one while the low byte stood still or went the same way. */
  readonly against: number
}

/** A little-endian f32. A value that stays the same over several messages counts as one. */
export interface FloatStats {
  /** Of the plausible values; undefined when there was none, and when the place was given up. */
  readonly range: Range | undefined
  /** Set after 64 implausible values that are more than half of all: nothing was counted from then on. */
  readonly givenUp: boolean
  readonly values: number
  /** Values that are not finite, or whose size is neither 0 nor from 1e-4 to 1e6. */
  readonly implausible: number
  /** Steps between plausible values of at most a twentieth. */
  readonly smooth: number
}

/** What is known of one payload byte. */
export interface ByteStats {
  readonly offset: number
  /** Messages that had this byte. */
  readonly seen: number
  readonly last: number
  readonly changes: number
  /** Messages in which this byte changed and no other did. */
  readonly alone: number
  /** Messages in which any other byte changed. */
  readonly othersChanged: number
  /** Values that occurred, as 256 bits: bit v & 31 of word v >> 5. */
  readonly values: Uint32Array
  readonly distinct: number
  readonly range: Range
  /** How often each bit changed, bit 0 first. */
  readonly toggles: readonly number[]
  /** Changes upward, the short way round. */
  readonly ups: number
  /** Longest row of changes in one direction. */
  readonly longestRun: number
  readonly meanStep: number
  /** The most frequent step if more than half of the changes share one (-128..127); `hits` is a lower bound. */
  readonly step: { readonly size: number; readonly hits: number }
  /** The most frequent other change, such as from 15 to 0; `hits` is a lower bound. */
  readonly wrap: { readonly from: number; readonly to: number; readonly hits: number }
  /** Changes of the 16-bit value that begins here. */
  readonly pairSteps: number
  /** Values that begin here; undefined where no message had room for them. */
  readonly little: PairStats | undefined
  readonly big: PairStats | undefined
  readonly float: FloatStats | undefined
}

/** What is known of one stream. */
export interface StreamSummary {
  readonly name: string
  readonly messages: number
  /** Payload lengths in bytes, uncut. */
  readonly lengths: Range
  /** Messages with bytes that no row stands for. */
  readonly cut: number
  readonly bytes: readonly ByteStats[]
  /** Rules of a checksum that hold so far; none where lengths vary, for the last byte is then not one place. */
  readonly checks: readonly CheckResult[]
}

/** Reads the statistics of a stream. */
export function summarize(stats: StreamStats): StreamSummary {
  const bytes: ByteStats[] = []
  let seen = 0
  let busy = 0
  for (let length = stats.lengths.length - 1; length > 0; length--) {
    seen += stats.lengths[length]!
    busy += stats.busy[length]!
    if (length <= stats.extent) bytes[length - 1] = readByte(stats, length - 1, seen, busy)
  }
  const { name, messages, cut, shortest, longest } = stats
  const lengths = { min: messages === 0 ? 0 : shortest, max: longest }
  const checks = shortest === longest && cut === 0 ? stats.checks.results(longest) : []
  return { name, messages, lengths, cut, bytes, checks }
}

/** Lists the values of a 256-bit set in rising order. */
export function listValues(values: Uint32Array): number[] {
  const list: number[] = []
  for (let value = 0; value < 256; value++) if ((values[value >> 5]! >>> (value & 31)) & 1) list.push(value)
  return list
}

function readByte(stats: StreamStats, offset: number, seen: number, busy: number): ByteStats {
  const { ints } = stats.cells
  const cell = offset * STRIDE
  const changes = ints[cell + CHANGES]!
  const values = Uint32Array.from(ints.subarray(cell + VALUES, cell + VALUES + 8))
  const list = listValues(values)
  const pair = ints[cell + WRAP_PAIR]!
  return {
    offset,
    seen,
    last: stats.cells.now[offset]!,
    changes,
    alone: ints[cell + ALONE]!,
    othersChanged: busy - ints[cell + ALONE]!,
    values,
    distinct: list.length,
    range: { min: list[0]!, max: list.at(-1)! },
    toggles: readToggles(ints, cell),
    ups: ints[cell + UPS]!,
    longestRun: ints[cell + LONGEST]!,
    meanStep: mean(stats.cells.doubles[(cell + STEP_SUM) >> 1]!, changes),
    step: { size: ints[cell + STEP]!, hits: ints[cell + HITS]! },
    wrap: { from: pair >> 8, to: pair & 255, hits: ints[cell + WRAPS]! },
    pairSteps: ints[cell + PAIR_STEPS]!,
    little: readPair(stats.cells, cell, LITTLE_RANGE, LITTLE_SUM, LITTLE_CARRIES),
    big: readPair(stats.cells, cell, BIG_RANGE, BIG_SUM, BIG_CARRIES),
    float: readFloat(stats.cells, cell),
  }
}

function readToggles(ints: Int32Array, cell: number): number[] {
  return Array.from({ length: 8 }, (_, bit) => {
    const pending = (ints[cell + PENDING + (bit >> 2)]! >>> ((bit & 3) * 8)) & 255
    return ints[cell + TOGGLES + bit]! + pending
  })
}

function readPair(
  { ints, doubles }: CellTable,
  cell: number,
  range: number,
  sum: number,
  slot: number,
): PairStats | undefined {
  const [lowMin, lowMax, highMin, highMax] = ints.subarray(cell + range, cell + range + 4) as unknown as number[]
  const low = lowMax! >= 0 ? { min: lowMin!, max: lowMax! } : undefined
  const high = highMax! >= 0 ? { min: highMin!, max: highMax! } : undefined
  if (low === undefined && high === undefined) return undefined
  const negative = high && { min: high.min - 0x10000, max: high.max - 0x10000 }
  return {
    unsigned: joined(low, high),
    signed: joined(negative, low),
    meanStep: mean(doubles[(cell + sum) >> 1]!, ints[cell + PAIR_STEPS]!),
    carries: ints[cell + slot]!,
    tight: ints[cell + slot + 1]!,
    against: ints[cell + slot + 2]!,
  }
}

/** The range over two halves, of which either may be missing but not both. */
function joined(lower: Range | undefined, upper: Range | undefined): Range {
  return { min: (lower ?? upper)!.min, max: (upper ?? lower)!.max }
}

function readFloat({ ints, floats }: CellTable, cell: number): FloatStats | undefined {
  const values = ints[cell + FLOATS]!
  if (values === 0) return undefined
  const implausible = ints[cell + IMPLAUSIBLE]!
  const givenUp = implausible < 0
  const min = floats[cell + FLOAT_MIN]!
  const max = floats[cell + FLOAT_MAX]!
  const range = min <= max && !givenUp ? { min, max } : undefined
  return { range, givenUp, values, implausible: Math.abs(implausible), smooth: ints[cell + SMOOTH]! }
}

function mean(sum: number, count: number): number {
  return count === 0 ? 0 : sum / count
}
