import type { Value, Values } from '../core/values.ts'

/** A topic below the base, and what is said there. */
export type TopicValue = readonly [topic: string, payload: string]

/** A number of a message: its topic, its field, how many decimals, and what it is multiplied by. */
type Row = readonly [topic: string, field: string, decimals: number, factor?: number]

/** What the program that the topics come from published, by definition and message. */
const ROWS: Readonly<Record<string, Readonly<Record<string, readonly Row[]>>>> = {
  'byd-atto3': {
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
  },
  mg4: {
    charge_state: [['soc/percent', 'soc', 1]],
    pack_values: [
      ['voltage', 'voltage', 1],
      ['current', 'current', 1],
    ],
  },
  'byd-hvs': {
    values: [
      ['send/voltage', 'voltage', 1],
      ['send/current', 'current', 1],
    ],
    inverter_values: [
      ['inverter/temperature', 'temperature', 1],
      ['recv/voltage', 'voltage', 1],
      ['recv/current', 'current', 1],
    ],
  },
}

const CELLS_PER_FRAME = 3
const CELLS = 126
const MODULES_PER_PAGE = 6
const MODULES = 10

/** The topics of a message of the definition `family`, below the one of its side. */
export function topicsOf(family: string, message: string, values: Values): TopicValue[] {
  const rows = ROWS[family]?.[message] ?? []
  return [
    ...rows.flatMap(([topic, field, decimals, factor]) => topicOf(topic, values[field], decimals, factor)),
    ...(family === 'byd-atto3' ? packTopics(message, values) : []),
    ...(family === 'mg4' && message === 'pack_values' ? powerTopic(values) : []),
  ]
}

/** Nothing of a value that is not there. */
export function topicOf(topic: string, value: Value | undefined, decimals: number, factor = 1): TopicValue[] {
  if (typeof value !== 'number' || !Number.isFinite(value)) return []
  const text = (value * factor).toFixed(decimals)
  return [[topic, Number(text) === 0 ? text.replace('-', '') : text]]
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

/** kW, signed like the current. */
function powerTopic({ voltage, current }: Values): TopicValue[] {
  return typeof voltage === 'number' && typeof current === 'number'
    ? topicOf('power', (voltage * current) / 1000, 2)
    : []
}
