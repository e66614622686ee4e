import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { DecodeError } from '../../src/core/errors.ts'
import type { Value } from '../../src/core/values.ts'
import type { FieldRow } from '../../src/decode/definition.ts'
import { codecOf, encoded } from './definitions.ts'

describe('encoding refuses', () => {
  const refused: [string, FieldRow, Value][] = [
    ['too large a number', [0, 'u8'], 256],
    ['a negative one without sign', [0, 'u16'], -1],
    ['too small a signed one', [0, 'i8'], -129],
    ['a scaled number that does not fit', [0, 'u16', '0.1 V'], 6553.6],
    ['infinity', [0, 'u32'], Number.POSITIVE_INFINITY],
    ['not a number', [0, 'u8'], Number.NaN],
    ['a number too large for a single', [0, 'f32'], 1e300],
    ['a bigint that does not fit', [0, 'u64'], 2n ** 64n],
    ['a text for a number', [0, 'u8'], 'five'],
    ['an unknown text of an enumeration', [0, 'u8', { enum: { 1: 'on' } }], 'off'],
    ['an unknown flag', [0, 'u8', { flags: { 1: 'on' } }], ['off']],
    ['a flag beyond the word', [0, 'u8', { flags: { 1: 'on' } }], ['bit8']],
    ['a number for a truth', [0, 'bool'], 1],
    ['null without a marker', [0, 'u8'], null],
    ['too long a text', [0, 'ascii2'], 'abc'],
    ['a text that is not Latin-1', [0, 'ascii4'], '€'],
    ['what is no hex', [0, 'hex2'], 'xy'],
    ['half a byte of hex', [0, 'hex2'], 'abc'],
    ['what is no version', [0, 'dqbe'], '1.2.3'],
    ['a part of a version beyond a byte', [0, 'dqbe'], '1.2.3.256'],
    ['what is no time', [0, 'hhmm'], 'noon'],
    ['a power factor beyond 1', [0, 'pf'], 1.2],
    ['one element too few', [0, 'u8', { repeat: 2 }], [1]],
    ['a number for an array', [0, 'u8', { repeat: 2 }], 1],
  ]
  test.each(refused)('%s', (_, row, value) => {
    expect(() => codecOf({ x: row }).encode({ x: value })).toThrow(DecodeError)
  })

  test('and says which field and why', () => {
    expect(() => codecOf({ amps: [0, 'u8'] }).encode({ amps: 300 })).toThrow(
      'amps does not fit: raw 300 is not within 0 to 255',
    )
  })
})

describe('encoding', () => {
  test('is the inverse of decoding for whatever can be read', () => {
    const codec = codecOf({
      a: [0, 'i24be'],
      mode: [3, 'u8', { enum: { 0: 'off', 1: 'on' } }],
      faults: [4, 'u16', { flags: { 0: 'comm', 9: 'fan' } }],
      temp: [6, 'u8', '°C -40', { na: 255 }],
      big: [7, 'u64'],
      half: ['15.4', 'u4'],
      open: ['15.0', 'bool'],
    })
    fc.assert(
      fc.property(fc.uint8Array({ minLength: 16, maxLength: 16 }), bytes => {
        bytes[15]! &= 0xf1
        expect(codec.encode(codec.decode(bytes))).toEqual(bytes)
      }),
    )
  })

  test('fills what no field covers with zeros, up to the length that is asked for', () => {
    expect(encoded(codecOf({ x: [2, 'u8'] }), { x: 1 })).toBe('000001')
    expect(Buffer.from(codecOf({ x: [0, 'u8'] }).encode({ x: 1 }, 4)).toString('hex')).toBe('01000000')
  })

  test('keeps neighbouring bits', () => {
    const codec = codecOf({ low: ['0.0', 'u4'], high: ['0.4', 'u4'] })
    expect(encoded(codec, { low: 5, high: 10 })).toBe('a5')
  })

  test('rounds to the nearest raw number', () => {
    expect(encoded(codecOf({ x: [0, 'u16', '0.1 V'] }), { x: 24.06 })).toBe('f100')
  })

  test('gives the marker for null, and a float that is no number', () => {
    expect(encoded(codecOf({ x: [0, 'u16', { na: 65535 }] }), { x: null })).toBe('ffff')
    expect(encoded(codecOf({ x: [0, 'f32be'] }), { x: null })).toBe('7fc00000')
  })
})
