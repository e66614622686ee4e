import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { DecodeError } from '../../src/core/errors.ts'
import type { Definition } from '../../src/decode/definition.ts'
import { codecOf, encoded, hex } from './definitions.ts'

// Byte sequences of the encoding guide of Protocol Buffers: 08 96 01 is field 1 = 150, 12 07 ... field 2 = "testing",
// 1a 03 08 96 01 field 3 holding field 1 = 150; -2 as int64 takes ten bytes.
const FILE: Partial<Definition> = { unit: 'protobuf' }

describe('protobuf', () => {
  test('gives fields by number, nested ones with a dot', () => {
    const codec = codecOf({ a: [1, 'u32'], b: ['2', 'ascii1'], c: ['3.1', 'u32', '0.1 V'] }, FILE)
    expect(codec.decode(hex('089601 120774657374696e67 1a03089601'))).toEqual({ a: 150, b: 'testing', c: 15 })
  })

  test('gives fields that have no name under their numbers', () => {
    const values = codecOf({}, FILE).decode(hex('089601 120774657374696e67 1a03089601 25 0000803f'))
    expect(values).toEqual({ 1: 150, 2: 'testing', '3.1': 150, 4: 1 })
  })

  test('reads negative, fixed and 64-bit numbers', () => {
    expect(codecOf({ a: [1, 'i64'] }, FILE).decode(hex('08feffffffffffffffff01'))).toEqual({ a: -2 })
    expect(codecOf({ a: [1, 'u64'] }, FILE).decode(hex('08ffffffffffffffffff01'))).toEqual({ a: 18446744073709551615n })
    expect(codecOf({ a: [1, 'f32'] }, FILE).decode(hex('0d cdcccc3d'))).toEqual({ a: 0.1 })
    expect(codecOf({ a: [1, 'f64'] }, FILE).decode(hex('09 182d4454fb210940'))).toEqual({ a: Math.PI })
    expect(codecOf({ a: [1, 'bool'] }, FILE).decode(hex('0801'))).toEqual({ a: true })
  })

  test('makes a list of what occurs several times', () => {
    expect(codecOf({ a: [1, 'u8'] }, FILE).decode(hex('0801 0802 0803'))).toEqual({ a: [1, 2, 3] })
  })

  test('leaves out what is absent, unpublished or a guess', () => {
    const codec = codecOf({ a: [1, 'u8'], _b: [2, 'u8'], c: [3, 'u8', { confidence: 'guess' }] }, FILE)
    expect(codec.decode(hex('1002 1803'))).toEqual({})
    expect(codec.decode(hex('1803'), { guesses: true })).toEqual({ c: 3 })
  })

  test.each(['08', '08ff', '1205', '0d0000', '0b', '12ffffffffffffffffff01', '08ffffffffffffffffffff'])(
    '%s is a DecodeError',
    bytes => expect(() => codecOf({}, FILE).decode(hex(bytes))).toThrow(DecodeError),
  )

  test('never crashes on other bytes', () => {
    const codec = codecOf({ a: [1, 'u8'], b: ['2.1', 'ascii4'] }, FILE)
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), bytes => {
        try {
          codec.decode(bytes)
        } catch (error) {
          expect(error).toBeInstanceOf(DecodeError)
        }
      }),
    )
  })

  test('is written with the bytes of the guide', () => {
    const codec = codecOf({ a: [1, 'u32'], b: ['2', 'ascii1'], c: ['3.1', 'u32'] }, FILE)
    expect(encoded(codec, { c: 150, a: 150 })).toBe('0896011a03089601')
  })
})
