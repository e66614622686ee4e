import type { Values } from '../../core/values.ts'

/** Adds what follows from input values, where all that it takes is there: sums and directions of power. */
export function derive(message: string, values: Values): void {
  if (message !== 'input') return
  add(values, 'pv_power', sum(values, 'pv1_power', 'pv2_power', 'pv3_power'))
  add(values, 'battery_power', difference(values, 'charge_power', 'discharge_power'))
  add(values, 'grid_power', difference(values, 'grid_import_power', 'grid_export_power'))
  add(values, 'pv_energy_today', sum(values, 'pv1_energy_today', 'pv2_energy_today', 'pv3_energy_today'))
  add(values, 'pv_energy_total', sum(values, 'pv1_energy_total', 'pv2_energy_total', 'pv3_energy_total'))
}

function add(values: Values, name: string, value: number | undefined): void {
  if (value !== undefined) values[name] = value
}

function sum(values: Values, ...names: readonly string[]): number | undefined {
  let total = 0
  for (const name of names) {
    const value = values[name]
    if (typeof value !== 'number') return undefined
    total += value
  }
  return Math.round(total * 10) / 10 // energies have one decimal
}

function difference(values: Values, plus: string, minus: string): number | undefined {
  const a = values[plus]
  const b = values[minus]
  return typeof a === 'number' && typeof b === 'number' ? a - b : undefined
}
