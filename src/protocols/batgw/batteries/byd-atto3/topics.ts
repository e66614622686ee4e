import type { Value, Values } from '../../../../core/values.ts'
import { rowTopics, type TopicRows, type TopicValue, topicOf } from '../../topics.ts'

const ROWS: TopicRows = {
  ambient: [['ambient/temperature', 'ambient_temperature', 0]],
  pack_status: [['voltage', 'voltage', 0]],
  cell_temperatures: [
    ['soc/percent', 'soc', 1],
    ['min/temperature', 'min_temperature', 0],
    ['max/temperature', 'max_temperature', 0],
    ['avg/temperature', 'average_temperature', 0],
  ],
  cell_extremes: [
    ['cell-min/voltage', 'min_cell_voltage', 3],
    ['cell-max/voltage', 'max_cell_voltage', 3],
  ],
  allowed_power: [
    ['max-charge/power', 'max_charge_power', 0],
    ['max-discharge/power', 'max_discharge_power', 0],
  ],
  uds_soc: [['pid-soc/percent', 'pid_soc', 0]],
  uds_voltage: [['pid/voltage', 'pid_voltage', 0]],
  uds_current: [['pid/current', 'pid_current', 1, -1]], // there, positive is charging
  uds_charge_count: [['charge-count/count', 'charge_count', 0]],
  uds_charged_capacity: [['charged/amphour', 'charged_capacity', 0]],
  uds_discharged_capacity: [['discharged/amphour', 'discharged_capacity', 0]],
  uds_charged_energy: [['charged/energy', 'charged_energy', 0]],
  uds_discharged_energy: [['discharged/energy', 'discharged_energy', 0]],
}

const CELLS_PER_FRAME = 3
const CELLS = 126
const MODULES_PER_PAGE = 6
const MODULES = 10

/** The topics of a message. */
export function bydAtto3Topics(message: string, values: Values): TopicValue[] {
  return [...rowTopics(ROWS, message, values), ...packTopics(message, values)]
}

function packTopics(message: string, values: Values): TopicValue[] {
  if (message === 'cells') return cellTopics(values)
  if (message === 'module_temperatures') return moduleTopics(values)
  if (message !== 'cell_extremes') return []
  const { min_cell_voltage: min, max_cell_voltage: max } = values
  return typeof min === 'number' && typeof max === 'number' ? topicOf('cell-delta/voltage', max - min, 3) : []
}

function cellTopics(values: Values): TopicValue[] {
  const first = Number(values['index']) * CELLS_PER_FRAME
  return [values['cell_1'], values['cell_2'], values['cell_3']].flatMap((volts, i) =>
    first + i < CELLS ? topicOf(`cell${first + i}/voltage`, volts, 3) : [],
  )
}

function moduleTopics({ page, temperatures }: Values): TopicValue[] {
  const first = Number(page) * MODULES_PER_PAGE
  if (!Array.isArray(temperatures)) return []
  return (temperatures as readonly Value[]).flatMap((temperature, i) =>
    first + i < MODULES ? topicOf(`pack${first + i}/temperature`, temperature, 0) : [],
  )
}
