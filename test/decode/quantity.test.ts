import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { parseQuantity, scale, unscale } from '../../src/decode/quantity.ts'
import { codecOf, decodedAs } from './definitions.ts'

describe('a quantity', () => {
  test('is scale, unit and offset, each as needed', () => {
    expect(parseQuantity('0.001 kW')).toEqual({ factor: 1, decimals: 3, unit: 'kW', offset: 0 })
    expect(parseQuantity('V')).toEqual({ factor: 1, decimals: 0, unit: 'V', offset: 0 })
    expect(parseQuantity('0.25')).toEqual({ factor: 25, decimals: 2, unit: '', offset: 0 })
    expect(parseQuantity('0.1 °C -2731')).toEqual({ factor: 1, decimals: 1, unit: '°C', offset: -2731 })
    expect(parseQuantity('°C-40')).toEqual({ factor: 1, decimals: 0, unit: '°C', offset: -40 })
    expect(parseQuantity('-0.1 A')).toEqual({ factor: -1, decimals: 1, unit: 'A', offset: 0 })
    expect(parseQuantity('%/min')?.unit).toBe('%/min')
  })

  test.each([
    '',
    ' ',
    '0 V',
    '0.0 V',
    '1e3 V',
    '0.1  V  x',
    'V A',
    '0.0000000001 V',
    `1 V +${'9'.repeat(20)}`,
    'x'.repeat(65),
  ])('is not %j', text => expect(parseQuantity(text)).toBeUndefined())

  test('of hostile length is refused at once', () => {
    const start = performance.now()
    expect(parseQuantity(`1${' '.repeat(1_000_000)}\t`)).toBeUndefined()
    expect(performance.now() - start).toBeLessThan(100)
  })
})

describe('scaling', () => {
  test('gives the decimals of the datasheet, not those of binary fractions', () => {
    // sums as on paper: 481 hundredths are 4.81; 0.01 * 481 is 4.8100000000000005 in floating point
    expect(decodedAs([0, 'u16', '0.01 A'], 'e101')).toBe(4.81)
    expect(decodedAs([0, 'u16', '0.1 °C -2731'], 'b40b')).toBe(26.5) // 2996 - 2731 = 265 tenths
    expect(decodedAs([0, 'i16', '-0.1 A'], '0000')).toBe(0)
    expect(Object.is(decodedAs([0, 'i16', '-0.1 A'], '0000'), -0)).toBe(false)
  })

  test('never gives more decimals than the scale has', () => {
    const raw = fc.integer({ min: -(2 ** 31), max: 2 ** 32 - 1 })
    fc.assert(
      fc.property(
        raw,
        fc.integer({ min: -999, max: 999 }),
        fc.nat(6),
        fc.integer({ min: -5000, max: 5000 }),
        (n, factor, decimals, offset) => {
          fc.pre(factor !== 0)
          const value = scale(n, { factor, decimals, unit: '', offset })
          expect(decimalsOf(value)).toBeLessThanOrEqual(decimals)
          expect(Math.round(unscale(value, { factor, decimals, unit: '', offset }))).toBe(n)
        },
      ),
    )
  })

  test('is undone by encoding, for every raw number that fits', () => {
    const codec = codecOf({ a: [0, 'u32', '0.001 kWh'], b: [4, 'i16be', '0.1 °C -400'], c: ['6.3', 'u5', '5 %'] })
    fc.assert(
      fc.property(fc.uint8Array({ minLength: 7, maxLength: 7 }), bytes => {
        bytes[6]! &= 0xf8
        expect(codec.encode(codec.decode(bytes))).toEqual(bytes)
      }),
    )
  })
})

function decimalsOf(value: number): number {
  const [digits = '', exponent = '0'] = String(value).split('e')
  return Math.max(0, (digits.split('.')[1] ?? '').length - Number(exponent))
}
