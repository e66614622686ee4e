import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { Shape } from '../../../src/sinks/mqtt/shape.ts'
import { field, VOLTAGE } from './setup.ts'

const CELLS = field('cells', { unit: 'V', kind: 'voltage', decimals: 3, array: true })
const PACKS = field('packs', {
  type: 'object',
  array: true,
  fields: [field('soc', { unit: '%' }), field('temps', { unit: '°C', array: true })],
})

describe('the shape of values', () => {
  test('tells what is new, once', () => {
    const shape = new Shape()
    expect(shape.see({ voltage: 48 }, [VOLTAGE, CELLS])).toBe(true)
    expect(shape.see({ voltage: 49 }, [VOLTAGE, CELLS])).toBe(false)
    expect(shape.see({ cells: [3.3, 3.2] }, [VOLTAGE, CELLS])).toBe(true)
    expect(shape.see({ cells: [3.3] }, [VOLTAGE, CELLS])).toBe(false)
    expect(shape.see({ cells: [3.3, 3.3, 3.3] }, [VOLTAGE, CELLS])).toBe(true)
    expect(shape.leaves.map(({ path }) => path)).toEqual([['voltage'], ['cells', 0], ['cells', 1], ['cells', 2]])
  })

  test('fills up with null what was there once', () => {
    const shape = new Shape()
    shape.see(
      {
        voltage: 48,
        packs: [
          { soc: 50, temps: [1, 2] },
          { soc: 60, temps: [] },
        ],
      },
      [VOLTAGE, PACKS],
    )
    expect(shape.complete({ packs: [{ soc: 51 }], other: 1 })).toEqual({
      voltage: null,
      packs: [
        { soc: 51, temps: [null, null] },
        { soc: null, temps: null },
      ],
      other: 1,
    })
    expect(shape.complete({ packs: null })).toEqual({
      voltage: null,
      packs: [
        { soc: null, temps: [null, null] },
        { soc: null, temps: null },
      ],
    })
  })

  test('knows floating-point numbers by their values', () => {
    const shape = new Shape()
    const float = field('f', { unit: 'V' })
    shape.see({ f: 3 }, [float])
    expect(shape.leaves[0]!.fractional).toBe(false)
    expect(shape.see({ f: 3.25 }, [float])).toBe(true)
    expect(shape.leaves[0]!.fractional).toBe(true)
  })

  test('takes any values for any fields, and every path of it leads to something then', () => {
    const fields = [VOLTAGE, CELLS, PACKS, field('one', { type: 'object', fields: [VOLTAGE] })]
    const values = fc.dictionary(fc.constantFrom(...fields.map(({ name }) => name)), fc.jsonValue())
    fc.assert(
      fc.property(fc.array(values, { maxLength: 5 }), values, (seen, last) => {
        const shape = new Shape()
        for (const each of seen) shape.see(each as never, fields)
        const complete = shape.complete(last as never) as never
        for (const { path } of shape.leaves) {
          expect(path.reduce((at: unknown, step) => (at as never)[step], complete)).not.toBe(undefined)
        }
      }),
    )
  })

  test('does not grow without end', () => {
    const shape = new Shape()
    shape.see({ cells: Array.from({ length: 1000 }, () => 3.3) }, [CELLS])
    expect(shape.leaves).toHaveLength(64)
    const fields = Array.from({ length: 5000 }, (_, i) => field(`f${i}`))
    const values = Object.fromEntries(fields.map(({ name }) => [name, 1]))
    shape.see(values, fields)
    expect(shape.leaves.length).toBeLessThan(4001)
  })
})
