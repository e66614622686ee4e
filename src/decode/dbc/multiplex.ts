import { optionsOf } from '../compile.ts'
import type { Condition, FieldRow } from '../definition.ts'
import type { DbcMessage, DbcRange, DbcSignal } from './dbc.ts'

/** Values between ranges that are left out one by one; with more, there are better ways. */
const MOST_HOLES = 32

/** Takes a field that is read and not published. */
export type AddHidden = (name: string, row: FieldRow) => void

/** The multiplexer that decides whether a signal is there, and for which of its raw values it is. */
export interface Presence {
  readonly multiplexer: DbcSignal
  readonly ranges: readonly DbcRange[]
}

/**
 * What a signal depends on: undefined where it is always there, a text where that cannot be said: what is wrong.
 */
export function presenceOf(signal: DbcSignal, { signals }: DbcMessage): Presence | undefined | string {
  const { extended, multiplexing } = signal
  if (extended !== undefined) {
    const multiplexer = signals.find(({ name }) => name === extended.multiplexer)
    if (multiplexer === undefined) return `there is no multiplexer ${extended.multiplexer}`
    return { multiplexer, ranges: extended.ranges }
  }
  if (multiplexing.value === undefined) return undefined
  const plain = signals.filter(({ multiplexing: other }) => other.isMultiplexer && other.value === undefined)
  const [multiplexer] = plain
  if (multiplexer === undefined) return 'the message has no multiplexer (M)'
  if (plain.length > 1) return 'the message has several multiplexers, and no SG_MUL_VAL_ says which one decides'
  return { multiplexer, ranges: [[multiplexing.value, multiplexing.value]] }
}

/**
 * The condition under which a multiplexer has one of some values. One comparison is all that a field may have, so where
 * more are needed the multiplexer is read once more for each, under the condition before: not published.
 */
export class Conditions {
  readonly #known = new Set<string>()
  readonly #hide: AddHidden

  constructor(hide: AddHidden) {
    this.#hide = hide
  }

  /** `name` is that of the multiplexer's field, `row` its place and type. Undefined where it would take too many. */
  of(name: string, multiplexer: DbcSignal, row: FieldRow, ranges: readonly DbcRange[]): Condition | undefined {
    const { isSigned, length, isBigEndian } = multiplexer
    const isUnsigned = !isSigned || ranges.some(([, most]) => most >= 2 ** (length - 1))
    const steps = comparisons(
      ranges,
      isUnsigned ? 0 : -(2 ** (length - 1)),
      2 ** (isUnsigned ? length : length - 1) - 1,
    )
    if (steps === undefined) return undefined
    // DBC files count the values of a signed multiplexer without sign
    const type = isSigned && isUnsigned ? `u${length}${isBigEndian && length > 1 ? 'be' : ''}` : row[1]
    let field = type === row[1] ? name : this.#add(`_${name}_raw`, [row[0], type, { ...whenOf(row), overlap: true }])
    let condition: Condition | undefined
    for (const [operator, value] of steps) {
      if (condition !== undefined)
        field = this.#again(field, [row[0], type, { when: condition, overlap: true }], condition)
      condition = [field, operator, value]
    }
    return condition
  }

  /** Reads a multiplexer once more, under a condition. */
  #again(field: string, row: FieldRow, [, operator, value]: Condition): string {
    const name = `_${field.replace(/^_/, '')}_${WORDS[operator]}_${String(value).replace('-', 'minus')}`
    return this.#add(name, row)
  }

  #add(name: string, row: FieldRow): string {
    if (!this.#known.has(name)) this.#hide(name, row)
    this.#known.add(name)
    return name
  }
}

function whenOf(row: FieldRow): { readonly when?: Condition } {
  const { when } = optionsOf(row)
  return when === undefined ? {} : { when }
}

const WORDS: Readonly<Record<Condition[1], string>> = {
  '==': 'is',
  '!=': 'not',
  '<': 'below',
  '<=': 'to',
  '>': 'above',
  '>=': 'from',
}

type Comparison = readonly [operator: Condition[1], value: number]

/** Comparisons that hold together for exactly the values in `ranges`, of those from `lowest` to `highest`. */
function comparisons(ranges: readonly DbcRange[], lowest: number, highest: number): readonly Comparison[] | undefined {
  const sorted = joined(ranges)
  const [least] = sorted[0]!
  const [, most] = sorted.at(-1)!
  if (least === most) return [['==', least]]
  const holes: number[] = []
  for (let i = 1; i < sorted.length; i++) {
    const [end, begin] = [sorted[i - 1]![1], sorted[i]![0]]
    if (begin - end - 1 + holes.length > MOST_HOLES) return undefined
    for (let hole = end + 1; hole < begin; hole++) holes.push(hole)
  }
  const edges: Comparison[] = [
    ...(least > lowest ? [['>=', least] as const] : []),
    ...(most < highest ? [['<=', most] as const] : []),
  ]
  const all = [...edges, ...holes.map(hole => ['!=', hole] as const)]
  return all.length > 0 ? all : [['>=', least]]
}

/** In order, and those that touch made one. */
function joined(ranges: readonly DbcRange[]): readonly DbcRange[] {
  const result: [number, number][] = []
  for (const [least, most] of [...ranges].sort((a, b) => a[0] - b[0])) {
    const last = result.at(-1)
    if (last !== undefined && least <= last[1] + 1) last[1] = Math.max(last[1], most)
    else result.push([least, most])
  }
  return result
}
