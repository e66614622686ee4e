import type { Values } from '../../../core/values.ts'
import { type BatteryModule, cellVolts, MODULE_AH } from './battery.ts'
import type { SimulatedInverter } from './inverter.ts'

/** In the high byte of a slot's first register: a module is there. */
const CONNECTED = 0xc0
const CELL_SPREAD = 0.006

/** The modules that are in the battery slots at a read: all of them, or four that take turns where there are more. */
export function slotModules({ battery: { modules } }: SimulatedInverter, read: number, slots: number): BatteryModule[] {
  const first = modules.length <= slots ? 0 : (read * slots) % modules.length
  const count = Math.min(slots, modules.length)
  return Array.from({ length: count }, (_, i) => modules[(first + i) % modules.length]!)
}

/** What stands in the slot of a module, by the names of the definition. */
export function slotValues({ battery, kind }: SimulatedInverter, module: BatteryModule): Values {
  const count = battery.modules.length
  const { volts, celsius } = battery
  return {
    status: CONNECTED,
    module_count: count,
    capacity: MODULE_AH,
    charge_voltage_ref: 56,
    charge_current_limit: kind.batteryAmps / count,
    discharge_current_limit: kind.batteryAmps / count,
    discharge_cutoff_voltage: 45,
    voltage: volts,
    current: battery.amps / count,
    soc: Math.min(100, Math.max(0, Math.round((battery.charge + module.offset) * 100))),
    soh: 99,
    cycle_count: module.cycles,
    max_cell_temp: celsius + 0.6,
    min_cell_temp: celsius - 0.6,
    max_cell_voltage: cellVolts(volts) + CELL_SPREAD / 2,
    min_cell_voltage: cellVolts(volts) - CELL_SPREAD / 2,
    max_cell_temp_number: 3,
    min_cell_temp_number: 14,
    max_cell_voltage_number: 7,
    min_cell_voltage_number: 12,
    firmware_major: 2,
    firmware_minor: 17,
    serial: module.serial,
  }
}
