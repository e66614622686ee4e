import type { Value, Values } from '../../../core/values.ts'
import { power } from '../derive.ts'

/** What the console tells of one module; each part is empty where its command gave nothing. */
export interface ConsoleModule {
  /** Row of `pwr`. */
  readonly row: Values
  /** Rows of `bat N`. */
  readonly cells: readonly Values[]
  /** Lines of `info N` and `stat N`. */
  readonly info: Readonly<Record<string, string>>
  readonly stat: Readonly<Record<string, string>>
}

/** Cells that share a temperature in replies to 42h: sensor 2 is the average of the first four, and so on. */
const GROUP = 4
/** `Pwr Coulomb` counts these. */
const MILLIAMPERE_SECONDS_PER_AH = 3_600_000

/** The values that a reply to 42h would give. Source: docs/protocols/pylontech.md. */
export function consoleAnalog({ row, cells, info, stat }: ConsoleModule): Values {
  const { voltage = null, current = null, soc = null } = row
  const voltages = cells.map(cell => cell['voltage'] ?? null)
  const temperatures = sensors(row, cells, 'temperature', average)
  const total = numberIn(info['Specification'], /([\d.]+)\s*AH/i)
  const charge = numberIn(stat['Pwr Coulomb'], /^(\d+)/)
  const [low, high] = [lowest(voltages) ?? row['cell_min'] ?? null, highest(voltages) ?? row['cell_max'] ?? null]
  return {
    cell_count: voltages.length === 0 ? null : voltages.length,
    cell_voltages: voltages.length === 0 ? null : voltages,
    temp_count: temperatures.length,
    temperatures,
    current,
    voltage,
    remaining_ah: charge === null ? share(total, soc) : thousandths(charge / MILLIAMPERE_SECONDS_PER_AH),
    total_ah: total,
    cycles: numberIn(stat['CYCLE Times'], /^(\d+)/),
    power: power(voltage, current),
    soc,
    cell_min: low,
    cell_max: high,
    cell_delta_mv: typeof low === 'number' && typeof high === 'number' ? Math.round((high - low) * 1000) : null,
  }
}

/** Status words, which the console does not print. */
const UNKNOWN_STATUS = { status1: null, status2: null, status3: null, status4: null, status5: null, flags: {} }

/** The alarm codes that a reply to 44h would give; the console has words for them. */
export function consoleAlarm({ row, cells }: ConsoleModule): Values {
  const current = codeOf(row['current_state'])
  const discharging = Number(row['current']) < 0
  return {
    cells: cells.map(cell => codeOf(cell['voltage_state'])),
    temps: sensors(row, cells, 'temp_state', codes => codes.map(codeOf).find(code => code !== 0) ?? 0),
    charge_current: discharging ? 0 : current,
    module_voltage: codeOf(row['voltage_state']),
    discharge_current: discharging ? current : 0,
    ...UNKNOWN_STATUS,
  }
}

/** Board, then groups of cells, then MOSFET, as the sensors of replies to 42h are. */
function sensors(
  row: Values,
  cells: readonly Values[],
  name: 'temperature' | 'temp_state',
  join: (group: readonly Value[]) => Value,
): Value[] {
  const groups = Array.from({ length: Math.min(GROUP, Math.ceil(cells.length / GROUP)) }, (_, i) =>
    cells.slice(i * GROUP, i === GROUP - 1 ? undefined : (i + 1) * GROUP).map(cell => cell[name] ?? null),
  )
  const own = name === 'temperature' ? row['mosfet_temp'] : row['mosfet_temp_state']
  return [[row[name] ?? null], ...groups, ...(own === undefined ? [] : [[own]])].map(join)
}

/** 0 normal, 1 too low, 2 too high, F0 anything else. */
function codeOf(state: Value | undefined): number {
  if (typeof state !== 'string' || /^normal$/i.test(state)) return 0
  if (/^(low|lv|uv|lt|ut|under)/i.test(state)) return 1
  return /^(high|hv|ov|ht|ot|over)/i.test(state) ? 2 : 0xf0
}

function average(values: readonly Value[]): number | null {
  const numbers = values.filter(value => typeof value === 'number')
  if (numbers.length === 0) return null
  return Math.round((numbers.reduce((sum, value) => sum + value, 0) * 10) / numbers.length) / 10
}

function lowest(values: readonly Value[]): number | undefined {
  const numbers = values.filter(value => typeof value === 'number')
  return numbers.length === 0 ? undefined : Math.min(...numbers)
}

function highest(values: readonly Value[]): number | undefined {
  const numbers = values.filter(value => typeof value === 'number')
  return numbers.length === 0 ? undefined : Math.max(...numbers)
}

function numberIn(text: string | undefined, pattern: RegExp): number | null {
  const digits = text === undefined ? undefined : pattern.exec(text)?.[1]
  return digits === undefined ? null : Number(digits)
}

function share(total: number | null, percent: Value): number | null {
  return total === null || typeof percent !== 'number' ? null : thousandths((total * percent) / 100)
}

function thousandths(value: number): number {
  return Math.round(value * 1000) / 1000
}
