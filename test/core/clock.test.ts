import { afterEach, describe, expect, test, vi } from 'vitest'
import { systemClock } from '../../src/core/clock.ts'

const DAY_MS = 86_400_000

describe("the machine's clock", () => {
  afterEach(() => void vi.useRealTimers())

  test('sleeps for longer than a timer can', async () => {
    vi.useFakeTimers()
    let isAwake = false
    const { signal } = new AbortController()
    void systemClock.sleep(60 * DAY_MS, signal).then(() => {
      isAwake = true
    })
    await vi.advanceTimersByTimeAsync(60 * DAY_MS - 1)
    expect(isAwake).toBe(false)
    await vi.advanceTimersByTimeAsync(1)
    expect(isAwake).toBe(true)
    expect(vi.getTimerCount()).toBe(0)
  })

  test('is woken by its signal at any time of a long sleep', async () => {
    vi.useFakeTimers()
    const stop = new AbortController()
    const slept = systemClock.sleep(60 * DAY_MS, stop.signal)
    const rejected = expect(slept).rejects.toThrow('stopped')
    await vi.advanceTimersByTimeAsync(30 * DAY_MS)
    stop.abort(new Error('stopped'))
    await rejected
    expect(vi.getTimerCount()).toBe(0)
  })
})
