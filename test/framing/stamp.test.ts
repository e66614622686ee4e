import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { CanFrame } from '../../src/core/can.ts'
import { ByteWriter } from '../../src/core/writer.ts'
import { MICRO_STAMP, parseDecimalTime, parseMicroStamp, parseStamp, writeTime } from '../../src/framing/stamp.ts'

const NOBODY = { readTime: () => {}, writeStamp: () => {}, writeInterface: () => {} }

function time(text: string, parse = parseDecimalTime): [number, number] {
  const frame = new CanFrame(NOBODY)
  const bytes = Buffer.from(`(${text})5`)
  parse(frame, bytes, 1, bytes.length - 2)
  return [frame.seconds, frame.nanos]
}

describe('decimal seconds', () => {
  test.each([
    ['1.5', 1, 500_000_000],
    ['0', 0, 0],
    ['-0', 0, 0],
    ['-1', -1, 0],
    ['-0.000001', -1, 999_999_000],
    ['-2.25', -3, 750_000_000],
    ['1700000000.1', 1_700_000_000, 100_000_000],
    ['1700000000.12', 1_700_000_000, 120_000_000],
    ['1700000000.123', 1_700_000_000, 123_000_000],
    ['1700000000.1234', 1_700_000_000, 123_400_000],
    ['1700000000.12345', 1_700_000_000, 123_450_000],
    ['1700000000.123456', 1_700_000_000, 123_456_000],
    ['1700000000.1234567', 1_700_000_000, 123_456_700],
    ['1700000000.12345678', 1_700_000_000, 123_456_780],
    ['1700000000.123456789', 1_700_000_000, 123_456_789],
    ['1700000000.1234567899', 1_700_000_000, 123_456_789],
    ['00000000000000166.000000', 166, 0],
    ['', 0, 0],
    ['x', 0, 0],
  ])('%s is %i s %i ns', (text, seconds, nanos) => {
    expect(time(text)).toEqual([seconds, nanos])
  })

  test('are exact for any number of nanoseconds, before and after the zero point', () => {
    fc.assert(
      fc.property(fc.bigInt(-(10n ** 18n), 10n ** 18n), total => {
        const size = total < 0n ? -total : total
        const text = `${total < 0n ? '-' : ''}${size / 1_000_000_000n}.${String(size % 1_000_000_000n).padStart(9, '0')}`
        const [seconds, nanos] = time(text)
        expect(BigInt(seconds) * 1_000_000_000n + BigInt(nanos)).toBe(total)
        expect(nanos).toBeGreaterThanOrEqual(0)
      }),
    )
  })

  test('stop at the last second a date can have', () => {
    expect(time('9'.repeat(400))).toEqual([8_640_000_000_000, 0])
  })
})

describe('the usual stamp, read four digits at once', () => {
  const quick = (text: string) => {
    const bytes = Buffer.from(text.padEnd(32, ')'), 'latin1')
    const result = { seconds: 0, nanos: 0 }
    const isOne = parseMicroStamp(result, new DataView(bytes.buffer, bytes.byteOffset, bytes.length), 0)
    return isOne ? [result.seconds, result.nanos] : undefined
  }

  test('is the same time', () => {
    fc.assert(
      fc.property(fc.nat(9_999_999), fc.nat(999), fc.nat(999_999), (high, low, micros) => {
        const text = `${String(high).padStart(7, '0')}${String(low).padStart(3, '0')}.${String(micros).padStart(6, '0')}`
        expect(text).toHaveLength(MICRO_STAMP)
        expect(quick(text)).toEqual(time(text))
      }),
    )
  })

  test('with any other character is none', () => {
    const usual = '1700000000.123456'
    for (let at = 0; at < MICRO_STAMP; at++) {
      for (let code = 0; code < 256; code++) {
        const isOne = at === 10 ? code === 46 : code >= 48 && code <= 57
        const bytes = Buffer.from(usual)
        bytes[at] = code
        expect([at, code, quick(bytes.toString('latin1')) !== undefined]).toEqual([at, code, isOne])
      }
    }
  })
})

test('a date and time is local', () => {
  const local = Math.floor(new Date('2023-11-14T22:13:20').getTime() / 1000)
  expect(time('2023-11-14 22:13:20.001500', parseStamp)).toEqual([local, 1_500_000])
  expect(time('2023-11-14 22:13:20', parseStamp)).toEqual([local, 0])
})

test('times are written with 6 decimals, and with 9 where those are needed', () => {
  const text = (seconds: number, nanos: number) => {
    let all = ''
    const out = new ByteWriter(block => {
      all += Buffer.from(block).toString()
    })
    writeTime({ seconds, nanos }, out)
    out.flush()
    return all
  }
  expect(text(0, 0)).toBe('0.000000')
  expect(text(0, 1_500_000)).toBe('0.001500')
  expect(text(-1, 998_500_000)).toBe('-0.001500')
  expect(text(-2, 0)).toBe('-2.000000')
  expect(text(1_709_845_200, 32_995_000)).toBe('1709845200.032995')
  expect(text(1_709_845_200, 32_995_001)).toBe('1709845200.032995001')
  expect(text(166, 64_000_000)).toBe('166.064000')
})

test('written times are read as what they were', () => {
  fc.assert(
    fc.property(fc.integer({ min: -2_000_000_000, max: 8_640_000_000_000 }), fc.nat(999_999_999), (seconds, nanos) => {
      let all = ''
      const out = new ByteWriter(block => {
        all += Buffer.from(block).toString()
      })
      writeTime({ seconds, nanos }, out)
      out.flush()
      expect(time(all)).toEqual([seconds, nanos])
    }),
  )
})
