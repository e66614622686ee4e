import type { Values } from '../../core/values.ts'

/** Adds import and export, so that nobody has to know what the sign of the meter means. */
export function derive(message: string, values: Values): void {
  const { meters_power: power } = values
  if (message !== 'power' || typeof power !== 'number') return
  values['grid_import_kw'] = Math.max(0, -power)
  values['grid_export_kw'] = Math.max(0, power)
}

/** What the house takes, in kW to the watt: inverters less export. A battery that is being charged is among it. */
export function loadPower(invertersKw: number, metersKw: number): number {
  return (Math.round(invertersKw * 1000) - Math.round(metersKw * 1000)) / 1000
}
