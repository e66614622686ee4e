import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { PlaySchedule } from '../../src/play-schedule.ts'

/** When frames with these times (s) are due, in ms after the first, for one who waits as told. */
function due(times: readonly number[], pace: ConstructorParameters<typeof PlaySchedule>[0]): number[] {
  const schedule = new PlaySchedule(pace)
  let now = 0
  return times.map(time => {
    const seconds = Math.floor(time)
    now += Math.max(0, schedule.waitMs({ seconds, nanos: Math.round((time - seconds) * 1e9) }, now))
    return Math.round(now * 1000) / 1000
  })
}

describe('the schedule of a recording', () => {
  test.each([
    ['as it was', { speed: 1, gapMs: 0 }, [0, 1.5, 1500, 61_500]],
    ['twice as fast', { speed: 2, gapMs: 0 }, [0, 0.75, 750, 30_750]],
    ['half as fast', { speed: 0.5, gapMs: 0 }, [0, 3, 3000, 123_000]],
    ['without waiting', { speed: 0, gapMs: 0 }, [0, 0, 0, 0]],
    ['with a least distance', { speed: 0, gapMs: 10 }, [0, 10, 20, 30]],
    ['with a least distance beside its own', { speed: 1, gapMs: 10 }, [0, 10, 1508.5, 61_508.5]],
    ['with long gaps made shorter', { speed: 1, gapMs: 0, longestMs: 1000 }, [0, 1.5, 1001.5, 2001.5]],
  ])('%s', (_, pace, expected) => {
    expect(due([1000, 1000.0015, 1001.5, 1061.5], pace)).toEqual(expected)
  })

  test('goes on at once where times go backwards', () => {
    expect(due([5, 6, 2, 3], { speed: 1, gapMs: 0 })).toEqual([0, 1000, 1000, 2000])
  })

  test('is not delayed by frames that stand a little out of order, as those of two interfaces do', () => {
    expect(due([5, 5.5, 5.2, 6, 5.9, 7], { speed: 1, gapMs: 0 })).toEqual([0, 500, 500, 1000, 1000, 2000])
  })

  test('knows whether the log has times', () => {
    const schedule = new PlaySchedule({ speed: 1, gapMs: 0 })
    schedule.waitMs({ seconds: 10, nanos: 5 }, 0)
    schedule.waitMs({ seconds: 10, nanos: 5 }, 0)
    expect(schedule.hasTimes).toBe(false)
    schedule.waitMs({ seconds: 10, nanos: 6 }, 0)
    expect(schedule.hasTimes).toBe(true)
  })

  test('follows the last frame when it begins anew', () => {
    const schedule = new PlaySchedule({ speed: 1, gapMs: 0 })
    schedule.waitMs({ seconds: 10, nanos: 0 }, 0)
    expect(schedule.waitMs({ seconds: 11, nanos: 0 }, 0)).toBe(1000)
    schedule.restart()
    expect(schedule.waitMs({ seconds: 10, nanos: 0 }, 1000)).toBe(1) // one frame alone would fill the bus
    expect(schedule.waitMs({ seconds: 11, nanos: 0 }, 1001)).toBe(1000)
  })

  test('never sends what it is late with all at once, and does not wait for a clock that was set back', () => {
    const schedule = new PlaySchedule({ speed: 1, gapMs: 0 })
    schedule.waitMs({ seconds: 0, nanos: 0 }, 1_000_000)
    expect(schedule.waitMs({ seconds: 1, nanos: 0 }, 1_600_000)).toBe(0) // ten minutes later
    expect(schedule.waitMs({ seconds: 2, nanos: 0 }, 1_600_000)).toBe(1000)
    expect(schedule.waitMs({ seconds: 3, nanos: 0 }, 500_000)).toBe(1000)
  })

  test('does not drift: the end is due when it was recorded, however many frames there are', () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 0, max: 2000 }), { minLength: 1, maxLength: 200 }), gaps => {
        const times = [0]
        for (const gap of gaps) times.push(times.at(-1)! + gap)
        const last = due(
          times.map(ms => ms / 1000),
          { speed: 1, gapMs: 0 },
        ).at(-1)!
        expect(Math.abs(last - times.at(-1)!)).toBeLessThan(0.01)
      }),
    )
  })
})
