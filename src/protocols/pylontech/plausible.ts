import type { Values } from '../../core/values.ts'

/** Largest difference between a module's voltage and the sum of its cells, mV; real modules agree to the millivolt. */
const MOST_DIFFERENCE_MV = 100

/**
 * What makes the values of a reply look like another dialect of the protocol (other units, other scales); undefined where all is
 * well. Nothing is corrected: that would be a guess.
 */
export function strangeness(values: Values): string | undefined {
  const packs = Array.isArray(values['packs']) ? (values['packs'] as readonly Values[]) : []
  for (const [i, { voltage, cell_voltages: cells }] of packs.entries()) {
    if (typeof voltage !== 'number' || !Array.isArray(cells)) continue
    const sum = cells.reduce((total: number, cell) => total + Math.round(Number(cell) * 1000), 0)
    if (Math.abs(sum - voltage * 1000) <= MOST_DIFFERENCE_MV) continue
    return `module ${i + 1} says ${voltage} V, its cells add up to ${sum / 1000} V: this may be another dialect`
  }
  return undefined
}
