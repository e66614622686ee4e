import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { cellMark } from '../../../../src/protocols/pylontech/view/cells.ts'
import { painted } from '../../../../src/protocols/pylontech/view/paint.ts'
import { cellRange, spreadOf } from '../../../../src/protocols/pylontech/view/stack.ts'
import { moduleOf, pack, screenOf, snapshotOf, texts } from './snapshots.ts'

const marksOf = (volts: readonly number[], threshold = 10, codes?: readonly number[]) => {
  const module = moduleOf({ cell_voltages: [...volts], alarm: codes === undefined ? null : { cells: [...codes] } })
  const range = cellRange(module)
  return module.cells.map(cell => cellMark(cell, range, threshold))
}

describe('cells that drift apart', () => {
  test('stand out at 11 mV: the lowest on blue, the highest on red, each with its mark', () => {
    const marks = marksOf([3.295, 3.29, 3.301, 3.3])
    expect(marks.map(({ style }) => style)).toEqual(['plain', 'lowest', 'highest', 'plain'])
    expect(marks.map(({ mark }) => mark)).toEqual(['', '_', '=', ''])
    const volts = [3.295, 3.29, 3.301, 3.3, 3.3]
    const { lines } = screenOf(snapshotOf([pack(1, { cell_voltages: volts, alarm: null })]), 80, 24)
    const row = painted(lines.find(line => texts([line])[0]!.includes('3.290v'))!, true)
    expect(row).toMatch(/\u001b\[0;1;97;44m3\.290v_/)
    expect(row).toMatch(/\u001b\[0;1;97;41m3\.301v=/)
  })

  test('do not at exactly 10 mV, although 3.31 - 3.3 is more than 0.01 in binary fractions', () => {
    expect((3.31 - 3.3) * 1000).toBeGreaterThan(10)
    expect(marksOf([3.3, 3.31, 3.305]).every(({ mark }) => mark === '')).toBe(true)
    expect(marksOf([3.29, 3.3]).every(({ mark }) => mark === '')).toBe(true)
    expect(spreadOf(moduleOf({ cell_voltages: [3.3, 3.31] }))).toBe(10)
  })

  test('all stand out that share the lowest or the highest voltage', () => {
    expect(marksOf([3.29, 3.31, 3.29, 3.31, 3.3]).map(({ mark }) => mark)).toEqual(['_', '=', '_', '=', ''])
  })

  test('keep the colour of an alarm of their own', () => {
    const marks = marksOf([3.29, 3.31, 3.29], 10, [1, 2, 0])
    expect(marks.map(({ style }) => style)).toEqual(['low', 'high', 'lowest'])
    expect(marks.map(({ mark }) => mark)).toEqual(['v', '^', '_'])
  })

  test('stand out by the threshold that the user wants, strictly above it', () => {
    const millivolts = fc.array(fc.integer({ min: 2000, max: 4000 }), { minLength: 1, maxLength: 16 })
    fc.assert(
      fc.property(millivolts, fc.integer({ min: 0, max: 50 }), (cells, threshold) => {
        const apart = Math.max(...cells) - Math.min(...cells) > threshold
        const marks = marksOf(
          cells.map(value => value / 1000),
          threshold,
        )
        for (const [i, { mark }] of marks.entries()) {
          const isLow = cells[i] === Math.min(...cells)
          const isHigh = cells[i] === Math.max(...cells)
          expect(mark).toBe(!apart ? '' : isLow ? '_' : isHigh ? '=' : '')
        }
      }),
    )
  })
})
