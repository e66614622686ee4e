import fc from 'fast-check'
import { expect, test } from 'vitest'
import { ByteGrid } from '../../src/explore/byte-grid.ts'
import { listValues, type Range } from '../../src/explore/byte-summary.ts'
import { feed, only } from './streams.ts'

/** Messages over few values and lengths, so that bytes repeat, return and go missing, and some over all values. */
const few = fc.array(fc.uint8Array({ maxLength: 7, max: 3 }), { maxLength: 40 })
const any = fc.array(fc.uint8Array({ maxLength: 12 }), { maxLength: 40 })
/** Bytes of which four in any order often are a plausible f32. */
const floats = fc.array(
  fc.array(fc.constantFrom(0, 0x41, 0xc2, 0x45), { maxLength: 9 }).map(bytes => Uint8Array.from(bytes)),
  {
    maxLength: 40,
  },
)
const messages = fc.oneof(few, any, floats)

/** What a voltage, a current or a temperature can be. */
function isPlausible(value: number): boolean {
  return value === 0 || (Math.abs(value) >= Math.fround(1e-4) && Math.abs(value) <= 1e6)
}

function rangeOf(values: readonly number[]): Range | undefined {
  return values.length === 0 ? undefined : { min: Math.min(...values), max: Math.max(...values) }
}

/** The same range with 0 for -0. */
function plain(range: Range | undefined): Range | undefined {
  return range && { min: range.min + 0, max: range.max + 0 }
}

function viewOf(message: Uint8Array): DataView {
  return new DataView(message.buffer, message.byteOffset, message.length)
}

test('ranges are those of all values fed, at every offset and in either byte order', () => {
  const check = (all: Uint8Array[]): void => {
    for (const byte of only(feed(all.length, n => all[n]!))?.bytes ?? []) {
      const at = byte.offset
      const views = all.map(viewOf)
      const wide = views.filter(view => view.byteLength >= at + 2)
      const pick = (read: (view: DataView) => number) => rangeOf(wide.map(read))
      expect(byte.range).toEqual(rangeOf(all.filter(message => message.length > at).map(message => message[at]!)))
      expect(byte.little?.unsigned).toEqual(pick(view => view.getUint16(at, true)))
      expect(byte.little?.signed).toEqual(pick(view => view.getInt16(at, true)))
      expect(byte.big?.unsigned).toEqual(pick(view => view.getUint16(at)))
      expect(byte.big?.signed).toEqual(pick(view => view.getInt16(at)))
      const real = views.filter(view => view.byteLength >= at + 4).map(view => view.getFloat32(at, true))
      expect(plain(byte.float?.range)).toEqual(plain(rangeOf(real.filter(isPlausible))))
    }
  }
  fc.assert(fc.property(messages, check))
})

test('says how many values of an f32 were implausible', () => {
  const odd = [Number.NaN, 1e-9, Number.POSITIVE_INFINITY, -3e8]
  const { float } = only(feed(12, n => new Uint8Array(Float32Array.of(n % 3 ? n : odd[n / 3]!).buffer))).bytes[0]!
  expect(float).toMatchObject({ range: { min: 1, max: 11 }, values: 12, implausible: 4, givenUp: false })
})

test('gives a place up as f32 when most of many values are implausible', () => {
  const { float } = only(feed(500, n => new Uint8Array(Float32Array.of(n % 4 ? 1e9 + n * 1e6 : 20).buffer))).bytes[0]!
  expect(float).toMatchObject({ range: undefined, givenUp: true })
})

test('changes, values and toggles are those of a plain count', () => {
  const check = (all: Uint8Array[]): void => {
    for (const byte of only(feed(all.length, n => all[n]!))?.bytes ?? []) {
      const seen = all.filter(message => message.length > byte.offset).map(message => message[byte.offset]!)
      const flips = seen.slice(1).map((value, k) => value ^ seen[k]!)
      expect(byte.seen).toBe(seen.length)
      expect(byte.last).toBe(seen.at(-1))
      expect(byte.changes).toBe(flips.filter(flip => flip !== 0).length)
      expect(listValues(byte.values)).toEqual([...new Set(seen)].sort((a, b) => a - b))
      expect(byte.toggles).toEqual([0, 1, 2, 3, 4, 5, 6, 7].map(bit => flips.filter(flip => (flip >> bit) & 1).length))
    }
  }
  fc.assert(fc.property(messages, check))
})

test('counts what changed alone and what the others did', () => {
  // Byte 0 moves in messages 1, 2, 3, 5 and byte 1 in 3, 4, 5: byte 0 alone twice, byte 1 alone once.
  const rows = ['00', '10', '20', '31', '32', '43', '43']
  const [first, second] = only(feed(rows.length, n => [...rows[n]!].map(Number))).bytes
  expect([first!.changes, first!.alone, first!.othersChanged]).toEqual([4, 2, 3])
  expect([second!.changes, second!.alone, second!.othersChanged]).toEqual([3, 1, 4])
})

test('toggles stay right beyond the 255 that a byte holds', () => {
  const { toggles } = only(feed(1001, n => [n & 1 ? 0xff : 0])).bytes[0]!
  expect(toggles).toEqual(new Array(8).fill(1000))
})

test('reads the part of the buffer it is told, and no more', () => {
  const grid = new ByteGrid()
  const buffer = Uint8Array.of(9, 9, 1, 2, 3, 9)
  grid.add('S', buffer, 2, 5)
  expect(only(grid).bytes.map(byte => byte.last)).toEqual([1, 2, 3])
})

test('keeps nothing of a buffer that its owner uses again', () => {
  const grid = new ByteGrid()
  const buffer = Uint8Array.of(1, 2)
  grid.add('S', buffer, 0, 2)
  buffer.fill(7)
  expect(only(grid).bytes.map(byte => byte.last)).toEqual([1, 2])
})
