import { codeMark, codeStyle } from './alarms.ts'
import { fixed } from './format.ts'
import type { Style } from './line.ts'
import type { Cell, CellRange } from './stack.ts'

/** How a cell is shown: its colour, and the mark that says the same without one. */
export interface CellMark {
  readonly style: Style
  /** `v` too low, `^` too high, a code in hex, `_` the lowest, `=` the highest; nothing for one like the others. */
  readonly mark: string
}

/**
 * The colour and mark of a cell among those of its module. An alarm of its own counts most; without one all cells of the
 * lowest and of the highest voltage stand out, if they are more than `thresholdMv` apart; whole mV, so that 10 mV are
 * never more than 10 mV.
 */
export function cellMark(
  { millivolts, code, faulty }: Cell,
  range: CellRange | undefined,
  thresholdMv: number,
): CellMark {
  if (faulty) return { style: 'fault', mark: '!' }
  const mark = codeMark(code)
  if (mark !== '') return { style: codeStyle(code), mark }
  if (range !== undefined && range.high - range.low > thresholdMv) {
    if (millivolts === range.low) return { style: 'lowest', mark: '_' }
    if (millivolts === range.high) return { style: 'highest', mark: '=' }
  }
  return { style: codeStyle(code), mark: '' }
}

/** The voltage of a cell with its mark in 7 columns, `3.303v=`, or in 6, `3.303=`; a code of two digits takes a place more. */
export function cellText({ millivolts, faulty }: Cell, mark: string, withUnit: boolean): string {
  if (faulty) return 'FAULT!'
  if (millivolts === null) return `-.---${mark}`
  const value = millivolts / 1000
  if (mark.length > 1) return `${fixed(value, withUnit ? 3 : 2, withUnit ? 5 : 4)}${mark}`
  return `${fixed(value, 3, 5)}${withUnit ? 'v' : ''}${mark}`
}

/** A cell in at most 5 columns: whole mV and its mark, or the code that has no other mark. */
export function cellShort({ millivolts, faulty }: Cell, mark: string): string {
  if (faulty) return 'FAULT'
  if (mark.length > 1) return `-${mark}-`
  return `${fixed(millivolts, 0, 4)}${mark}`
}
