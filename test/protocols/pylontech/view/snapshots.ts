import type { Values } from '../../../../src/core/values.ts'
import { ASCII } from '../../../../src/protocols/pylontech/view/glyphs.ts'
import { History } from '../../../../src/protocols/pylontech/view/history.ts'
import { type Line, type Span, textOf } from '../../../../src/protocols/pylontech/view/line.ts'
import type { Look } from '../../../../src/protocols/pylontech/view/look.ts'
import { readStack } from '../../../../src/protocols/pylontech/view/read-stack.ts'
import { type Content, drawScreen } from '../../../../src/protocols/pylontech/view/screen.ts'
import { INITIAL, type ViewState } from '../../../../src/protocols/pylontech/view/view-state.ts'

export const NOW = Date.UTC(2026, 2, 1, 10, 0, 4)
const UPDATED = '2026-03-01T10:00:00.000Z'

/** The three modules of the vector us2000-3packs-ff, a real reply. */
const WORKED = [
  {
    cells: [3.303, 3.304, 3.302, 3.303, 3.304, 3.304, 3.304, 3.302, 3.301, 3.302, 3.304, 3.303, 3.306, 3.301, 3.302],
    temperatures: [23, 22, 22, 22, 22],
    current: -2.6,
    voltage: 49.545,
  },
  {
    cells: [3.298, 3.302, 3.302, 3.297, 3.301, 3.303, 3.302, 3.299, 3.298, 3.301, 3.299, 3.305, 3.303, 3.305, 3.305],
    temperatures: [23, 22, 22, 22, 22],
    current: -2.5,
    voltage: 49.52,
  },
  {
    cells: [3.298, 3.301, 3.301, 3.298, 3.299, 3.299, 3.3, 3.301, 3.302, 3.302, 3.299, 3.3, 3.3, 3.302, 3.302],
    temperatures: [23, 21, 21, 21, 21],
    current: -2.7,
    voltage: 49.504,
  },
] as const

/** An answer to 44h in which nothing is wrong: both switches on, on its own power, discharging. */
export const NO_ALARM: Values = {
  cells: Array.from({ length: 15 }, () => 0),
  temps: [0, 0, 0, 0, 0],
  charge_current: 0,
  module_voltage: 0,
  discharge_current: 0,
  status1: 0,
  status2: 0x0e,
  status3: 0x40,
  status4: 0,
  status5: 0,
}

/** One of the three modules, as a snapshot has it; `change` is put over it. */
export function pack(number = 1, change: Values = {}): Values {
  const { cells, temperatures, current, voltage } = WORKED[(number - 1) % WORKED.length]!
  return {
    pack: number,
    group: 0,
    address: number + 1,
    serial: `DEMO${number}`,
    firmware: '0.6.5',
    cell_voltages: [...cells],
    temperatures: [...temperatures],
    current,
    voltage,
    remaining_ah: 33.5,
    total_ah: 50,
    cycles: 31,
    alarm: NO_ALARM,
    management: { status: 0xc0, charge_voltage_limit: 53.25, charge_current_limit: 25 },
    updated_at: UPDATED,
    stale: false,
    error: null,
    ...change,
  }
}

/** A snapshot with so many modules, or with those that are given. */
export function snapshotOf(packs: number | readonly Values[]): Values {
  return { packs: typeof packs === 'number' ? Array.from({ length: packs }, (_, i) => pack(i + 1)) : [...packs] }
}

export function moduleOf(change: Values, number = 1) {
  return readStack(snapshotOf([pack(number, change)]), NOW).modules[0]!
}

export function look(change: Partial<Look> = {}): Look {
  const common = { glyphs: ASCII, thresholdMv: 10, now: NOW, staleAfterMs: 30_000 }
  return { ...common, history: new History(), metric: 'power', window: 0, ...change }
}

export interface Wanted {
  readonly view?: Partial<ViewState>
  readonly look?: Partial<Look>
  readonly content?: Partial<Content>
}

/** The screen of a snapshot. */
export function screenOf(document: Values, columns: number, rows: number, wanted: Wanted = {}) {
  const content = {
    stack: readStack(document, NOW),
    source: 'test',
    problem: undefined,
    changes: [],
    ...wanted.content,
  }
  return drawScreen(content, { ...INITIAL, ...wanted.view }, look(wanted.look), { columns, rows })
}

export function texts(lines: readonly Line[]): string[] {
  return lines.map(line => textOf(line).trimEnd())
}

/** The span of a line that a column is in, `text` being only what is there. */
export function at(line: Line, column: number): Span {
  let left = column
  for (const piece of line) {
    if (left < piece.text.length) return { ...piece, text: piece.text.slice(left) }
    left -= piece.text.length
  }
  throw new Error(`there is no column ${column}`)
}
