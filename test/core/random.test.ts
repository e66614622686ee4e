import fc from 'fast-check'
import { expect, test } from 'vitest'
import { Random } from '../../src/core/random.ts'

/** sfc32 in arbitrary-precision integers, from its published definition. */
function reference(a: bigint, b: bigint, c: bigint, counter: bigint): [number, [bigint, bigint, bigint, bigint]] {
  const mask = 0xffffffffn
  const sum = (a + b + counter) & mask
  const rotated = ((c << 21n) | (c >> 11n)) & mask
  return [Number(sum), [b ^ (b >> 9n), (c + (c << 3n)) & mask, (rotated + sum) & mask, (counter + 1n) & mask]]
}

test('gives the numbers of sfc32', () => {
  fc.assert(
    fc.property(fc.maxSafeNat(), seed => {
      const random = new Random(seed)
      let state: [bigint, bigint, bigint, bigint] = [BigInt(seed) & 0xffffffffn, BigInt(seed) >> 32n, 0x811c9dc5n, 1n]
      for (let i = 0; i < 40; i++) {
        const [next, after] = reference(...state)
        state = after
        if (i >= 16) expect(random.uint32()).toBe(next)
      }
    }),
  )
})

test('stays within what was asked for, and reaches all of it', () => {
  const random = new Random(1)
  const draws = Array.from({ length: 10_000 }, () => ({
    unit: random.unit(),
    whole: random.int(3),
    between: random.between(-2, 5),
    chosen: random.pick(['a', 'b']),
    hit: random.chance(0.25),
  }))
  expect(draws.filter(({ unit }) => unit < 0 || unit >= 1)).toEqual([])
  expect(draws.filter(({ between }) => between < -2 || between >= 5)).toEqual([])
  expect(new Set(draws.map(({ whole }) => whole))).toEqual(new Set([0, 1, 2]))
  expect(new Set(draws.map(({ chosen }) => chosen))).toEqual(new Set(['a', 'b']))
  const share = (holds: (draw: (typeof draws)[number]) => boolean) => draws.filter(holds).length / draws.length
  expect(share(({ hit }) => hit)).toBeCloseTo(0.25, 1)
  expect(share(({ unit }) => unit < 0.5)).toBeCloseTo(0.5, 1)
})

test('gives streams of one seed that have nothing in common', () => {
  const first = (purpose: string, seed = 1) =>
    Array.from(
      { length: 4 },
      (
        (random: Random) => () =>
          random.uint32()
      )(new Random(seed, purpose)),
    )
  expect(first('sky')).toEqual(first('sky'))
  expect(first('sky')).not.toEqual(first('bus'))
  expect(first('sky')).not.toEqual(first('sky', 2))
  expect(first('sky', 1)).not.toEqual(first('sky', 1 + 2 ** 32))
})
