import { alarmsOf } from './alarms.ts'
import { hottest, isStale, type Module, socOf, spreadOf, tellsAlarms } from './stack.ts'

/** A value and whose it is. */
export interface Extreme {
  readonly value: number
  /** Number of the module, and of the cell in it, from 1. */
  readonly module: number
  readonly cell?: number
}

/** What a stack is as a whole. Like those of a snapshot, sums are over all modules of which anything is known. */
export interface Totals {
  readonly modules: number
  readonly stale: number
  /** Null where no module has told of any. */
  readonly alarms: number | null
  readonly voltage: number | null
  readonly current: number | null
  readonly power: number | null
  readonly remainingAh: number | null
  readonly totalAh: number | null
  readonly soc: number | null
  readonly lowest?: Extreme
  readonly highest?: Extreme
  /** mV between the cells of one module. */
  readonly spread?: Extreme
  readonly hottest?: Extreme
  /** When the newest values came, Unix ms. */
  readonly updatedAt: number | null
}

/** Sums up a stack at a time, Unix ms. */
export function totalsOf(modules: readonly Module[], now: number, staleAfterMs: number): Totals {
  const known = modules.filter(({ voltage }) => voltage !== null)
  const counted = modules.filter(({ remainingAh, totalAh }) => remainingAh !== null && totalAh !== null)
  const remainingAh = sum(counted, ({ remainingAh: own }) => own)
  const totalAh = sum(counted, ({ totalAh: own }) => own)
  const voltage = sum(known, ({ voltage: own }) => own)
  return {
    modules: modules.length,
    stale: modules.filter(module => isStale(module, now, staleAfterMs)).length,
    alarms: modules.some(tellsAlarms) ? modules.reduce((count, module) => count + alarmsOf(module).length, 0) : null,
    voltage: voltage === null ? null : voltage / known.length,
    current: sum(known, ({ current }) => current),
    power: sum(known, ({ power }) => power),
    remainingAh,
    totalAh,
    soc: socOf(remainingAh, totalAh),
    ...cellExtremes(modules),
    ...highestOf('spread', modules, spreadOf),
    ...highestOf('hottest', modules, hottest),
    updatedAt: modules.reduce<number | null>((newest, { updatedAt }) => later(newest, updatedAt), null),
  }
}

/** A sum of whole thousandths, without what binary fractions add. */
function sum(modules: readonly Module[], value: (module: Module) => number | null): number | null {
  if (modules.length === 0) return null
  return modules.reduce((total, module) => total + Math.round((value(module) ?? 0) * 1000), 0) / 1000
}

function later(a: number | null, b: number | null): number | null {
  return a === null || (b !== null && b > a) ? b : a
}

function cellExtremes(modules: readonly Module[]): Pick<Totals, 'lowest' | 'highest'> {
  let lowest: Extreme | undefined
  let highest: Extreme | undefined
  for (const { cells, number: module } of modules) {
    for (const [i, { millivolts: value }] of cells.entries()) {
      if (value === null) continue
      if (lowest === undefined || value < lowest.value) lowest = { value, module, cell: i + 1 }
      if (highest === undefined || value > highest.value) highest = { value, module, cell: i + 1 }
    }
  }
  return lowest === undefined || highest === undefined ? {} : { lowest, highest }
}

function highestOf<Name extends string>(
  name: Name,
  modules: readonly Module[],
  value: (module: Module) => number | null,
): { readonly [name in Name]?: Extreme } {
  let found: Extreme | undefined
  for (const module of modules) {
    const own = value(module)
    if (own !== null && (found === undefined || own > found.value)) found = { value: own, module: module.number }
  }
  return (found === undefined ? {} : { [name]: found }) as { readonly [name in Name]?: Extreme }
}

/** Orders in which modules may stand. */
export const ORDERS = ['address', 'SOC', 'spread', 'temperature'] as const
export type Order = (typeof ORDERS)[number]

/** Modules in an order: by place, or the emptiest, the most apart, the hottest first. */
export function sorted(modules: readonly Module[], order: Order): readonly Module[] {
  const rank = RANKS[order]
  if (rank === undefined) return modules
  return modules.toSorted((a, b) => rank(b) - rank(a))
}

const LAST = Number.NEGATIVE_INFINITY
const RANKS: Readonly<Partial<Record<Order, (module: Module) => number>>> = {
  SOC: ({ soc }) => (soc === null ? LAST : -soc),
  spread: module => spreadOf(module) ?? LAST,
  temperature: module => hottest(module) ?? LAST,
}
