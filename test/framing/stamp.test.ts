import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { CanFrame } from '../../src/core/can.ts'
import { ByteWriter } from '../../src/core/writer.ts'
import { parseDecimalTime, parseStamp, writeMicros } from '../../src/framing/stamp.ts'

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

test('a date and time is local', () => {
  const local = Math.floor(new Date('2023-11-14T22:13:20').getTime() / 1000)
  expect(time('2023-11-14 22:13:20.001500', parseStamp)).toEqual([local, 1_500_000])
  expect(time('2023-11-14 22:13:20', parseStamp)).toEqual([local, 0])
})

test('microseconds are written with 6 decimals', () => {
  const text = (micros: number) => {
    let all = ''
    const out = new ByteWriter(block => {
      all += Buffer.from(block).toString()
    })
    writeMicros(micros, out)
    out.flush()
    return all
  }
  expect(text(0)).toBe('0.000000')
  expect(text(1_500)).toBe('0.001500')
  expect(text(-1_500)).toBe('-0.001500')
  expect(text(1_709_845_200_032_995)).toBe('1709845200.032995')
  expect(text(166_064_000)).toBe('166.064000')
})
