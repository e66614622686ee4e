import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { UsageError } from '../../../src/core/errors.ts'
import {
  BATTERY_RANGE,
  BLOCK_SIZES,
  blocksOf,
  DEFAULT_RANGES,
  parseRegisters,
  splitBlock,
} from '../../../src/protocols/lxp/read-plan.ts'
import { requestText } from '../../../src/protocols/lxp/request.ts'

const texts = (...args: Parameters<typeof blocksOf>) => blocksOf(...args).map(requestText)

test('registers are named by kind and range', () => {
  expect(parseRegisters('input:0-39, hold:0-79,hold:105')).toEqual([
    { type: 'input', first: 0, last: 39 },
    { type: 'hold', first: 0, last: 79 },
    { type: 'hold', first: 105, last: 105 },
  ])
})

test.each([
  ['', 'nothing names no registers; write input:0-39 or hold:105, commas between'],
  ['input', 'input names no registers; write input:0-39 or hold:105, commas between'],
  ['coil:1', 'coil:1 names no registers; write input:0-39 or hold:105, commas between'],
  ['input:0-39,', 'nothing names no registers; write input:0-39 or hold:105, commas between'],
  ['hold:1-2-3', 'hold:1-2-3 names no registers; write input:0-39 or hold:105, commas between'],
  ['hold:39-0', 'hold:39-0: the last register comes before the first'],
  ['hold:0-65536', 'hold:0-65536: registers end at 65535'],
])('"%s" is wrong usage', (text, message) => {
  expect(() => parseRegisters(text)).toThrow(UsageError)
  expect(() => parseRegisters(text)).toThrow(message)
})

describe('blocks', () => {
  test('of the default plan are those of the protocol page', () => {
    expect(texts(DEFAULT_RANGES, 40)).toEqual([
      ...['input 0-39', 'input 40-79', 'input 80-119', 'input 120-159', 'input 160-199', 'input 200-239'],
      ...['hold 0-39', 'hold 40-79', 'hold 80-119', 'hold 120-159', 'hold 160-199', 'hold 200-239'],
    ])
    expect(texts(DEFAULT_RANGES, 125)).toEqual(['input 0-124', 'input 125-239', 'hold 0-124', 'hold 125-239'])
    expect(texts(DEFAULT_RANGES, 127)).toEqual(['input 0-126', 'input 127-239', 'hold 0-126', 'hold 127-239'])
  })

  test('of ranges that overlap or touch ask for nothing twice', () => {
    expect(texts(parseRegisters('hold:30-50,input:5,hold:0-35,hold:51-60'), 40)).toEqual([
      ...['input 5', 'hold 0-39', 'hold 40-60'],
    ])
  })

  test('ask for all battery slots at once, whatever the size', () => {
    for (const size of BLOCK_SIZES) expect(texts([BATTERY_RANGE], size)).toEqual(['input 5002-5121'])
    expect(texts(parseRegisters('input:4990-5200'), 40)).toEqual([
      ...['input 4990-4999', 'input 5000-5001', 'input 5002-5121', 'input 5122-5159', 'input 5160-5199', 'input 5200'],
    ])
  })

  test('are split into smaller ones, except the battery slots', () => {
    expect(splitBlock({ type: 'hold', register: 125, count: 115 }, 40).map(requestText)).toEqual([
      ...['hold 125-159', 'hold 160-199', 'hold 200-239'],
    ])
    expect(splitBlock({ type: 'input', register: 5002, count: 120 }, 40).map(requestText)).toEqual(['input 5002-5121'])
  })

  test('have every register once, in order, and never cross a multiple of their size', () => {
    const range = fc
      .tuple(fc.constantFrom('input' as const, 'hold' as const), fc.nat(900), fc.nat(400))
      .map(([type, first, more]) => ({ type, first, last: first + more }))
    fc.assert(
      fc.property(fc.array(range, { maxLength: 6 }), fc.constantFrom(...BLOCK_SIZES), (ranges, size) => {
        const asked = blocksOf(ranges, size)
        const all = asked.flatMap(({ type, register, count }) =>
          Array.from({ length: count }, (_, i) => `${type} ${register + i}`),
        )
        const wanted = new Set(
          ranges.flatMap(({ type, first, last }) =>
            Array.from({ length: last - first + 1 }, (_, i) => `${type} ${first + i}`),
          ),
        )
        expect(all).toHaveLength(wanted.size)
        expect(new Set(all)).toEqual(wanted)
        for (const { register, count } of asked) {
          expect(Math.floor(register / size)).toBe(Math.floor((register + count - 1) / size))
        }
      }),
    )
  })
})
