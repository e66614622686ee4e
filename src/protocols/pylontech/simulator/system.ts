import type { Values } from '../../../core/values.ts'
import type { SimulatedPack } from './pack.ts'

/** What the first module, at address `at`, says of a whole stack: the values of the reply to 61h, 62h or 63h. */
export function systemValues(cid2: number, packs: readonly SimulatedPack[], at: number): Values {
  if (cid2 === 0x61) return systemAnalog(packs, at)
  return cid2 === 0x62 ? systemAlarm(packs) : systemManagement(packs)
}

function systemAnalog(packs: readonly SimulatedPack[], at: number): Values {
  const remaining = sum(packs, pack => pack.remainingAh)
  const total = sum(packs, pack => pack.kind.capacityAh)
  const cycles = packs.map(pack => pack.cycles)
  const cells = packs.map(pack => pack.cells)
  const [low, high] = [cells.map(list => Math.min(...list)), cells.map(list => Math.max(...list))]
  return {
    voltage: Math.round(sum(packs, pack => pack.millivolts) / packs.length) / 1000,
    current: Math.round(sum(packs, pack => pack.current) * 10) / 10,
    soc: Math.round((100 * remaining) / total),
    cycles_avg: Math.round(cycles.reduce((all, one) => all + one, 0) / packs.length),
    cycles_max: Math.max(...cycles),
    soh_avg: 100,
    soh_min: 100,
    ...extreme('cell_max', high, Math.max(...high), at),
    ...extreme('cell_min', low, Math.min(...low), at),
    ...spread('cell_temp', packs, at),
    ...spread('mosfet_temp', packs, at),
    ...spread('bms_temp', packs, at),
  }
}

/** A value of a module and the module's address. */
function extreme(name: string, values: readonly number[], value: number, at: number): Values {
  return { [name]: value, [`${name}_at`]: at + values.indexOf(value) }
}

function spread(name: string, packs: readonly SimulatedPack[], at: number): Values {
  const values = packs.map(pack => pack.temperatures[0]!)
  return {
    [`${name}_avg`]: Math.round((values.reduce((all, one) => all + one, 0) * 10) / packs.length) / 10,
    ...extreme(`${name}_max`, values, Math.max(...values), at),
    ...extreme(`${name}_min`, values, Math.min(...values), at),
  }
}

function systemAlarm(packs: readonly SimulatedPack[]): Values {
  const has = (alarm: string) => packs.some(pack => pack.alarm === alarm)
  return {
    alarm1: [
      ...(has('over_voltage') ? ['cell_high_voltage'] : []),
      ...(has('under_voltage') ? ['cell_low_voltage'] : []),
    ],
    alarm2: [],
    protection1: has('charge_hot') ? ['cell_over_temp'] : [],
    protection2: has('cell_fault') ? ['system_fault'] : [],
  }
}

/** The bits of this status do not stand where those of 92h do. */
function systemManagement(packs: readonly SimulatedPack[]): Values {
  const stopped = packs.some(({ alarm }) => alarm !== undefined && alarm !== 'under_voltage')
  const limit = sum(packs, pack => pack.kind.currentLimit)
  return {
    charge_voltage_limit: 53.25,
    discharge_voltage_limit: 45,
    charge_current_limit: stopped ? 0 : limit,
    discharge_current_limit: -limit,
    status: (stopped ? 0 : 0x80) | 0x40,
  }
}

function sum(packs: readonly SimulatedPack[], of: (pack: SimulatedPack) => number): number {
  return packs.reduce((total, pack) => total + of(pack), 0)
}
