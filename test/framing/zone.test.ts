import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { fromWallClock, LOCAL, toWallClock, UTC, zoneOf } from '../../src/framing/zone.ts'

const at = (text: string) => Date.parse(text) / 1000

describe('a zone by its name', () => {
  test.each([
    ['utc', '2026-07-01T12:00:00Z', 0],
    ['Z', '2026-07-01T12:00:00Z', 0],
    ['+02:00', '2026-01-01T12:00:00Z', 7200],
    ['-0530', '2026-01-01T12:00:00Z', -19_800],
    ['Europe/Berlin', '2026-01-01T12:00:00Z', 3600],
    ['Europe/Berlin', '2026-07-01T12:00:00Z', 7200],
    ['America/New_York', '2026-07-01T12:00:00Z', -14_400],
    ['Asia/Kolkata', '2026-07-01T12:00:00Z', 19_800],
  ])('%s at %s', (name, time, offset) => {
    expect(zoneOf(name)!.offset(at(time))).toBe(offset)
  })

  test.each(['', 'Europe', 'Nowhere/City', '+2', '02:00', 'utc+1'])('%j is none', name => {
    expect(zoneOf(name)).toBeUndefined()
  })

  test('local is that of the machine', () => {
    expect(zoneOf('local')).toBe(LOCAL)
    const seconds = at('2026-07-01T12:00:00Z')
    const local = new Date(seconds * 1000)
    expect(toWallClock(seconds, LOCAL)).toBe(
      Date.UTC(local.getFullYear(), local.getMonth(), local.getDate(), local.getHours(), local.getMinutes()) / 1000,
    )
  })
})

test('an hour that comes twice is its first one, one that is left out counts on', () => {
  const berlin = zoneOf('Europe/Berlin')!
  expect(fromWallClock(at('2026-10-25T02:30:00Z'), berlin)).toBe(at('2026-10-25T00:30:00Z'))
  expect(fromWallClock(at('2026-10-25T03:30:00Z'), berlin)).toBe(at('2026-10-25T02:30:00Z'))
  expect(fromWallClock(at('2026-03-29T01:59:59Z'), berlin)).toBe(at('2026-03-29T00:59:59Z'))
  expect(fromWallClock(at('2026-03-29T02:30:00Z'), berlin)).toBe(at('2026-03-29T01:30:00Z'))
  expect(fromWallClock(at('2026-03-29T03:30:00Z'), berlin)).toBe(at('2026-03-29T01:30:00Z'))
})

test('what the clock shows is read as the time it was, but for an hour that comes twice', () => {
  const zones = [UTC, LOCAL, zoneOf('Europe/Berlin')!, zoneOf('America/St_Johns')!, zoneOf('+14:00')!]
  fc.assert(
    fc.property(fc.integer({ min: 0, max: 4_000_000_000 }), fc.constantFrom(...zones), (seconds, zone) => {
      const back = fromWallClock(toWallClock(seconds, zone), zone)
      expect([seconds, seconds - 3600]).toContain(back)
      expect(toWallClock(back, zone)).toBe(toWallClock(seconds, zone))
    }),
  )
})
