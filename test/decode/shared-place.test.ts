import { describe, expect, test } from 'vitest'
import { checkDefinition } from '../../src/decode/check.ts'
import type { Definition, FieldRow } from '../../src/decode/definition.ts'
import { StructSet } from '../../src/decode/struct-set.ts'
import { codecOf, encoded, hex } from './definitions.ts'

describe('a place that two fields share', () => {
  const types = { bits: { fields: { high: ['1.7', 'bool'], low: ['0.0', 'bool'] } as Record<string, FieldRow> } }
  const fields: Record<string, FieldRow> = {
    _n: [0, 'u8'],
    codes: ['+', 'u8', { repeat: '_n' }],
    status1: ['+', 'u8'],
    flags: ['=status1', '@bits'],
    status2: ['+', 'u8'],
    after: ['+', 'u8'],
  }

  test('gives the bits of words that follow an array, and moves nothing behind them', () => {
    const values = { codes: [7, 8], status1: 1, flags: { high: true, low: true }, status2: 128, after: 5 }
    const codec = codecOf(fields, { types })
    expect(codec.decode(hex('02 0708 01 80 05'))).toEqual(values)
    expect(encoded(codec, values)).toBe('020708018005')
  })

  test('is missing where the payload ends before it', () => {
    const codec = codecOf(fields, { types })
    expect(codec.decode(hex('02 07'), { short: 'omit' })).toEqual({ codes: [7], flags: {} })
  })

  test('is passed over with the field that it belongs to', () => {
    const codec = codecOf({ n: [0, 'u8'], a: ['+', 'u8', { when: ['n', '==', 1] }], b: ['=a', 'i8'], c: ['+', 'u8'] })
    expect(codec.decode(hex('01 ff 07'))).toEqual({ n: 1, a: 255, b: -1, c: 7 })
    expect(codec.decode(hex('00 07'))).toEqual({ n: 0, c: 7 })
  })

  test.each([
    ['=later', 'later must come before what begins at its place'],
    ['+-2', '"+-2" is not a place'],
    ['-1', '"-1" is not a place'],
  ])('%s is refused', (place, problem) => {
    const text = JSON.stringify({
      family: 'test',
      messages: { m: { note: 'no example', fields: { first: [place, 'u8'], later: [0, 'u8'] } } },
    })
    expect(checkDefinition(text, 'x.json').problems[0]).toMatchObject({ place: 'm.first', text: problem })
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
