import { describe, expect, test } from 'vitest'
import { LeapingClock } from '../../src/core/leaping-clock.ts'

const { signal } = new AbortController()

async function turns(): Promise<string> {
  for (let i = 0; i < 10; i++) await new Promise(resolve => setImmediate(resolve))
  return 'still'
}

describe('a leaping clock', () => {
  test('wakes sleepers in the order of their times, an hour in no time', async () => {
    const clock = new LeapingClock(1000)
    const woken: string[] = []
    const sleep = async (name: string, ms: number) => {
      await clock.sleep(ms, signal)
      woken.push(`${name} ${clock.monotonic()}`)
    }
    await Promise.all([sleep('hour', 3_600_000), sleep('late', 20.5), sleep('soon', 10), sleep('next', 10)])
    expect(woken).toEqual(['soon 10', 'next 10', 'late 20.5', 'hour 3600000'])
    expect(clock.now()).toBe(3_601_000)
  })

  test('does not pass a moment that somebody falls asleep for while others wake', async () => {
    const clock = new LeapingClock(0)
    const seen: number[] = []
    const ticking = (async () => {
      for (let i = 0; i < 5; i++) {
        await clock.sleep(100, signal)
        await Promise.resolve()
        seen.push(clock.monotonic())
      }
    })()
    await Promise.all([ticking, clock.sleep(1000, signal)])
    expect(seen).toEqual([100, 200, 300, 400, 500])
  })

  test('stands still while bytes are read', async () => {
    const clock = new LeapingClock(0)
    const read = turns()
    clock.during(read)
    clock.during(Promise.reject(new Error('read error')))
    const slept = clock.sleep(5, signal).then(() => 'slept')
    expect(await Promise.race([slept, read])).toBe('still')
    await slept
    expect(clock.monotonic()).toBe(5)
  })

  test('forgets sleepers who are woken by their signal', async () => {
    const clock = new LeapingClock(0)
    const stop = new AbortController()
    const slept = clock.sleep(50, stop.signal)
    stop.abort(new Error('stopped'))
    await expect(slept).rejects.toThrow('stopped')
    await expect(clock.sleep(1, stop.signal)).rejects.toThrow('stopped')
    await clock.sleep(10, signal)
    expect(clock.monotonic()).toBe(10)
  })
})
