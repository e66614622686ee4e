import { codeMark, codeStyle } from './alarms.ts'
import { cellMark, cellText } from './cells.ts'
import { FLAGS, type Flag } from './flags.ts'
import { fixed, volts, whole } from './format.ts'
import type { Placed, Style } from './line.ts'
import type { Look } from './look.ts'
import { cellRange, type Module } from './stack.ts'

/** Columns that the cells and the temperatures of a module have. */
const CELL_COLUMNS = 40
/** Rows of a box that status bits stand in. */
export const FLAG_ROWS = 4

/** Fifteen cells have room for their unit; more stand closer together. */
function cellsPerRow({ cells }: Module): number {
  return cells.length <= 15 ? 5 : 6
}

/** Rows that the cells of a module take. */
export function cellRows(module: Module): number {
  return Math.max(3, Math.ceil(module.cells.length / cellsPerRow(module)))
}

/** A text and the row inside the box that it stands in. */
export type Item = readonly [row: number, item: Placed]

/** All that stands inside the box of a module, at its classic place. */
export function boxItems(module: Module, look: Look): Item[] {
  return [
    ...cellItems(module, look),
    ...temperatureItems(module, look),
    ...CODES.map(([row, label, name]) => codeItem(row, label, module[name])),
    ...FLAGS.flatMap(flag => flagItems(flag, module.flags[flag.name] ?? null)),
    ...statusItems(module),
  ]
}

function cellItems(module: Module, { thresholdMv }: Look): Item[] {
  const perRow = cellsPerRow(module)
  const range = cellRange(module)
  return module.cells.map((cell, i) => {
    const { style, mark } = cellMark(cell, range, thresholdMv)
    const column = Math.floor(((i % perRow) * CELL_COLUMNS) / perRow)
    return [Math.floor(i / perRow), [column, cellText(cell, mark, perRow === 5), style]]
  })
}

/** Temperatures side by side, as far as there is room, and behind them how far the cells are apart. */
function temperatureItems(module: Module, look: Look): Item[] {
  const row = cellRows(module)
  const texts = module.sensors.map(({ celsius }) => `${fixed(celsius, 0, 4)}C`)
  const marks = module.sensors.map(({ code }) => codeMark(code))
  const slot = Math.max(4, ...texts.map((text, i) => text.length + Math.max(1, marks[i]!.length)))
  const shown = Math.min(texts.length, Math.floor(CELL_COLUMNS / slot))
  const temperatures = texts
    .slice(0, shown)
    .map((text, i): Item => [row, [i * slot, text + marks[i], codeStyle(module.sensors[i]!.code)]])
  const start = Math.max(SPREAD_COLUMN, shown * slot + 1)
  return [...temperatures, ...spreadItems(module, row, start, look)]
}

/** Column of the spread where the temperatures leave it there, and where it must end. */
const SPREAD_COLUMN = 21
const SPREAD_END = 48

function spreadItems(module: Module, row: number, start: number, { thresholdMv }: Look): Item[] {
  const range = cellRange(module)
  if (range === undefined) return []
  const [low, high, delta] = [volts(range.low, 6), volts(range.high, 6), range.high - range.low]
  const amount = whole(delta, 5)
  const forms = [
    `(${low}v - ${high}v dV:${amount.padStart(3)}mV)`,
    `(${low} - ${high} ${amount}mV)`,
    `dV:${amount.padStart(3)}mV`,
  ]
  const text = forms.find(form => start + form.length <= SPREAD_END)
  return text === undefined ? [] : [[row, [start, text, delta > thresholdMv ? 'strong' : 'plain']]]
}

const CODE_COLUMN = 40
const CODES = [
  [0, 'CHG_CUR', 'chargeCurrent'],
  [1, 'DIS_CUR', 'dischargeCurrent'],
  [2, 'VOLTAGE', 'moduleVoltage'],
] as const

/** A label in the colour of its alarm code, with the mark of that; with the code itself where it has no name. */
function codeItem(row: number, label: string, code: number | null): Item {
  if (code === null) return [row, [CODE_COLUMN, `${label}?`, 'faint']]
  const mark = codeMark(code)
  const text = mark.length > 1 ? label.slice(0, 4) + mark : label + mark
  return [row, [CODE_COLUMN, text, codeStyle(code)]]
}

/** A label with its mark before it: `!` what is bad is set, `+` what is good is set, `?` not known. */
function flagItems({ label, kind, at }: Flag, value: boolean | null): Item[] {
  if (at === undefined) return []
  const { mark, style } = flagMark(kind, value)
  return [[at[0], [at[1] - 1, mark + label, style]]]
}

/** How a status bit is shown. */
export function flagMark(kind: Flag['kind'], value: boolean | null): { readonly mark: string; readonly style: Style } {
  if (value === null) return { mark: '?', style: 'faint' }
  if (!value) return { mark: ' ', style: 'plain' }
  return kind === 'state' ? { mark: '+', style: 'set' } : { mark: '!', style: 'alarm' }
}

/** Status 4 and 5, which name cells that have failed. */
const STATUS_COLUMNS = [
  [3, 63, 'S4'],
  [4, 71, 'S5'],
] as const

function statusItems({ status }: Module): Item[] {
  return STATUS_COLUMNS.map(([word, column, label]) => {
    const value = status[word] ?? null
    const mark = value === null ? '?' : value === 0 ? ' ' : '!'
    const text = `${mark}${label}: ${value === null ? '---' : String(value).padStart(3, '0')}`
    return [FLAG_ROWS - 1, [column - 1, text, value === null ? 'faint' : value === 0 ? 'plain' : 'alarm']]
  })
}
