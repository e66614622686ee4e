import type { PackFacts, PackView } from '../pack.ts'

/** What the rows look at. */
export interface Evidence {
  readonly view: PackView
  readonly facts: PackFacts
  /** A cell has been at a voltage that harms it, at any time since the start. */
  readonly critical: boolean
}

interface Row {
  /** The reason when it fails. */
  readonly reason: string
  readonly holds: (evidence: Evidence) => boolean
  /** Asks for cell voltages or temperatures, which a blind pack does not have. */
  readonly cellData?: true
}

/** At these a cell is harmed, mV; seen once, it counts until the program is started again. */
const CRITICAL_MAX_MV = 3750
const CRITICAL_MIN_MV = 2700

/** Temperatures, 0.1 °C. */
const COLDEST_DC = -250
const HOTTEST_DC = 500
const TEMPERATURE_SPREAD_DC = 150

/**
 * The conditions without which no current flows, in order: the first that fails is the reason. Source: docs/commands/batgw.md.
 * Every source of cell voltages and temperatures has to pass, not only the preferred one.
 */
const ROWS: readonly Row[] = [
  { reason: 'battery is not running', holds: ({ view }) => view.running },
  { reason: 'pack is not the configured variant', holds: ({ view }) => !view.wrongVariant },
  {
    reason: 'minimum battery temperature has not been reported',
    holds: ({ view }) => view.temperatures.length > 0,
    cellData: true,
  },
  {
    reason: 'maximum battery temperature has not been reported',
    holds: ({ view }) => view.temperatures.length > 0,
    cellData: true,
  },
  { reason: 'battery is too cold', holds: ({ view }) => view.temperatures.every(({ min }) => min >= COLDEST_DC) },
  { reason: 'battery is too hot', holds: ({ view }) => view.temperatures.every(({ max }) => max <= HOTTEST_DC) },
  {
    reason: 'battery min temp is higher than max temp',
    holds: ({ view }) => view.temperatures.every(({ min, max }) => min <= max),
  },
  {
    reason: 'battery temperature difference is too high',
    holds: ({ view }) => view.temperatures.every(({ min, max }) => max - min < TEMPERATURE_SPREAD_DC),
  },
  {
    reason: 'minimum cell voltage has not been reported',
    holds: ({ view }) => view.cells.length > 0,
    cellData: true,
  },
  {
    reason: 'maximum cell voltage has not been reported',
    holds: ({ view }) => view.cells.length > 0,
    cellData: true,
  },
  { reason: 'cell voltage was critical', holds: ({ critical }) => !critical },
  {
    reason: 'min cell voltage is higher than max cell voltage',
    holds: ({ view }) => view.cells.every(({ min, max }) => min <= max),
  },
  {
    reason: 'battery cell voltage difference is too high',
    holds: ({ view, facts }) => view.cells.every(({ min, max }) => max - min < facts.cellSpreadMv),
  },
  { reason: 'pack voltage has not been reported', holds: ({ view }) => view.voltageDv !== undefined },
  { reason: 'pack voltage is not plausible for its cells', holds: ({ view, facts }) => isPlausible(view, facts) },
  { reason: 'state of charge has not been reported', holds: ({ view }) => view.socBp !== undefined },
]

/** The reason for the last row of all, which alone does not speak against closing contactors. */
export const CONTACTORS_OPEN = 'battery contactors are open'

/** The first reason why no current may flow, whatever the contactors are; undefined where there is none. */
export function firstUnsafe(evidence: Evidence): string | undefined {
  const blind = evidence.facts.blind !== undefined
  for (const row of ROWS) {
    if (blind && row.cellData === true) continue
    if (!row.holds(evidence)) return row.reason
  }
  return undefined
}

/** Whether a source reports a cell at a voltage that harms it. */
export function isCritical({ cells }: PackView): boolean {
  return cells.some(({ min, max }) => max >= CRITICAL_MAX_MV || min <= CRITICAL_MIN_MV)
}

/** A blind pack is judged by its voltage alone: within what its cells can have, and within its own limits. */
function isPlausible({ voltageDv }: PackView, { blind, minDv, maxDv }: PackFacts): boolean {
  if (blind === undefined || voltageDv === undefined) return true
  return voltageDv >= Math.max(blind.lowDv, minDv) && voltageDv <= Math.min(blind.highDv, maxDv)
}
