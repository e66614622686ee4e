import { describe, expect, test } from 'vitest'
import { layoutKey, possibleKeys } from '../../../src/protocols/pylontech/layout.ts'

/* INFO put together byte by byte after the tables of docs/protocols/pylontech.md. */

const analog = (cells: number, sensors: number, items: number, tail: number) =>
  Buffer.concat([
    Buffer.of(cells, ...Array(2 * cells).fill(0x0c), sensors, ...Array(2 * sensors).fill(0x0b)),
    Buffer.of(0, 0, 0xc0, 0, 0x80, 0, items, 0xc3, 0x50, 0, 7),
    Buffer.alloc(tail, 1),
  ])
const alarm = (cells: number, sensors: number, code = 0) =>
  Buffer.of(cells, ...Array(cells).fill(code), sensors, ...Array(sensors).fill(0), 0, 0, 0, 0, 0x0e, 0, 0, 0)
const info = (module: number, ...blocks: readonly Uint8Array[]) => Buffer.concat([Buffer.of(0, module), ...blocks])

describe('42h', () => {
  test.each([
    ['16-bit capacities', analog(15, 5, 2, 0)],
    ['24-bit capacities', analog(15, 6, 4, 6)],
    ['24 V', analog(8, 5, 4, 6)],
    ['items that nobody knows', analog(15, 5, 6, 12)],
  ])('of one module with %s fits', (_, block) => {
    expect(layoutKey(0x42, info(2, block), 2, 2)).toBe('42')
    expect(layoutKey(0x42, info(2, block.subarray(0, 30)), 2, 2)).toBeUndefined()
  })

  test('must end at the last byte', () => {
    expect(layoutKey(0x42, info(2, analog(15, 5, 2, 1)), 2, 2)).toBeUndefined()
    expect(layoutKey(0x42, info(2, analog(15, 5, 4, 5)), 2, 2)).toBeUndefined()
    expect(layoutKey(0x42, info(2, analog(15, 5, 3, 6)), 2, 2)).toBeUndefined()
  })

  test('of a mixed stack is read block by block; items that nobody knows cannot be passed over', () => {
    const mixed = [analog(15, 5, 4, 6), analog(15, 5, 2, 0), analog(16, 6, 4, 6)]
    expect(layoutKey(0x42, info(3, ...mixed), 2, 0xff)).toBe('42:FF')
    expect(layoutKey(0x42, info(2, ...mixed), 2, 0xff)).toBeUndefined()
    expect(layoutKey(0x42, info(2, analog(15, 5, 5, 9), analog(15, 5, 2, 0)), 2, 0xff)).toBeUndefined()
  })

  test('without a request is one module where the module byte is the address and one block fits, else all', () => {
    expect(layoutKey(0x42, info(2, analog(15, 5, 2, 0)), 2, undefined)).toBe('42')
    expect(layoutKey(0x42, info(2, analog(15, 5, 2, 0), analog(15, 5, 2, 0)), 2, undefined)).toBe('42:FF')
    expect(layoutKey(0x42, info(1, analog(15, 5, 2, 0)), 2, undefined)).toBe('42:FF')
  })
})

describe('44h', () => {
  const extra = Buffer.of(0)

  test('may have one byte more', () => {
    expect(layoutKey(0x44, info(2, alarm(15, 5)), 2, 2)).toBe('44')
    expect(layoutKey(0x44, info(2, alarm(15, 5), extra), 2, 2)).toBe('44')
    expect(layoutKey(0x44, info(2, alarm(15, 5), extra, extra), 2, 2)).toBeUndefined()
  })

  test('of all modules may have it once or for each', () => {
    const two = [alarm(15, 5), alarm(16, 6)] as const
    expect(layoutKey(0x44, info(2, ...two), 2, 0xff)).toBe('44:FF')
    expect(layoutKey(0x44, info(2, ...two, extra), 2, 0xff)).toBe('44:FF')
    expect(layoutKey(0x44, info(2, two[0], extra, two[1], extra), 2, 0xff)).toBe('44:FF+1')
  })

  test('does not hold many codes that nobody knows', () => {
    expect(layoutKey(0x44, info(2, alarm(2, 5, 0x55)), 2, 2)).toBe('44')
    expect(layoutKey(0x44, info(2, alarm(3, 5, 0x55)), 2, 2)).toBeUndefined()
    expect(layoutKey(0x44, info(2, alarm(33, 5)), 2, 2)).toBeUndefined()
  })

  // the trap of the protocol page: a late 42h of a 74 Ah module looks like 12 sensors when read as 44h
  test('is not a late answer to 42h', () => {
    const cells = [0x0d, 0x45, 0x0d, 0x44, 0x0d, 0x45, 0x0d, 0x44, 0x0d, 0x45, 0x0d, 0x44, 0x0d, 0x3e, 0x0d, 0x0c]
    const late = info(2, Buffer.of(15, ...cells, ...Array(14).fill(0x0d), 5, ...Array(40).fill(1)))
    expect(layoutKey(0x44, late, 2, 2)).toBeUndefined()
  })
})

describe('a reply whose request nobody saw', () => {
  test('of two modules, one with a fault in cell 8, is not read as analog values with 240 items', () => {
    const second = alarm(15, 5)
    second[8] = 0xf0
    expect(possibleKeys(info(2, alarm(15, 5), second), 2)).toEqual([{ cid2: 0x44, key: '44:FF' }])
  })

  test('with more than four items is not taken for analog values, which it is when they were asked for', () => {
    const many = info(2, analog(15, 5, 6, 6))
    expect(possibleKeys(many, 2)).toEqual([])
    expect(layoutKey(0x42, many, 2, 2)).toBe('42')
  })
})
