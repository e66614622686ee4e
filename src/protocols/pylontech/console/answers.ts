import type { Values } from '../../../core/values.ts'

/**
 * The text console of the RS232 plug at 115200 baud: what `pwr`, `bat N`, `info N` and `stat N` print. Source:
 * docs/protocols/pylontech.md.
 */

export interface ConsoleAnswer {
  /** The payload's lines, trimmed at their ends, without blank ones. */
  readonly lines: readonly string[]
  /** It ended with "Command completed successfully". */
  readonly complete: boolean
}

/** The payload between the lines `@` and `$$`; line ends may be any run of CR and LF, and bytes may stray before it. */
export function consoleAnswer(text: string): ConsoleAnswer {
  const all = text.split(/[\r\n]+/).map(line => line.replace(/[\0\xff]/g, '').trimEnd())
  const start = all.indexOf('@') + 1
  const end = all.indexOf('$$', start)
  const lines = all.slice(start, end < 0 ? all.length : end).filter(line => line !== '')
  const complete = lines.at(-1) === SUCCESS && end >= 0
  return { lines: lines.filter(line => line !== SUCCESS), complete }
}

const SUCCESS = 'Command completed successfully'

/** A column of `pwr`: the name of its value, and how that is written. */
type Column = readonly [name: string, read: (text: string) => number | string]

const milli = (text: string): number => Number(text) / 1000
const percent = (text: string): number => Number(text.replace('%', ''))
const text = (word: string): string => word
/** Cells count from 0 on the console, from 1 with us. */
const cell = (word: string): number => Number(word) + 1

/** Columns by their title, whatever firmware prints them and in whatever order: mV, mA, thousandths of a degree. */
const PWR_COLUMNS: Readonly<Record<string, Column>> = {
  Power: ['pack', Number],
  Volt: ['voltage', milli],
  Curr: ['current', milli],
  Tempr: ['temperature', milli],
  Tlow: ['temp_min', milli],
  'Tlow.Id': ['temp_min_at', cell],
  Thigh: ['temp_max', milli],
  'Thigh.Id': ['temp_max_at', cell],
  Vlow: ['cell_min', milli],
  'Vlow.Id': ['cell_min_at', cell],
  Vhigh: ['cell_max', milli],
  'Vhigh.Id': ['cell_max_at', cell],
  'Base.St': ['base_state', text],
  'Volt.St': ['voltage_state', text],
  'Curr.St': ['current_state', text],
  'Temp.St': ['temp_state', text],
  Coulomb: ['soc', percent],
  Time: ['time', text],
  'B.V.St': ['cell_voltage_state', text],
  'B.T.St': ['cell_temp_state', text],
  MosTempr: ['mosfet_temp', milli],
  'M.T.St': ['mosfet_temp_state', text],
  'SysAlarm.St': ['alarm_state', text],
}

/**
 * The modules that `pwr` lists, with V, A (positive = charging), °C, % and the module's own time. Absent ones are left
 * out, and so are values that a module prints as `-`. Empty where the header is another family's.
 */
export function parsePwr(answer: string): Values[] {
  const { lines } = consoleAnswer(answer)
  const start = lines.findIndex(line => /^\s*Power\s/.test(line))
  if (start < 0) return []
  const titles = lines[start]!.trim().split(/\s+/)
  return lines.slice(start + 1).flatMap(line => {
    const row = pwrRow(titles, line.trim().split(/\s+/))
    return row === undefined ? [] : [row]
  })
}

/**
 * A row whose words match the header's columns, the time being two; none for an absent module, whose rows are
 * shorter.
 */
function pwrRow(titles: readonly string[], words: readonly string[]): Values | undefined {
  const timeAt = titles.indexOf('Time')
  const joined =
    timeAt < 0 || words[timeAt] === '-' ? words : words.toSpliced(timeAt, 2, `${words[timeAt]} ${words[timeAt + 1]}`)
  if (words.includes('Absent') || joined.length !== titles.length || !/^\d+$/.test(words[0]!)) return undefined
  const row: Values = {}
  for (const [i, title] of titles.entries()) {
    const column = Object.hasOwn(PWR_COLUMNS, title) ? PWR_COLUMNS[title] : undefined
    if (column !== undefined && joined[i] !== '-') row[column[0]] = column[1](joined[i]!)
  }
  return row
}

const BAT_COLUMNS: Readonly<Record<string, Column>> = {
  Battery: ['cell', cell],
  Volt: ['voltage', milli],
  Curr: ['current', milli],
  Tempr: ['temperature', milli],
  'Base State': ['base_state', text],
  'Volt. State': ['voltage_state', text],
  'Curr. State': ['current_state', text],
  'Temp. State': ['temp_state', text],
  SOC: ['soc', percent],
  Coulomb: ['remaining_ah', word => Number.parseInt(word, 10) / 1000],
}

/** The cells of one module as `bat N` lists them, from cell 1; titles hold blanks, so columns go by their places. */
export function parseBat(answer: string): Values[] {
  const { lines } = consoleAnswer(answer)
  const start = lines.findIndex(line => /^\s*Battery\s/.test(line))
  if (start < 0) return []
  const columns = [...lines[start]!.matchAll(/\S+(?: \S+)*/g)].map(({ 0: title, index }) => ({ title, index }))
  return lines
    .slice(start + 1)
    .filter(isCellRow)
    .map(line => {
      const row: Values = {}
      for (const [i, { title, index }] of columns.entries()) {
        const word = line.slice(index, columns[i + 1]?.index).trim()
        const column = Object.hasOwn(BAT_COLUMNS, title) ? BAT_COLUMNS[title] : undefined
        if (title === 'BAL' && word !== '') row['balancing'] = word === 'Y'
        else if (column !== undefined && word !== '' && word !== '-') row[column[0]] = column[1](word)
      }
      return row
    })
}

function isCellRow(line: string): boolean {
  return /^\s*\d+\s/.test(line)
}

/**
 * `Key : value` lines of `info N`, `stat N` and `pwr N`, blanks inside keys made single; of a key that repeats
 * the last.
 */
export function parsePairs(answer: string): Record<string, string> {
  const pairs: Record<string, string> = {}
  for (const line of consoleAnswer(answer).lines) {
    const [, key, value] = /^\s*([^:]+?)\s*:\s*(.*)$/.exec(line) ?? /^\s*(Device address)\s+(\d+)$/.exec(line) ?? []
    if (key !== undefined) pairs[key.replace(/\s+/g, ' ')] = value ?? ''
  }
  return pairs
}
