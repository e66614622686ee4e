import type { Values } from '../../../core/values.ts'
import { MODULE_AH } from './battery.ts'
import type { InverterKind } from './kinds.ts'

/** The settings that a simulated inverter begins with, by the names of the definition. */
export function holdValues(kind: InverterKind, serial: string): Values {
  return {
    ...identity(kind, serial),
    ...SWITCHES,
    ...gridCode(kind),
    ...powers(kind),
    ...schedules(kind),
    ...batterySettings(kind),
  }
}

function identity({ deviceType, firmware, strings }: InverterKind, serial: string): Values {
  return {
    ...{ model_rule: 0, model_power_rating_low: 2, model_battery_type: 2, model_lithium_type: 1 },
    serial,
    ...{
      firmware_prefix: firmware,
      com_version: 3,
      slave_version: 0x20,
      control_version: 0x21,
      firmware_version_hi: 1,
    },
    ...{ reset_setting: 1, modbus_address: 1, language: 'english', device_type: deviceType },
    pv_input_mode: strings.length === 3 ? 7 : 4,
    ...{ lcd_version_raw: 783, bootloader_version: 2, flash_size: 1024 },
  }
}

const SWITCHES: Values = {
  function_enable_eps_enable: true,
  function_enable_drms: true,
  function_enable_anti_island: true,
  function_enable_neutral_detect: true,
  function_enable_ac_charge_enable: true,
  function_enable_seamless_switch: true,
  function_enable_power_on: true,
  function_enable_iso_enable: true,
  function_enable_gfci_enable: true,
  function_enable_feed_in_grid_enable: true,
  function_enable_1_fast_zero_export: false,
  function_enable_1_buzzer: true,
}

/** Limits of voltage and frequency around those of the grid, and how long they may be passed, in cycles. */
function gridCode({ gridVolts, gridHertz }: InverterKind): Values {
  const volts = (share: number) => Math.round(gridVolts * share * 10) / 10
  const hertz = (offset: number) => Math.round((gridHertz + offset) * 100) / 100
  return {
    ...{ pv_start_voltage: 140, connect_time: 300, reconnect_time: 300 },
    ...{ grid_volt_conn_low: volts(0.92), grid_volt_conn_high: volts(1.05) },
    ...{ grid_freq_conn_low: hertz(-0.5), grid_freq_conn_high: hertz(0.1) },
    ...{ grid_volt_limit1_low: volts(0.88), grid_volt_limit1_high: volts(1.1) },
    ...{ grid_volt_limit1_low_time: 1300, grid_volt_limit1_high_time: 1200 },
    ...{ grid_volt_limit2_low: volts(0.5), grid_volt_limit2_high: volts(1.2) },
    ...{ grid_volt_limit2_low_time: 200, grid_volt_limit2_high_time: 16 },
    ...{ grid_volt_mov_avg_high: volts(1.1), grid_freq_limit1_low: hertz(-1.5), grid_freq_limit1_high: hertz(1.2) },
    ...{ grid_freq_limit1_low_time: 30_000, grid_freq_limit1_high_time: 30_000 },
    ...{ reactive_power_mode: 'unity_pf', active_power_percent: 100, reactive_power_percent: 60, pf_command: 1 },
    ...{ soft_start_slope: 100, eps_voltage_set: gridVolts, eps_frequency_set: gridHertz },
  }
}

function powers({ acChargePower }: InverterKind): Values {
  return {
    ...{ charge_power_percent: 100, discharge_power_percent: 100, ac_charge_power: acChargePower },
    ...{ ac_charge_soc_limit: 60, charge_priority_power: 5, charge_priority_soc_limit: 90 },
    ...{ forced_discharge_power: 5, forced_discharge_soc_limit: 30, feed_in_power: 10 },
    ...{ charge_current_limit: 140, discharge_current_limit: 140, max_grid_input_power: 12 },
  }
}

/** Cheap power at night. */
function schedules({ onGrid }: InverterKind): Values {
  return {
    ...(onGrid ? { ac_charge_start_1: '02:00', ac_charge_end_1: '05:00' } : {}),
    ...{ ac_first_start_1: '00:00', ac_first_end_1: '00:00', forced_discharge_end_1: '00:00' },
    ...{ generator_start_1: '00:00', generator_end_1: '23:59' },
  }
}

function batterySettings({ modules }: InverterKind): Values {
  return {
    ...{ charge_voltage_ref: 56, discharge_cutoff_voltage: 45, discharge_cutoff_soc: 20, eps_discharge_cutoff_soc: 15 },
    ...{ cell_voltage_low: 2.8, cell_voltage_high: 3.6, cells_series: 16, cells_parallel: modules },
    ...{ float_voltage: 54, battery_capacity_set: modules * MODULE_AH, battery_nominal_voltage: 51.2 },
    ...{ ac_charge_start_soc: 25, ac_charge_end_soc: 55, battery_warning_soc: 15, battery_warning_recovery_soc: 20 },
    ...{
      lead_temp_low_discharge: -20,
      lead_temp_high_discharge: 55,
      lead_temp_low_charge: 0,
      lead_temp_high_charge: 50,
    },
    ...{ system_charge_soc_limit: 101, on_grid_eod_voltage: 46 },
  }
}
