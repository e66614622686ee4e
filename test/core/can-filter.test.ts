import { describe, expect, test } from 'vitest'
import type { CanFrame } from '../../src/core/can.ts'
import { isFilter, NO_FILTERS, parseFilters, passes } from '../../src/core/can-filter.ts'
import { createReader } from '../../src/framing/detect.ts'
import { readFrames } from '../framing/read-frames.ts'

/** Frames that were on vcan0 while `candump -L vcan0,FILTER` of can-utils 2020.11 ran. */
const SENT = [
  ...['123#DEADBEEF01020304', '7FF#', '123#R4', '123#R', '456##0000102030405060708090A0B'],
  ...['18FF50E5#A1B2C3', '123#1122', '00000123#01', '1FFFFFFF#R8', '20000088#0000800000001122'],
]

/** Those that a filter lets through. */
function passed(filters: string): string[] {
  const parsed = filters === '' ? NO_FILTERS : parseFilters(filters.split(','))
  return SENT.filter(text => {
    let result = false
    const take = (frame: CanFrame) => {
      result = passes(parsed, frame)
    }
    readFrames(() => createReader('candump', { frame: take }), `(1.000000) vcan0 ${text}\n`)
    return result
  })
}

describe('filters', () => {
  // the expected lists are what candump printed
  test.each([
    ['123:7FF', ['123#DEADBEEF01020304', '123#R4', '123#R', '123#1122', '00000123#01']],
    ['123~7FF', ['7FF#', '456##0000102030405060708090A0B', '18FF50E5#A1B2C3', '1FFFFFFF#R8']],
    ['00000123:DFFFFFFF', ['00000123#01']],
    ['0~0,#FFFFFFFF', ['20000088#0000800000001122']],
    ['400:400,20:20,j', ['7FF#', '1FFFFFFF#R8']],
    ['123:C00007FF', ['123#DEADBEEF01020304', '123#1122']],
  ])('%s lets through what candump lets through', (filters, expected) => {
    expect(passed(filters)).toEqual(expected)
  })

  test('of none are no condition, and error frames are wanted then', () => {
    expect(passed('')).toEqual(SENT)
  })

  test('of errors look at the classes', () => {
    expect(passed('0~0,#00000010')).toEqual([])
    expect(passed('0~0,#00000080')).toEqual(['20000088#0000800000001122'])
  })

  test('several are alternatives', () => {
    expect(passed('7FF:7FF,456:7FF')).toEqual(['7FF#', '456##0000102030405060708090A0B', '1FFFFFFF#R8'])
  })

  test.each(['', '123', '123:', '123:7FF,', 'x:7FF', '123:7FFFFFFFF', '#', 'jj'])('%j is none', text => {
    expect(() => parseFilters(text.split(','))).toThrow('is no filter; write ID:MASK, ID~MASK, #ERRORMASK or j')
    expect(text.split(',').every(isFilter)).toBe(false)
  })
})
