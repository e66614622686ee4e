import type { Value, Values } from '../../core/values.ts'

/**
 * The JSON document of the program that these users had before: three lists with an element per module, null where a
 * module did not answer; V, °C, A and mAh. Source: docs/protocols/pylontech.md.
 */
export function predecessorDocument({ packs }: Values): Values {
  const modules = Array.isArray(packs) ? (packs as readonly Values[]) : []
  return {
    analog: modules.map(pack => (pack['voltage'] === null ? null : analogOf(pack))),
    alarm: modules.map(({ alarm }) => (isValues(alarm) ? alarmOf(alarm) : null)),
    charge_info: modules.map(({ management }) => (isValues(management) ? chargeInfoOf(management) : null)),
  }
}

function analogOf(pack: Values): Values {
  const { cell_voltages, temperatures, current, voltage, remaining_ah, total_ah, cycles } = pack
  return {
    voltages: cell_voltages ?? null,
    temps: temperatures ?? null,
    current: current ?? null,
    pack_voltage: voltage ?? null,
    mah_remain: milli(remaining_ah),
    mah_total: milli(total_ah),
    pack_cycles: cycles ?? null,
  }
}

const STATUS_WORDS = [1, 2, 3, 4, 5]

function alarmOf(alarm: Values): Values {
  const { cells, temps, charge_current, module_voltage, discharge_current } = alarm
  return {
    voltages: cells ?? null,
    temps: temps ?? null,
    charge_current: charge_current ?? null,
    pack_voltage: module_voltage ?? null,
    discharge_current: discharge_current ?? null,
    ...Object.fromEntries(STATUS_WORDS.map(n => [`status${n}`, alarm[`status${n}`] ?? null])),
    ...Object.fromEntries(STATUS_WORDS.map(n => [`status${n}_bits`, bits(alarm[`status${n}`])])),
  }
}

function chargeInfoOf(management: Values): Values {
  const { charge_voltage_limit, discharge_voltage_limit, charge_current_limit, discharge_current_limit, status } =
    management
  return {
    charge_voltage_limit: charge_voltage_limit ?? null,
    discharge_voltage_limit: discharge_voltage_limit ?? null,
    charge_current_limit: charge_current_limit ?? null,
    discharge_current_limit: discharge_current_limit ?? null,
    charge_status: status ?? null,
    charge_status_bits: bits(status),
  }
}

/** Eight binary digits. */
function bits(value: Value | undefined): string | null {
  return typeof value === 'number' ? value.toString(2).padStart(8, '0') : null
}

function milli(value: Value | undefined): number | null {
  return typeof value === 'number' ? Math.round(value * 1000) : null
}

function isValues(value: Value | undefined): value is Values {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
