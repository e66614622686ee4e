import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { Value, Values } from '../../../../src/core/values.ts'
import { ASCII, UNICODE } from '../../../../src/protocols/pylontech/view/glyphs.ts'
import { METRICS, WINDOWS } from '../../../../src/protocols/pylontech/view/history.ts'
import { widthOf } from '../../../../src/protocols/pylontech/view/line.ts'
import { MonitorModel } from '../../../../src/protocols/pylontech/view/monitor-model.ts'
import { painted } from '../../../../src/protocols/pylontech/view/paint.ts'
import { isSnapshot } from '../../../../src/protocols/pylontech/view/read-stack.ts'
import { drawScreen, drawStill } from '../../../../src/protocols/pylontech/view/screen.ts'
import type { INITIAL } from '../../../../src/protocols/pylontech/view/view-state.ts'
import { look, NO_ALARM, NOW, pack, screenOf, snapshotOf, texts } from './snapshots.ts'

const linesOf = (...args: Parameters<typeof screenOf>) => texts(screenOf(...args).lines)
const boxesIn = (lines: readonly string[]) => lines.join('\n').match(/\+Pack \d+/g)?.length ?? 0

describe('the screen', () => {
  test('at 80 x 24 has the classic picture of three modules with a summary and curves', () => {
    const lines = linesOf(snapshotOf(3), 80, 24)
    expect(lines).toHaveLength(24)
    expect(boxesIn(lines)).toBe(3)
    // sums of the real reply, from its own page: -7.8 A, -386 W, 100.5 of 150 Ah
    expect(lines.join('\n')).toMatch(/3 modules .*100\.5 \/ 150\.0Ah \(67%\) .*-7\.8A -386W discharging .*no alarms/)
    // the lowest cell of all is cell 4 of module 2, the highest cell 13 of module 1, the most apart are those of module 2
    expect(lines.join(' ').replaceAll(/ +/g, ' ')).toMatch(
      /low 3\.297v #2\.4 high 3\.306v #1\.13 dV 8mV #2 23C #1 4 s ago/,
    )
    expect(lines[0]! + lines[1]!).toContain('test') // where it comes from
    expect(lines.join('\n')).toMatch(/^power 5 min/m)
    expect(lines.join('\n')).toMatch(/^voltage 5 min/m)
    expect(lines.join('\n')).toMatch(/^current 5 min/m)
    expect(lines[23]).toContain('q quit')
  })

  test('at 80 x 24 has four boxes and nothing else without the summary', () => {
    const lines = linesOf(snapshotOf(4), 80, 24, { view: { summary: false } })
    expect(boxesIn(lines)).toBe(4)
    expect(lines.every(line => line.length === 80)).toBe(true)
  })

  test('without the summary still tells that it scrolls and that it is paused', () => {
    expect(linesOf(snapshotOf(60), 80, 24, { view: { summary: false } }).at(-1)).toMatch(/modules 1-22 of 60$/)
    expect(linesOf(snapshotOf(1), 80, 24, { view: { summary: false, paused: true } }).at(-1)).toContain('PAUSED')
  })

  test('puts as many boxes side by side as have room', () => {
    const rows = (columns: number) => linesOf(snapshotOf(4), columns, 60).filter(line => line.includes('Pack')).length
    expect(rows(80)).toBe(4)
    expect(rows(159)).toBe(4)
    expect(rows(160)).toBe(2)
    expect(rows(240)).toBe(2)
    expect(rows(320)).toBe(1)
  })

  test('goes over to two lines, then to one line a module, then scrolls', () => {
    const heads = (lines: readonly string[]) => lines.filter(line => /^ +\d+ +67%/.test(line)).length
    const two = linesOf(snapshotOf(8), 80, 24)
    expect([boxesIn(two), heads(two)]).toEqual([0, 8])
    expect(two.filter(line => /^ {4}3303 3304 3302/.test(line))).toHaveLength(3) // modules 1, 4 and 7 are alike
    const one = linesOf(snapshotOf(14), 80, 24)
    expect([boxesIn(one), heads(one)]).toEqual([0, 14])
    const { lines, scrollMax, page } = screenOf(snapshotOf(14), 80, 12)
    expect(heads(texts(lines))).toBe(page)
    expect(scrollMax).toBe(14 - page)
    expect(texts(lines).at(-1)).toMatch(new RegExp(`modules 1-${page} of 14$`))
    const end = screenOf(snapshotOf(14), 80, 12, { view: { scroll: 99 } })
    expect(texts(end.lines).at(-1)).toMatch(new RegExp(`modules ${15 - page}-14 of 14$`))
  })

  test('names the columns of the short form as the page does', () => {
    const title = linesOf(snapshotOf(14), 80, 24).find(line => line.trimStart().startsWith('#'))!
    expect(title.trim().split(/\s+/)).toEqual([
      '#',
      'SOC',
      'V',
      'A',
      'W',
      'min',
      'max',
      'dmV',
      'Tmax',
      'state',
      'alarms',
    ])
    const row = linesOf(snapshotOf(14), 80, 24).find(line => /^ +1 /.test(line))!
    expect(row.trim().split(/\s+/)).toEqual(['1', '67%', '49.545', '-2.6', '-128', '3.301', '3.306', '5', '23C', 'dis'])
  })

  test('has at 40 x 12 a row for each of three modules, with what matters most', () => {
    const lines = linesOf(snapshotOf(3), 40, 12)
    expect(lines.filter(line => / 67% .* -2\.\dA? .*dis/.test(line))).toHaveLength(3)
    expect(lines.at(-1)).toContain('q quit')
  })

  test('smaller than 40 x 8 is one line', () => {
    for (const [columns, rows] of [
      [39, 24],
      [80, 7],
      [10, 1],
    ] as const) {
      // biome-ignore format: pairs
      const lines = linesOf(snapshotOf(3), columns, rows)
      expect(lines).toHaveLength(1)
      expect('67%  -386W  -7.8A  4 s ago').toContain(lines[0]!.slice(0, 10))
    }
    expect(linesOf(snapshotOf(3), 80, 0)).toEqual([])
  })

  test('puts the source of trouble over the keys, and keeps what it has', () => {
    const lines = linesOf(snapshotOf(1), 80, 24, { content: { problem: 'the file is gone; next try in 5 s' } })
    expect(lines[22]).toBe('the file is gone; next try in 5 s')
    expect(boxesIn(lines)).toBe(1)
  })

  test('waits in words', () => {
    const nothing = { content: { stack: undefined } }
    expect(linesOf(snapshotOf(0), 80, 24, nothing)[0]).toBe('waiting for test')
    expect(linesOf(snapshotOf(0), 80, 24).join('\n')).toContain('there are no modules')
    expect(linesOf(snapshotOf(2), 80, 24, { view: { alarmsOnly: true } }).join('\n')).toContain(
      'no module has an alarm',
    )
  })

  test('counts alarms and stale modules, and shows only those when that is wanted', () => {
    const bad = { alarm: { ...NO_ALARM, status1: 0x02, cells: [1, 0, 0] } }
    const document = snapshotOf([pack(1), pack(2, bad), pack(3, { stale: true, error: 'timeout' })])
    const text = linesOf(document, 80, 40).join('\n')
    expect(text).toContain('!2 alarms  1 stale') // CELL_UV and cell 1 low
    expect(text).toContain('stale 4 s: timeout')
    expect(text.match(/Pack/g)).toHaveLength(3)
    const some = linesOf(document, 80, 40, { view: { alarmsOnly: true } })
    expect(some.join('\n').match(/Pack \d/g)).toEqual(['Pack 2', 'Pack 3'])
  })

  test('sorts: the emptiest, the most apart, the hottest first', () => {
    const document = snapshotOf([
      pack(1, { remaining_ah: 40, temperatures: [20] }),
      pack(2, { remaining_ah: 10, temperatures: [30], cell_voltages: [3.3, 3.3] }),
      pack(3, { remaining_ah: 20, temperatures: [40], cell_voltages: [3.3, 3.4] }),
    ])
    const order = (wanted: (typeof INITIAL)['order']) =>
      linesOf(document, 80, 60, { view: { order: wanted } })
        .join('\n')
        .match(/(?<=Pack )\d/g)
        ?.join('')
    expect(order('address')).toBe('123')
    expect(order('SOC')).toBe('231')
    expect(order('spread')).toBe('312')
    expect(order('temperature')).toBe('321')
  })

  test('shows one module with everything', () => {
    const system = { cell_high_voltage_limit: 3.65, cell_low_voltage_limit: 3.05, cell_under_voltage_limit: 2.8 }
    const document = { ...snapshotOf(2), system, device_name: 'US2000C' }
    const text = linesOf(document, 80, 60, { view: { pane: 'module', zoomed: '3' } }).join('\n')
    expect(text).toContain('Pack 2  address 0/3  serial DEMO2  firmware 0.6.5')
    for (const cell of [3.298, 3.302, 3.297, 3.305]) expect(text).toContain(`${cell.toFixed(3)}v`)
    expect(text).toMatch(/cell {2}4 {2}3\.297v +\.+ /) // the lowest: an empty bar
    expect(text).toMatch(/cell 12 {2}3\.305v +#+$/m) // the highest: a full one
    expect(text).toContain('board 23.0C')
    expect(text).toContain('2.800 / 3.050 / 3.650v')
    expect(text).toContain('charge 53.25V 25.0A')
    expect(text).toMatch(/\+ONBAT +runs on its own power/)
    expect(text).toContain('status 00 0E 40 00 00  management C0')
    for (const metric of METRICS) expect(text).toContain(`${metric} 5 min`)
  })

  test('explains keys, marks and every label', () => {
    const text = linesOf(snapshotOf(1), 100, 80, { view: { pane: 'help' } }).join('\n')
    for (const key of ['q, Ctrl-C', 'p ', '1 to 9', 'r, Ctrl-L']) expect(text).toContain(key)
    expect(text).toMatch(/CELL_UV +a cell is too low/)
  })

  test('has the newest changes first', () => {
    const model = new MonitorModel({ source: 'test', intervalMs: 10_000 })
    model.take(snapshotOf(1), NOW)
    model.take(snapshotOf([pack(1, { alarm: { ...NO_ALARM, status1: 0x80 } })]), NOW + 1000)
    model.take(snapshotOf(1), NOW + 2000)
    const content = { changes: model.content.changes }
    const lines = linesOf(snapshotOf(1), 80, 24, { view: { pane: 'changes' }, content })
    expect(lines.slice(2, 4)).toEqual(['10:00:06 UTC  module  1    UV is over', '10:00:05 UTC  module  1  ! UV'])
  })
})

describe('a still picture', () => {
  test('has as many lines as all modules take, with neither keys nor curves', () => {
    const model = new MonitorModel({ source: 'test', intervalMs: 10_000 })
    model.take(snapshotOf(14), NOW)
    const lines = texts(drawStill(model.content, look({ history: model.history }), 80, undefined))
    expect(lines).toHaveLength(2 + 14 * 6)
    expect(lines.join('\n')).not.toContain('quit')
    expect(lines.join('\n')).not.toContain('5 min')
    expect(texts(drawStill(model.content, look(), 80, 24)).length).toBeLessThanOrEqual(24)
    expect(texts(drawStill(model.content, look(), 20, 5))).toHaveLength(1)
  })
})

const size = fc.record({ columns: fc.integer({ min: 0, max: 260 }), rows: fc.integer({ min: 0, max: 70 }) })
const number = fc.oneof(fc.double(), fc.integer({ min: -200, max: 200 }), fc.constant(null))
const amount = fc.oneof(fc.double({ min: -200, max: 200, noNaN: true }), fc.constant(null))
const code = fc.oneof(fc.constantFrom(0, 0, 0, 1, 2, 0xf0, 77), number)
const text = fc.oneof(
  fc.string({ unit: 'binary', maxLength: 60 }),
  fc.constant('\u001b[2J\u0007\u202e世界'),
  fc.constant(null),
)
const alarms = fc.record({
  cells: fc.array(code, { maxLength: 40 }),
  temps: fc.array(code, { maxLength: 20 }),
  charge_current: code,
  module_voltage: code,
  discharge_current: code,
  status1: fc.integer({ min: 0, max: 255 }),
  status2: fc.integer({ min: 0, max: 255 }),
  status3: fc.integer({ min: 0, max: 255 }),
  status4: fc.integer({ min: 0, max: 255 }),
  status5: code,
})
const anyPack = fc.record({
  pack: number,
  address: fc.oneof(fc.integer({ min: 2, max: 127 }), number),
  serial: text,
  firmware: text,
  cell_voltages: fc.oneof(
    fc.array(fc.double({ min: 2.5, max: 4.2, noNaN: true }), { maxLength: 40 }),
    fc.array(number),
  ),
  temperatures: fc.array(amount, { maxLength: 20 }),
  current: amount,
  voltage: amount,
  remaining_ah: number,
  total_ah: number,
  cycles: number,
  alarm: fc.option(alarms),
  management: fc.option(fc.record({ status: fc.integer({ min: 0, max: 255 }), charge_voltage_limit: number })),
  updated_at: fc.oneof(fc.constantFrom('2026-03-01T10:00:00.000Z', '2026-03-01T09:00:00.000Z'), text),
  stale: fc.boolean(),
  error: text,
})
const view = fc.record({
  pane: fc.constantFrom('stack', 'module', 'changes', 'help'),
  zoomed: fc.constantFrom('2', '3', '#1', undefined),
  order: fc.constantFrom('address', 'SOC', 'spread', 'temperature'),
  alarmsOnly: fc.boolean(),
  paused: fc.boolean(),
  summary: fc.boolean(),
  metric: fc.constantFrom(...METRICS),
  window: fc.integer({ min: 0, max: WINDOWS.length - 1 }),
  scroll: fc.integer({ min: 0, max: 200 }),
} as const)
/** One column wide wherever it is shown: no control, no combining, no double-width character. */
const PLAIN = /^[\x20-\x7e\u00a1-\u00ac\u00ae-\u024f\u0370-\u03ff\u0400-\u0482\u048a-\u052f\u2500-\u259f]*$/

function check(
  documents: readonly Values[],
  { columns, rows }: { columns: number; rows: number },
  state: typeof INITIAL,
) {
  const model = new MonitorModel({ source: '\u001b]0;世界/é.json', intervalMs: 10_000 })
  for (const [i, document] of documents.entries()) model.take(document, NOW + i * 5000)
  for (const glyphs of [ASCII, UNICODE]) {
    const own = look({ glyphs, history: model.history, metric: state.metric, window: state.window })
    const { lines } = drawScreen(model.content, state, own, { columns, rows })
    expect(lines.length).toBeLessThanOrEqual(rows)
    const plain = lines.map(line => painted(line, false))
    expect(plain.filter((text, i) => text.length > columns || text.length !== widthOf(lines[i]!))).toEqual([])
    expect(plain.filter(text => !(glyphs.isAscii ? /^[\x20-\x7e]*$/ : PLAIN).test(text))).toEqual([])
    expect(lines.map(line => painted(line, true).replaceAll(/\u001b\[[\d;]*m/g, ''))).toEqual(plain)
    const still = drawStill(model.content, own, columns, rows)
    expect(still.every(line => widthOf(line) <= columns)).toBe(true)
  }
}

describe('whatever there is to show', () => {
  test('no line is wider than the screen, and there are no more than it has rows', () => {
    fc.assert(
      fc.property(fc.array(anyPack, { maxLength: 20 }), size, view, (packs, area, state) => {
        check([{ packs: packs as Value[] }], area, state)
      }),
      { numRuns: 200 },
    )
  })

  test('a document that is nothing like a snapshot is no reason to fail', () => {
    const keys = fc.constantFrom('packs', 'analog', 'alarm', 'charge_info', 'cell_voltages', 'flags', 'system', 'x')
    const { tree } = fc.letrec(tie => ({
      tree: fc.oneof({ maxDepth: 5 }, number, text, fc.boolean(), tie('list'), tie('object')),
      list: fc.array(tie('tree'), { maxLength: 5 }),
      object: fc.dictionary(keys, tie('tree'), { maxKeys: 5 }),
    }))
    const document = fc.dictionary(keys, tree, { maxKeys: 6 }) as fc.Arbitrary<Values>
    fc.assert(
      fc.property(fc.array(document, { maxLength: 3 }), size, view, (documents, area, state) => {
        for (const one of documents) isSnapshot(one)
        check(documents, area, state)
      }),
      { numRuns: 200 },
    )
  })
})
