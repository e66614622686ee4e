import type { Values } from '../../core/values.ts'

/** Pack voltages beyond it do not exist behind these inverters, V. */
const HIGHEST_VOLTAGE = 100
/** Grid frequencies, Hz; 0 is a grid that is away. */
const LOWEST_FREQUENCY = 40
const HIGHEST_FREQUENCY = 70

/** Values that dongles are known to send now and then and that cannot be. Source: docs/protocols/lxp.md. */
export function implausible(message: string, values: Values): readonly string[] {
  if (message !== 'input') return []
  const { soc, battery_voltage: voltage, grid_frequency: frequency } = values
  const names: string[] = []
  if (typeof soc === 'number' && soc > 100) names.push('soc')
  if (typeof voltage === 'number' && (voltage === 0 || voltage > HIGHEST_VOLTAGE)) names.push('battery_voltage')
  if (typeof frequency === 'number' && frequency !== 0 && !isGrid(frequency)) names.push('grid_frequency')
  return names
}

function isGrid(frequency: number): boolean {
  return frequency >= LOWEST_FREQUENCY && frequency <= HIGHEST_FREQUENCY
}
