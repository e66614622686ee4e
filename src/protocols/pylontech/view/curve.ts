import { fixed, whole } from './format.ts'
import type { Glyphs } from './glyphs.ts'
import type { Metric, Sample } from './history.ts'
import { hottest, type Module, spreadOf } from './stack.ts'
import type { Totals } from './totals.ts'

/** The series of the whole stack in a history. */
export const WHOLE = 'stack'

/** What is remembered of a module. */
export function sampleOf(module: Module): Sample {
  const { power, current, voltage, soc } = module
  return { power, current, voltage, SOC: soc, spread: spreadOf(module), temperature: hottest(module) }
}

/** What is remembered of a stack. */
export function sampleOfTotals({ power, current, voltage, soc, spread, hottest: hot }: Totals): Sample {
  return { power, current, voltage, SOC: soc, spread: spread?.value ?? null, temperature: hot?.value ?? null }
}

/** Values as characters of eight heights, from the lowest to the highest of them; blanks where nothing is known. */
export function sparkline(values: readonly (number | null)[], { levels }: Glyphs): string {
  const known = values.filter(value => value !== null)
  const low = Math.min(...known)
  const size = Math.max(...known) - low
  const level = (value: number) => (size > 0 ? Math.min(7, Math.floor(((value - low) / size) * 8)) : 3)
  return values.map(value => (value === null ? ' ' : levels[level(value)])).join('')
}

/** From the lowest to the highest value of a curve, with the unit: `-390..120W`; nothing where there is none. */
export function rangeText(values: readonly (number | null)[], metric: Metric, glyphs: Glyphs): string {
  const known = values.filter(value => value !== null)
  if (known.length === 0) return ''
  const [low, high] = [Math.min(...known), Math.max(...known)].map(value => amount(value, metric))
  return `${low === high ? low : `${low}..${high}`}${unitOf(metric, glyphs)}`
}

function amount(value: number, metric: Metric): string {
  if (metric === 'voltage') return fixed(value, 2, 7)
  return metric === 'current' || metric === 'temperature' ? fixed(value, 1, 6) : whole(value, 6)
}

function unitOf(metric: Metric, { celsius }: Glyphs): string {
  if (metric === 'temperature') return celsius
  return { power: 'W', current: 'A', voltage: 'V', SOC: '%', spread: 'mV' }[metric]
}
