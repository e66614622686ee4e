import type { ScreenSize } from '../../../core/terminal.ts'
import type { Body } from './body.ts'
import { BOX_COLUMNS, box, boxHeight } from './box.ts'
import type { Line } from './line.ts'
import type { Look } from './look.ts'
import type { Module } from './stack.ts'
import { cellsRow, tableRow, tableTitle } from './table.ts'

/**
 * Modules in the largest form that has room for all of them: boxes, side by side where the screen is wide; two lines
 * each; one line each; and of those as many as there is room for, from the module `scroll` on.
 */
export function modulesPicture(modules: readonly Module[], size: ScreenSize, scroll: number, look: Look): Body {
  const { columns, rows } = size
  const forms = [() => boxes(modules, columns, look), () => pairs(modules, columns, look)]
  for (const form of forms) {
    const lines = form()
    if (lines !== undefined && lines.length <= rows) return { lines, scrollMax: 0, page: 1, indicator: '' }
  }
  const page = Math.max(1, rows - 1)
  const scrollMax = Math.max(0, modules.length - page)
  const top = Math.min(scroll, scrollMax)
  const shown = modules.slice(top, top + page)
  const indicator = scrollMax === 0 ? '' : `modules ${top + 1}-${top + shown.length} of ${modules.length}`
  const lines = [tableTitle(columns), ...shown.map(module => tableRow(module, columns, look))]
  return { lines, scrollMax, page, indicator }
}

/** Undefined where not one has room. */
function boxes(modules: readonly Module[], columns: number, look: Look): Line[] | undefined {
  const perRow = Math.min(Math.floor(columns / BOX_COLUMNS), modules.length)
  if (perRow === 0) return undefined
  const width = Math.floor(columns / perRow)
  const lines: Line[] = []
  for (let at = 0; at < modules.length; at += perRow) {
    const row = modules.slice(at, at + perRow)
    const height = Math.max(...row.map(boxHeight))
    const pictures = row.map(module => box(module, width, height, look))
    for (let i = 0; i < height; i++) lines.push(pictures.flatMap(picture => picture[i]!))
  }
  return lines
}

function pairs(modules: readonly Module[], columns: number, look: Look): Line[] {
  return [
    tableTitle(columns),
    ...modules.flatMap(module => [tableRow(module, columns, look), cellsRow(module, columns, look)]),
  ]
}
