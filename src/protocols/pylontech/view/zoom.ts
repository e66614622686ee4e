import { alarmsOf, codeMark, codeStyle } from './alarms.ts'
import { titles } from './box.ts'
import { flagMark } from './box-items.ts'
import { cellMark, cellText } from './cells.ts'
import { curveLines } from './curve-lines.ts'
import { FLAGS } from './flags.ts'
import { age, fixed, hex, volts } from './format.ts'
import { dimmed, type Line, span, widthOf } from './line.ts'
import { isOld, type Look } from './look.ts'
import { type CellRange, cellRange, type Module, type Stack } from './stack.ts'
import { whyOld } from './why-old.ts'

/** Everything that is known of a module, as many lines as it takes. */
export function zoomLines(module: Module, stack: Stack, columns: number, look: Look): Line[] {
  const lines = [
    ...headLines(module, columns, look),
    [],
    ...cellLines(module, columns, look),
    [],
    ...sensorLines(module, columns, look),
    ...limitLines(module, stack, columns),
    [],
    ...flagLines(module, columns),
    [span(`status ${module.status.map(hexOf).join(' ')}  management ${hexOf(module.managementStatus)}`, 'faint')],
  ]
  const old = isOld(module, look) ? lines.map(dimmed) : lines
  return [...old, [], ...curveLines(module.key, columns, look)]
}

function headLines(module: Module, columns: number, look: Look): Line[] {
  const { number, place, serial, firmware, updatedAt } = module
  const known = [
    place === null ? '' : `address ${place}`,
    serial === null ? '' : `serial ${serial}`,
    firmware === null ? '' : `firmware ${firmware}`,
    updatedAt === null ? '' : `${age(look.now - updatedAt)} ago`,
  ].filter(text => text !== '')
  const alarms = alarmsOf(module)
  return [
    [span(`Pack ${number}`, 'strong'), span(`  ${known.join('  ')}`)],
    [span(titles(module).find(text => text.length <= columns) ?? '')],
    ...(isOld(module, look) ? [[span(`stale ${whyOld(module, look)}`, 'warning')]] : []),
    ...(alarms.length > 0 ? [[span(`!${alarms.join(', ')}`, 'alarm')]] : []),
  ]
}

/** Columns of a cell with its bar, and of one that stands beside another. */
const LEAST_CELL = 28
const MOST_CELL = 50

function cellLines(module: Module, columns: number, look: Look): Line[] {
  const range = cellRange(module)
  const perRow = Math.max(1, Math.min(2, Math.floor(columns / LEAST_CELL)))
  const width = Math.min(MOST_CELL, Math.floor(columns / perRow))
  const rows = Math.ceil(module.cells.length / perRow)
  return Array.from({ length: rows }, (_, row) =>
    Array.from({ length: perRow }, (_, i) => cellLine(module, row + i * rows, range, width, look)).flat(),
  )
}

/** A cell with a bar from the lowest to the highest of its module. */
function cellLine({ cells }: Module, i: number, range: CellRange | undefined, width: number, look: Look): Line {
  const cell = cells[i]
  if (cell === undefined) return []
  const { style, mark } = cellMark(cell, range, look.thresholdMv)
  const name = `cell ${String(i + 1).padStart(2)}  `
  const text = cellText(cell, mark, true)
  const room = width - name.length - 8 - 3
  const { full, empty } = look.glyphs
  const size = range === undefined ? 0 : range.high - range.low
  const share = cell.millivolts === null || size === 0 ? 0 : (cell.millivolts - range!.low) / size
  const filled = Math.round(share * room)
  const bar = full.repeat(filled) + empty.repeat(Math.max(0, room - filled))
  return [span(name), span(text, style), span(' '.repeat(Math.max(1, 9 - text.length))), span(`${bar}  `, 'faint')]
}

/** What a sensor measures, `i` from 0. Source: docs/protocols/pylontech.md. */
function sensorName(i: number, cells: number): string {
  if (i === 0) return 'board'
  return i < 4 ? `cells ${i * 4 - 3}-${i * 4}` : i === 4 ? `cells 13-${Math.max(cells, 15)}` : `T${i + 1}`
}

function sensorLines({ sensors, cells }: Module, columns: number, { glyphs }: Look): Line[] {
  const parts = sensors.map(({ celsius, code }, i) => [
    span(`${sensorName(i, cells.length)} `),
    span(`${fixed(celsius, 1, 6)}${glyphs.celsius}${codeMark(code)}`, codeStyle(code)),
  ])
  return flowed(parts, columns)
}

/** Parts side by side as long as there is room, then on the next line. */
function flowed(parts: readonly Line[], columns: number): Line[] {
  const lines: Line[] = []
  for (const part of parts) {
    const line = lines.at(-1)
    if (line !== undefined && widthOf(line) + 2 + widthOf(part) <= columns) {
      lines[lines.length - 1] = [...line, span('  '), ...part]
    } else lines.push(part)
  }
  return lines
}

function limitLines({ limits }: Module, { system, device }: Stack, columns: number): Line[] {
  const own = (name: string, decimals: number, unit: string) => `${fixed(limits[name] ?? null, decimals, 8)}${unit}`
  const common = (name: string) => fixed(system[name] ?? null, 0, 8)
  const recommended = ['charge', 'discharge'].map(
    what => `${what} ${own(`${what}_voltage_limit`, 2, 'V')} ${own(`${what}_current_limit`, 1, 'A')}`,
  )
  const cells = ['under', 'low', 'high'].map(level => volts(millivolts(system[`cell_${level}_voltage_limit`]), 6))
  const heat = ['charge', 'discharge'].map(
    what => `${what} ${common(`${what}_low_temp_limit`)}..${common(`${what}_high_temp_limit`)}C`,
  )
  const texts = [
    ...(Object.keys(limits).length === 0 ? [] : ['limits:', ...recommended]),
    ...(Object.keys(system).length === 0 ? [] : [`cells ${cells.join(' / ')}v`, ...heat]),
    device,
  ]
  const parts = texts.filter(text => text !== '').map(text => [span(text)])
  return flowed(parts, columns)
}

function millivolts(value: number | undefined): number | null {
  return value === undefined ? null : Math.round(value * 1000)
}

/** Every status bit with what it means. */
function flagLines({ flags }: Module, columns: number): Line[] {
  const parts = FLAGS.map(({ name, label, meaning, kind }) => {
    const { mark, style } = flagMark(kind, flags[name] ?? null)
    return [span(`${mark}${label.padEnd(8)}`, style), span(meaning.padEnd(FLAG_COLUMNS - 9), 'faint')]
  })
  return flowed(parts, columns)
}

const FLAG_COLUMNS = 40

function hexOf(byte: number | null): string {
  return byte === null ? '--' : hex(byte)
}
