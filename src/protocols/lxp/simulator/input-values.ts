import type { Values } from '../../../core/values.ts'
import { cellVolts } from './battery.ts'
import type { Flow } from './dispatch.ts'
import { legsOf } from './energy.ts'
import type { SimulatedInverter } from './inverter.ts'

/** Highest and lowest cell differ by so much, V. */
const CELL_SPREAD = 0.008
const BATTERY_VENDOR = 2
/** Battery status: charging and discharging are allowed. */
const BATTERY_READY = 3

/** The input registers of an inverter by the names of the definition; those that a model has not are passed over. */
export function inputValues(inverter: SimulatedInverter, serial: string): Values {
  const { flow } = inverter
  return {
    inverter_status: flow.status,
    ...pvValues(inverter),
    ...gridValues(inverter),
    ...powerValues(flow),
    ...inverter.counters.values(),
    ...batteryValues(inverter),
    ...bmsValues(inverter),
    ...legValues(inverter),
    internal_temp: Math.round(inverter.internalCelsius),
    radiator_temp_1: Math.round(inverter.radiatorCelsius),
    radiator_temp_2: Math.round(inverter.radiatorCelsius * 0.96),
    temp_t1: inverter.internalCelsius,
    runtime: inverter.runtime,
    inverter_serial: serial,
  }
}

/** A string's voltage gives way a little with its power; at night next to nothing is left. */
function pvValues({ kind, flow }: SimulatedInverter): Values {
  const rows = kind.strings.map(([peak, volts], i) => {
    const watts = flow.pv[i]!
    const working = volts * (1.06 - (0.08 * watts) / peak)
    return { [`pv${i + 1}_voltage`]: watts > 0 ? working : 4.2, [`pv${i + 1}_power`]: watts }
  })
  return Object.assign({}, ...rows) as Values
}

function gridValues({ kind, flow, gridVolts, gridHertz, battery }: SimulatedInverter): Values {
  const supplied = !kind.onGrid && flow.acCharge === 0 // by the inverter, which is steadier than the grid
  const epsVolts = supplied ? kind.gridVolts : gridVolts
  return {
    grid_voltage_r: gridVolts,
    grid_frequency: gridHertz,
    eps_voltage_r: epsVolts,
    eps_frequency: supplied ? kind.gridHertz : gridHertz,
    inverter_current: Math.max(flow.output, flow.eps) / gridVolts,
    power_factor: 1,
    bus_voltage_1: 384 + flow.output / 1000,
    bus_voltage_2: battery.volts * 5.9,
    half_bus_voltage: 192 + flow.output / 2000,
  }
}

function powerValues(flow: Flow): Values {
  return {
    charge_power: flow.charge,
    discharge_power: flow.discharge,
    output_power: flow.output,
    ac_charging_power: flow.acCharge,
    eps_power: flow.eps,
    eps_apparent_power: Math.ceil(flow.eps * 1.03),
    grid_export_power: flow.gridExport,
    grid_import_power: flow.gridImport,
    ongrid_load_power: flow.load,
    load_power: flow.load,
  }
}

function batteryValues({ battery }: SimulatedInverter): Values {
  return {
    battery_voltage: battery.volts,
    battery_voltage_inverter: battery.volts,
    soc: battery.soc,
    soh: 99,
    battery_current: battery.amps,
    battery_temp: Math.round(battery.celsius),
    battery_parallel_count: battery.modules.length,
    battery_capacity: battery.capacityAh,
    max_cell_voltage: cellVolts(battery.volts) + CELL_SPREAD / 2,
    min_cell_voltage: cellVolts(battery.volts) - CELL_SPREAD / 2,
    max_cell_temp: battery.celsius + 0.8,
    min_cell_temp: battery.celsius - 0.6,
    bms_cycle_count: Math.max(...battery.modules.map(({ cycles }) => cycles)),
  }
}

function bmsValues({ kind }: SimulatedInverter): Values {
  return {
    battery_brand: BATTERY_VENDOR,
    battery_com_type: 'can',
    bms_max_charge_current: kind.batteryAmps,
    bms_max_discharge_current: kind.batteryAmps,
    bms_charge_voltage_ref: 56,
    bms_discharge_cutoff_voltage: 45,
    battery_status_inverter: BATTERY_READY,
  }
}

/** The two legs of a split phase, each with half of everything. */
function legValues({ kind, flow, gridVolts }: SimulatedInverter): Values {
  if (!kind.splitPhase) return {}
  const [l1, l2] = legsOf(flow.eps)
  return {
    eps_l1_voltage: gridVolts / 2,
    eps_l2_voltage: gridVolts / 2,
    eps_l1_power: l1,
    eps_l2_power: l2,
    eps_l1_apparent_power: Math.ceil(l1 * 1.03),
    eps_l2_apparent_power: Math.ceil(l2 * 1.03),
    grid_l1_voltage_alt: gridVolts / 2,
    grid_l2_voltage_alt: gridVolts / 2,
  }
}
