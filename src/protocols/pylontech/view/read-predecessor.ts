import type { Value, Values } from '../../../core/values.ts'
import { finite, isObject, listOf, objectOf } from './json.ts'

/** More modules than the program knew. */
const MOST = 120

/**
 * The document of the program that these users had before, as a snapshot: three lists with an element per module, any of
 * which may be missing; V, °C, A and mAh. Its values are from `at`, Unix ms. Source: docs/protocols/pylontech.md.
 */
export function readPredecessor({ analog, alarm, charge_info }: Values, at: number): Values {
  const [values, alarms, limits] = [analog, alarm, charge_info].map(list => listOf(list, MOST))
  const count = Math.max(values!.length, alarms!.length, limits!.length)
  const packs = Array.from({ length: count }, (_, i) => ({
    pack: i + 1,
    ...analogOf(objectOf(values![i])),
    alarm: isObject(alarms![i]) ? alarmOf(objectOf(alarms![i])) : null,
    management: managementOf(objectOf(limits![i])),
    updated_at: Number.isNaN(at) ? null : new Date(at).toISOString(),
    stale: !isObject(values![i]),
    error: null,
  }))
  return { packs }
}

function analogOf(analog: Values): Values {
  const { voltages, temps, current, pack_voltage, mah_remain, mah_total, pack_cycles } = analog
  return {
    cell_voltages: voltages ?? null,
    temperatures: temps ?? null,
    current: current ?? null,
    voltage: pack_voltage ?? null,
    remaining_ah: thousandth(mah_remain),
    total_ah: thousandth(mah_total),
    cycles: pack_cycles ?? null,
  }
}

function alarmOf(alarm: Values): Values {
  const { voltages, temps, pack_voltage, ...others } = alarm
  return { ...others, cells: voltages ?? null, temps: temps ?? null, module_voltage: pack_voltage ?? null }
}

function managementOf({ charge_status, ...limits }: Values): Values {
  return { ...limits, status: charge_status ?? null }
}

function thousandth(value: Value | undefined): number | null {
  const number = finite(value)
  return number === null ? null : number / 1000
}
