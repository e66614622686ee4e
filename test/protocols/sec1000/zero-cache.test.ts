import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { ORIGINAL_RULE, type Query, ZeroCache, type ZeroRule } from '../../../src/protocols/sec1000/zero-cache.ts'

/** What is believed of `raws`, kW, asked every `every` seconds. */
function believed(raws: readonly number[], every = 30, rule: Partial<ZeroRule> = {}): number[] {
  const cache = new ZeroCache({ ...ORIGINAL_RULE, ...rule })
  return raws.map((raw, i) => cache.take(raw, i * every))
}

const zeros = (count: number) => new Array<number>(count).fill(0)

// the sequences of docs/protocols/sec1000.md's source, which were got by running the original
describe('the rule of the original', () => {
  test.each<[string, readonly number[], readonly number[]]>([
    ['a zero with nothing before it is a zero', [0, 0], [0, 0]],
    ['after one power zeros are replaced ten times', [0.1, ...zeros(12)], [0.1, ...new Array(10).fill(0.1), 0, 0]],
    ['the last power is what stands in', [0, 0.1, 0, 0, 0.2, 0], [0, 0.1, 0.1, 0.1, 0.2, 0.2]],
    [
      'the eleventh zero is believed',
      [0, 0.1, 0, 0, 0.2, ...zeros(11)],
      [0, 0.1, 0.1, 0.1, 0.2, ...new Array(10).fill(0.2), 0],
    ],
    ['a power below 0 is one', [-0.004, 0], [-0.004, -0.004]],
    ['a zero between two powers is hidden', [3.1, 0, 3.3], [3.1, 3.1, 3.3]],
  ])('%s', (_, raws, wanted) => {
    expect(believed(raws)).toEqual(wanted)
  })

  test.each([
    [1200, 3.1],
    [1200.001, 0],
  ])('a query %d s after the last one', (every, wanted) => {
    expect(believed([3.1, 0], every)).toEqual([3.1, wanted])
  })

  test('nothing expires while queries go on', () => {
    expect(believed([3.1, ...zeros(10)], 1200).at(-1)).toBe(3.1)
  })

  test('a clock that is set back makes nothing older', () => {
    const cache = new ZeroCache(ORIGINAL_RULE)
    cache.take(3.1, 1_000_000)
    expect(cache.take(0, 5)).toBe(3.1)
  })
})

test('with a size of 0 nothing is replaced or remembered', () => {
  const cache = new ZeroCache({ ...ORIGINAL_RULE, size: 0 }, [[0, 3.1]])
  expect([cache.take(3, 1), cache.take(0, 2), cache.queries]).toEqual([3, 0, []])
})

test('another size is another number of zeros', () => {
  expect(believed([3.1, ...zeros(3)], 30, { size: 2 })).toEqual([3.1, 3.1, 3.1, 0])
})

test('a power that must be fresh expires by its own age', () => {
  expect(believed([3.1, ...zeros(3)], 600, { freshOnly: true })).toEqual([3.1, 3.1, 3.1, 0])
})

test('goes on where the run before it ended', () => {
  const queries = fc.array(fc.tuple(fc.integer({ min: 1, max: 1500 }), fc.constantFrom(0, 0, 0.5, 3.1)), {
    maxLength: 40,
  })
  fc.assert(
    fc.property(queries, all => {
      const whole = new ZeroCache(ORIGINAL_RULE)
      let saved: readonly Query[] = []
      let now = 0
      for (const [gap, raw] of all) {
        now += gap
        const next = new ZeroCache(ORIGINAL_RULE, JSON.parse(JSON.stringify(saved)))
        expect(next.take(raw, now)).toBe(whole.take(raw, now))
        saved = next.queries
        expect(saved.length).toBeLessThanOrEqual(10)
      }
    }),
  )
})

test('of what is handed over more is forgotten than may be remembered', () => {
  const old = Array.from({ length: 30 }, (_, i): Query => [i, i === 0 ? 3.1 : 0])
  expect(new ZeroCache(ORIGINAL_RULE, old).take(0, 31)).toBe(0)
})
