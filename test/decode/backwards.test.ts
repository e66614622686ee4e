import { describe, expect, test } from 'vitest'
import type { Definition, FieldRow } from '../../src/decode/definition.ts'
import { StructSet } from '../../src/decode/struct-set.ts'
import { codecOf, encoded, hex } from './definitions.ts'

describe('a place that goes back', () => {
  const types = { bits: { fields: { high: ['1.7', 'bool'], low: ['0.0', 'bool'] } as Record<string, FieldRow> } }
  const fields: Record<string, FieldRow> = {
    _n: [0, 'u8'],
    codes: ['+', 'u8', { repeat: '_n' }],
    status1: ['+', 'u8'],
    status2: ['+', 'u8'],
    flags: ['+-2', '@bits'],
    after: ['+', 'u8'],
  }

  test('reads the bits of words that follow an array, and goes on behind them', () => {
    const values = { codes: [7, 8], status1: 1, status2: 128, flags: { high: true, low: true }, after: 5 }
    const codec = codecOf(fields, { types })
    expect(codec.decode(hex('02 0708 01 80 05'))).toEqual(values)
    expect(encoded(codec, values)).toBe('020708018005')
  })

  test('reads nothing where the payload ended before it', () => {
    const codec = codecOf(fields, { types })
    expect(codec.decode(hex('02 0708 01'), { short: 'omit' })).toEqual({ codes: [7, 8], status1: 1, flags: {} })
  })

  test('may not leave its message', () => {
    const codec = codecOf({ a: [0, 'u8'], b: ['+-2', 'u8'] })
    expect(() => codec.decode(hex('0102'))).toThrow('b goes back before the first byte')
    expect(() => codec.encode({ a: 1, b: 2 })).toThrow('b goes back before the first byte')
  })
})

test('fields of an object are described with it, and values that are derived inside it', () => {
  const definition: Definition = {
    family: 'test',
    types: { pack: { fields: { voltage: [0, 'u8', '0.1 V'], _spare: [1, 'u8'] } } },
    messages: {
      m: {
        fields: { packs: [0, '@pack', { repeat: 2 }] },
        derived: { 'packs.power': ['0.1 W', { label: 'Power' }], total: ['W'] },
      },
    },
  }
  const described = new StructSet('test', definition).message('m')!.fields
  expect(described.map(({ name }) => name)).toEqual(['packs', 'total'])
  expect(described[0]!.fields!.map(({ name, unit }) => [name, unit])).toEqual([
    ['voltage', 'V'],
    ['power', 'W'],
  ])
})
