import fc from 'fast-check'
import { expect, test } from 'vitest'
import { ByteGrid, DEFAULT_LIMITS } from '../../src/explore/byte-grid.ts'
import { gridJson } from '../../src/explore/grid-json.ts'
import { gridLines } from '../../src/explore/grid-text.ts'
import { feed, only } from './streams.ts'

function rows(grid: ByteGrid): number {
  let sum = 0
  for (const stream of grid.summaries()) sum += stream.bytes.length
  return sum
}

test('never throws, whatever the names, bytes, bounds and terminals', () => {
  const message = fc.tuple(fc.string({ maxLength: 2 }), fc.uint8Array({ maxLength: 40 }), fc.integer(), fc.integer())
  const near = fc.tuple(fc.constantFrom('a', 'b'), fc.uint8Array({ maxLength: 40 }), fc.nat(9), fc.nat(50))
  const limits = fc.record({ streams: fc.nat(4), payloadBytes: fc.nat(50), rows: fc.nat(100) })
  fc.assert(
    fc.property(fc.array(fc.oneof(message, near), { maxLength: 60 }), limits, fc.nat(160), (all, bounds, width) => {
      const grid = new ByteGrid(bounds)
      for (const [name, payload, start, end] of all) grid.add(name, payload, start, end)
      for (const line of gridLines(grid, { width })) expect(line).not.toMatch(/\n|undefined|NaN|Infinity/)
      expect(JSON.stringify(gridJson(grid))).not.toMatch(/undefined|NaN|null/)
      expect(grid.size).toBeLessThanOrEqual(bounds.streams)
      expect(rows(grid)).toBeLessThanOrEqual(bounds.rows)
    }),
  )
})

test('a million stream names take the room of 4096, and the messages of the rest are counted', () => {
  const grid = new ByteGrid()
  const payload = new Uint8Array(8)
  for (let n = 0; n < 1_000_000; n++) grid.add(`stream ${n}`, payload, 0, 8)
  expect(grid.size).toBe(4096)
  expect(grid.untracked).toBe(1_000_000 - 4096)
})

test('long payloads in many streams take no more rows than allowed', () => {
  const grid = new ByteGrid({ rows: 5000 })
  const payload = new Uint8Array(3000)
  for (let n = 0; n < 100; n++) grid.add(`stream ${n}`, payload, 0, payload.length)
  expect(rows(grid)).toBe(5000)
  expect(grid.size + grid.untracked).toBe(100)
})

test('looks at 1024 bytes of a payload and says that there were more', () => {
  const stream = only(feed(3, () => new Uint8Array(2000)))
  expect(stream.bytes).toHaveLength(DEFAULT_LIMITS.payloadBytes)
  expect([stream.cut, stream.lengths.max]).toEqual([3, 2000])
})

test('payloads of several lengths share their rows; a byte counts the messages that had it', () => {
  const stream = only(feed(30, n => new Uint8Array(4 + (n % 3)).fill(n)))
  expect(stream.lengths).toEqual({ min: 4, max: 6 })
  expect(stream.bytes.map(byte => byte.seen)).toEqual([30, 30, 30, 30, 20, 10])
  expect(stream.bytes.map(byte => byte.changes)).toEqual([29, 29, 29, 29, 19, 9])
})

test('streams keep the order of their first messages', () => {
  const grid = new ByteGrid()
  for (const name of ['b', 'a', 'b', 'c']) grid.add(name, Uint8Array.of(1), 0, 1)
  expect([...grid.summaries()].map(({ name, messages }) => `${name}${messages}`)).toEqual(['b2', 'a1', 'c1'])
})
