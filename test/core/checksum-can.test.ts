import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { crc8GsmA, invertedSum8 } from '../../src/core/checksum.ts'

const CAPTURES = process.env['WATTZUP_CAPTURES']

test('CRC-8/GSM-A gives the check value of the catalogue of CRCs', () => {
  expect(crc8GsmA(Buffer.from('123456789'), 0, 9)).toBe(0x37)
})

test('CRC-8/GSM-A of bytes 1 to 7 is byte 0 in all 14 frames that a car sends to an MG4 pack', () => {
  const frames =
    '8100457D7FFEFFFE DC01457D7FFEFFFE B402457D7FFFFFFE E903457D7FFFFFFE E804457D7FFEFFFE B505457D7FFEFFFE DD06457D7FFFFFFE ' +
    '0F07457D7FFEFFFE 5308457D7FFEFFFE 8109457D7FFFFFFE 660A457D7FFFFFFE B40B457D7FFEFFFE 3A0C457D7FFEFFFE 0F0E457D7FFFFFFE'
  const wrong = frames.split(' ').filter(hex => {
    const bytes = Buffer.from(hex, 'hex')
    return crc8GsmA(bytes, 1, 8) !== bytes[0]
  })
  expect(wrong).toEqual([])
})

test('the inverted sum of bytes 0 to 6 is byte 7 of real frames', () => {
  const frames = ['555501D6476810BF', 'A4018813636300F9', '84411F0000000813', 'D300FA0100CB0165', '983A88136201FF30']
  for (const hex of frames) {
    const bytes = Buffer.from(hex, 'hex')
    expect(invertedSum8(bytes, 0, 7)).toBe(bytes[7])
  }
})

test.skipIf(CAPTURES === undefined)('it is so in all 508 frames of a recording that closes and opens a pack', () => {
  const rows = readFileSync(join(CAPTURES!, 'batgw/atto3-close-run-15s.csv'), 'utf8').trim().split(/\r?\n/).slice(1)
  const frames = rows.map(row => Uint8Array.from(row.split(',').slice(6, 14), byte => Number.parseInt(byte, 16)))
  expect(frames).toHaveLength(508)
  expect(frames.filter(bytes => invertedSum8(bytes, 0, 7) !== bytes[7])).toEqual([])
})
