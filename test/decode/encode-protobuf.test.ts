import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { DecodeError } from '../../src/core/errors.ts'
import type { Definition, FieldRow } from '../../src/decode/definition.ts'
import { StructSet } from '../../src/decode/struct-set.ts'
import { definitions } from '../protocols/ecoflow/slow-reader.ts'

function codecOf(fields: Record<string, FieldRow>) {
  const definition: Definition = { family: 'test', unit: 'protobuf', messages: { only: { fields } } }
  return new StructSet('test', definition).message('only')!
}

const hexOf = (fields: Record<string, FieldRow>, values: Parameters<ReturnType<typeof codecOf>['encode']>[0]) =>
  Buffer.from(codecOf(fields).encode(values)).toString('hex')

describe('protobuf encoding', () => {
  test('gives the bytes of the public documentation', () => {
    // developers.google.com "Encoding": Test1 {a: 150}, Test2 {b: "testing"}, Test3 {c: {a: 150}}, packed apart
    expect(hexOf({ a: ['1', 'i32'] }, { a: 150 })).toBe('089601')
    expect(hexOf({ b: ['2', 'ascii7'] }, { b: 'testing' })).toBe('120774657374696e67')
    expect(hexOf({ c: ['3.1', 'i32'] }, { c: 150 })).toBe('1a03089601')
    expect(hexOf({ e: ['5', 'u32'] }, { e: [1, 2, 3] })).toBe('280128022803')
    expect(hexOf({ n: ['1', 'i32'] }, { n: -2 })).toBe('08feffffffffffffffff01')
  })

  test('gives the bytes of the examples, which an independent script made', () => {
    for (const name of ['powerstream_heartbeat', 'powerstream_heartbeat_2']) {
      const codec = definitions.messages.message(name)!
      for (const { hex, expect: values } of codec.message.examples!) {
        expect(
          Buffer.from(codec.encode(values as never))
            .toString('hex')
            .toUpperCase(),
        ).toBe(hex.toUpperCase())
      }
    }
  })

  test('is undone by decoding', () => {
    const codec = codecOf({
      late: ['300', 'u64'],
      small: ['1', 'i32', '0.1 V'],
      exact: ['5.2.7', 'f64'],
      near: ['5.2.8', 'f32'],
      text: ['5.1', 'ascii8'],
      on: ['4', 'bool'],
    })
    const values = fc.record({
      late: fc.bigInt(9_007_199_254_740_993n, 2n ** 64n - 1n),
      small: fc.integer({ min: -(2 ** 31), max: 2 ** 31 - 1 }).map(raw => raw / 10),
      exact: fc.double({ noNaN: true, noDefaultInfinity: true }),
      near: fc.integer({ min: -1000, max: 1000 }).map(quarters => quarters / 4),
      text: fc.stringMatching(/^[a-z]{1,8}$/),
      on: fc.boolean(),
    })
    fc.assert(
      fc.property(values, given => {
        expect(codec.decode(codec.encode(given))).toEqual(given)
      }),
    )
  })

  test('leaves out what has no value', () => {
    expect(hexOf({ a: ['1', 'u32'], b: ['2.1', 'u32'] }, {})).toBe('')
  })

  test('refuses what does not fit', () => {
    const bad: [FieldRow, unknown][] = [
      [['1', 'u32'], -1],
      [['1', 'u32'], 2 ** 32],
      [['1', 'i32'], 2 ** 31],
      [['1', 'u32'], Number.NaN],
      [['1', 'u32'], Number.POSITIVE_INFINITY],
      [['1', 'u32'], 'seven'],
      [['1', 'f32'], 1e39],
      [['1', 'bool'], 2],
    ]
    for (const [row, value] of bad) expect(() => hexOf({ a: row }, { a: value as never })).toThrow(DecodeError)
    const around = { a: ['1.2', 'u32'], b: ['1', 'u32'] } as const
    expect(() => hexOf(around, { a: 1, b: 1 })).toThrow('b lies around another field')
    expect(() => hexOf({ b: around.b, a: around.a }, { a: 1, b: 1 })).toThrow('a lies inside a field')
  })
})
