import { expect, test } from 'vitest'
import { FastClock } from '../../src/cli/fast-clock.ts'
import { ManualClock } from '../manual-clock.ts'

const never = new AbortController().signal

test('a fast clock stands until it is first asked, then runs as many times as fast', async () => {
  const clock = new ManualClock()
  const fast = new FastClock(clock, 5_000_000, 60)
  await clock.advance(1234)
  expect(fast.now()).toBe(5_000_000)
  await clock.advance(1000)
  expect(fast.now()).toBe(5_060_000)
})

test('its sleep is as much shorter', async () => {
  const clock = new ManualClock()
  const fast = new FastClock(clock, 0, 10)
  let awake = false
  const sleeping = fast.sleep(1000, never).then(() => {
    awake = true
  })
  await clock.advance(99)
  expect(awake).toBe(false)
  await clock.advance(1)
  await sleeping
  expect(awake).toBe(true)
})
