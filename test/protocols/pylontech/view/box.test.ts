import { describe, expect, test } from 'vitest'
import type { Values } from '../../../../src/core/values.ts'
import { box, boxHeight } from '../../../../src/protocols/pylontech/view/box.ts'
import { FLAGS } from '../../../../src/protocols/pylontech/view/flags.ts'
import { UNICODE } from '../../../../src/protocols/pylontech/view/glyphs.ts'
import type { Line } from '../../../../src/protocols/pylontech/view/line.ts'
import { painted } from '../../../../src/protocols/pylontech/view/paint.ts'
import { at, look, moduleOf, NO_ALARM, NOW, texts } from './snapshots.ts'

/* The rules are those of the page on the monitor's original: places, colours, marks; the numbers those of a real reply. */

const boxOf = (change: Values, wanted = {}) => {
  const module = moduleOf(change)
  return box(module, 80, boxHeight(module), look(wanted))
}
const alarm = (change: Values): Values => ({ alarm: { ...NO_ALARM, ...change } })
/** Column inside the frame. */
const inside = (line: Line | undefined, column: number) => at(line!, column + 1)

describe('the box of a module', () => {
  test('is the classic picture: 80 columns, 6 lines, the numbers of the real reply', () => {
    const lines = boxOf({ alarm: null, management: null })
    expect(lines).toHaveLength(6)
    const [top, first, second, third, fourth, bottom] = texts(lines)
    for (const text of [top, first, second, third, fourth, bottom]) expect(text).toHaveLength(80)
    expect(top).toBe('+Pack 1-------- 33.5Ah / 50.0Ah (67% SOC) / 49.545V @ -2.6A = -128W / 31 cycles+')
    expect(first).toMatch(/^\|3\.303v {2}3\.304v {2}3\.302v {2}3\.303v {2}3\.304v {2}/)
    expect(second).toMatch(/^\|3\.304v {2}3\.304v {2}3\.302v {2}3\.301v {2}3\.302v {2}/)
    expect(third).toMatch(/^\|3\.304v {2}3\.303v {2}3\.306v {2}3\.301v {2}3\.302v {2}/)
    expect(fourth).toMatch(/^\|23C 22C 22C 22C 22C {2}\(3\.301v - 3\.306v dV: {2}5mV\)/)
    expect(bottom).toMatch(/^\+-+\+$/)
  })

  test.each([
    [0, 40, 'CHG_CUR'],
    [0, 49, 'UV'],
    [0, 53, 'OV'],
    [0, 57, 'C_OC'],
    [0, 62, 'C_OT'],
    [0, 67, 'C_FET'],
    [0, 74, 'C_EN'],
    [1, 40, 'DIS_CUR'],
    [1, 49, 'CELL_UV'],
    [1, 57, 'D_OC'],
    [1, 62, 'D_OT'],
    [1, 67, 'D_FET'],
    [1, 74, 'D_EN'],
    [2, 40, 'VOLTAGE'],
    [2, 49, 'BUZ'],
    [2, 55, 'FULL'],
    [2, 62, 'ONBAT'],
    [2, 70, 'EDC'],
    [2, 75, 'ECC'],
    [3, 49, 'CI1'],
    [3, 53, 'CI2'],
    [3, 58, 'FCR'],
    [3, 63, 'S4: 000'],
    [3, 71, 'S5: 000'],
  ])('has in row %i, column %i the label %s', (row, column, label) => {
    expect(texts(boxOf({}))[row + 1]!.slice(column + 1)).toMatch(new RegExp(`^${label}(?![A-Z0-9_])`))
  })

  test.each([
    ['status1', 7, 'UV', 'red'],
    ['status1', 6, 'C_OT', 'red'],
    ['status1', 5, 'D_OT', 'red'],
    ['status1', 4, 'D_OC', 'red'],
    ['status1', 2, 'C_OC', 'red'],
    ['status1', 1, 'CELL_UV', 'red'],
    ['status1', 0, 'OV', 'red'],
    ['status2', 3, 'ONBAT', 'green'],
    ['status2', 2, 'D_FET', 'green'],
    ['status2', 1, 'C_FET', 'green'],
    ['status3', 7, 'ECC', 'green'],
    ['status3', 6, 'EDC', 'green'],
    ['status3', 3, 'FULL', 'green'],
    ['status3', 0, 'BUZ', 'red'],
    ['management', 7, 'C_EN', 'green'],
    ['management', 6, 'D_EN', 'green'],
    ['management', 5, 'CI1', 'red'],
    ['management', 4, 'CI2', 'red'],
    ['management', 3, 'FCR', 'red'],
  ])('%s bit %i alone sets %s, %s and with a mark', (word, bit, label, color) => {
    const none = { ...NO_ALARM, status1: 0, status2: 0, status3: 0 }
    const bits = { [word]: 1 << bit }
    const lines = boxOf({
      alarm: { ...none, ...bits },
      management: { status: word === 'management' ? 1 << bit : 0 },
    })
    const sgr = color === 'red' ? '1;31' : '32'
    const mark = color === 'red' ? '!' : '+'
    const colored = lines.map(line => painted(line, true)).join('\n')
    expect(colored).toContain(`\u001b[0;${sgr}m${mark}${label}`)
    const set = texts(lines)
      .join('\n')
      .match(/[!+][A-Z]\w*/g)!
    expect(set.filter(text => text !== '+Pack')).toEqual([mark + label]) // the frame has a corner of its own there
  })

  test('tells a flag that is not known from one that is not set', () => {
    expect(texts(boxOf({ alarm: null }))[1]).toContain('?UV')
    expect(texts(boxOf({ management: null }))[1]).toContain('?C_EN')
    expect(texts(boxOf({}))[1]).toContain(' UV')
  })

  test('shows status 4 and 5 as three decimal digits, red when not 0, and FAULT for the cells that they name', () => {
    const lines = boxOf(alarm({ status4: 0x04, status5: 0x40 })) // cells 3 and 15
    expect(inside(lines[4], 62)).toMatchObject({ style: 'alarm', text: expect.stringMatching(/^!S4: 004/) })
    expect(inside(lines[4], 70)).toMatchObject({ style: 'alarm', text: expect.stringMatching(/^!S5: 064/) })
    expect(inside(lines[1], 16)).toMatchObject({ style: 'fault', text: expect.stringMatching(/^FAULT!/) })
    expect(inside(lines[3], 32)).toMatchObject({ style: 'fault', text: expect.stringMatching(/^FAULT!/) })
    expect(texts(lines).join('').match(/FAULT/g)).toHaveLength(2)
  })

  test.each([
    [0, 'ok', '32', ''],
    [1, 'low', '31', 'v'],
    [2, 'high', '33', '^'],
    [0xf0, 'other', '35', 'F0'],
    [7, 'other', '35', '07'],
  ])('colours alarm code %i of a cell, a temperature and a current as %s', (code, style, sgr, mark) => {
    const codes = (count: number, own: number) => Array.from({ length: count }, (_, i) => (i === 1 ? own : 0))
    const lines = boxOf(alarm({ cells: codes(15, code), temps: codes(5, code), charge_current: code }))
    const cell = inside(lines[1], 8)
    expect(cell.style).toBe(style)
    expect(cell.text).toMatch(
      mark.length === 2 ? /^3\.304F0|^3\.30407/ : new RegExp(`^3\\.304v${mark.replace('^', '\\^')}`),
    )
    const temperature = lines[4]!.find(({ text }, i) => i > 1 && text.startsWith(`22C${mark}`))
    expect(temperature?.style).toBe(style)
    expect(inside(lines[1], 40).style).toBe(style)
    expect(painted(lines[1]!, true)).toContain(`\u001b[0;${sgr}m`)
  })

  test('is bounded by its frame whatever the cells and temperatures are', () => {
    const strange = { cell_voltages: [-1.5, 12.345, 1e300, null, 3.3], temperatures: [-12, 100, -100, 1e9, null] }
    for (const text of texts(boxOf(strange))) expect(text).toHaveLength(80)
    const row = texts(boxOf(strange))[4]!
    expect(row).toContain('-12C ')
    expect(row).toContain('100C ')
    expect(texts(boxOf({ temperatures: [-12, -12, -12, -12, -12] }))[4]).toMatch(/\|-12C -12C -12C -12C -12C /)
  })

  test.each([
    [8, 6],
    [15, 6],
    [16, 6],
    [18, 6],
    [24, 7],
  ])('has room for %i cells in %i lines', (count, lines) => {
    const cells = Array.from({ length: count }, (_, i) => 3.2 + i / 1000)
    const drawn = boxOf({ cell_voltages: cells, alarm: null })
    expect(drawn).toHaveLength(lines)
    for (const cell of cells) expect(texts(drawn).join('\n')).toContain(cell.toFixed(3))
    for (const text of texts(drawn)) expect(text).toHaveLength(80)
  })

  test.each([1, 5, 6, 8])('has room for %i temperatures, and behind them for the spread', count => {
    const temperatures = Array.from({ length: count }, (_, i) => 20 + i)
    const row = texts(boxOf({ temperatures }))[4]!
    for (const value of temperatures) expect(row).toContain(`${value}C`)
    expect(row).toContain('5mV')
    expect(row.slice(49 + 1)).toMatch(/^CI1/)
  })

  test('has room for the largest module, with what matters least left out', () => {
    const [top] = texts(
      boxOf({ pack: 12, remaining_ah: 100, total_ah: 100, voltage: 53.25, current: -100, cycles: 12345 }),
    )
    expect(top).toHaveLength(80)
    expect(top).toContain('Pack 12')
    expect(top).toContain('(100% SOC) / 53.250V @ -100.0A = -5325W')
  })

  test('cuts percent and watts off towards zero', () => {
    // 49.545 x 2.6 = 128.817; 33.9 of 50 are 67.8 %
    expect(texts(boxOf({ current: 2.6, remaining_ah: 33.9 }))[0]).toContain('(67% SOC) / 49.545V @  2.6A = 128W')
    // binary fractions would make 28.999999999999996 % of 29 %
    expect(texts(boxOf({ remaining_ah: 14.5 }))[0]).toContain('(29% SOC)')
  })

  test('is dim when its module is stale, with age and error, its values still there', () => {
    for (const change of [{ stale: true, error: 'timeout' }, { error: 'RTN 91' }]) {
      const lines = boxOf(change)
      expect(lines.flat().every(({ dim }) => dim === true)).toBe(true)
      expect(texts(lines)[1]).toContain('3.303v')
      expect(texts(lines)[5]).toContain(`stale 4 s: ${change.error}`)
    }
    const late = boxOf({}, { now: NOW + 60_000 })
    expect(texts(late)[5]).toContain('stale 1 min')
    expect(
      boxOf({})
        .flat()
        .some(({ dim }) => dim === true),
    ).toBe(false)
  })

  test('has a frame of lines where the terminal can show them', () => {
    const lines = texts(boxOf({}, { glyphs: UNICODE }))
    expect(lines[0]).toMatch(/^┌Pack 1─+ .*┐$/)
    expect(lines[1]).toMatch(/^│.*│$/)
    expect(lines[5]).toMatch(/^└─+┘$/)
  })
})

test('every status bit that has a name has a place of its own', () => {
  const bits = FLAGS.map(({ word, bit }) => `${word}.${bit}`)
  expect(new Set(bits).size).toBe(FLAGS.length)
  const places = FLAGS.flatMap(({ at: place }) => (place === undefined ? [] : [place.join(',')]))
  expect(new Set(places).size).toBe(places.length)
})
