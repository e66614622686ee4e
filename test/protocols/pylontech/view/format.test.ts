import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { age, fixed, hex, volts, whole } from '../../../../src/protocols/pylontech/view/format.ts'
import { ASCII, glyphsFor, UNICODE } from '../../../../src/protocols/pylontech/view/glyphs.ts'

describe('numbers', () => {
  test('are cut off towards zero where they are whole', () => {
    expect([whole(-128.817), whole(128.9), whole(-0.4), whole(null)]).toEqual(['-128', '128', '0', '-'])
  })

  test('lose decimals where there is no room, and are never cut', () => {
    expect([fixed(49.545, 3, 6), fixed(-12.345, 3, 6), fixed(123456, 1, 6), fixed(1234567, 1, 6)]).toEqual([
      ...['49.545', '-12.35', '123456', '######'],
    ])
    expect([fixed(-0.0001, 1), volts(3303), volts(null)]).toEqual(['0.0', '3.303', '-'])
    fc.assert(
      fc.property(
        fc.double(),
        fc.integer({ min: 0, max: 4 }),
        fc.integer({ min: 1, max: 12 }),
        (value, places, width) => {
          expect(fixed(value, places, width).length).toBeLessThanOrEqual(width)
        },
      ),
    )
  })

  test('of ages are in the largest unit', () => {
    expect([-5000, 0, 59_999, 60_000, 3_600_000, 90_000_000].map(age)).toEqual([
      ...['0 s', '0 s', '59 s', '1 min', '1 h', '1 d'],
    ])
    expect(hex(0xf0)).toBe('F0')
  })
})

describe('characters', () => {
  test.each([
    [{ LANG: 'C.UTF-8' }, UNICODE],
    [{ LANG: 'en_GB.utf8' }, UNICODE],
    [{ LANG: 'C' }, ASCII],
    [{}, ASCII],
    [{ LC_ALL: 'C', LANG: 'C.UTF-8' }, ASCII],
    [{ LC_ALL: '', LC_CTYPE: 'de_DE.UTF-8', LANG: 'C' }, UNICODE],
    [{ LANG: 'de_DE.ISO-8859-1' }, ASCII],
    [{ LANG: 'C.UTF-8', TERM: 'linux' }, ASCII],
    [{ OS: 'Windows_NT' }, UNICODE],
  ])('of %o are those that it can show', (env, glyphs) => {
    expect(glyphsFor(env)).toBe(glyphs)
  })
})
