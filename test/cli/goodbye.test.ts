import { expect, test } from 'vitest'
import { Goodbye } from '../../src/cli/goodbye.ts'
import { ManualClock } from '../manual-clock.ts'

test('closes everything at once, once, whatever fails and whatever hangs', async () => {
  const clock = new ManualClock()
  const log: string[] = []
  const goodbye = new Goodbye(500, clock, error => log.push((error as Error).message))
  goodbye.add(async () => {
    throw new Error('it broke')
  })
  goodbye.add(() => new Promise(() => {}))
  const resource = goodbye.use({ [Symbol.asyncDispose]: async () => void log.push('disposed of') })
  expect(resource).toBeDefined()
  let isOver = false
  const closing = goodbye.close().then(() => {
    isOver = true
  })
  await clock.advance(499)
  expect([log, isOver]).toEqual([['disposed of', 'it broke'], false])
  await clock.advance(1)
  await closing
  await goodbye[Symbol.asyncDispose]()
  expect(log).toHaveLength(2)
})

test('waits for nothing when all is closed', async () => {
  const clock = new ManualClock()
  const goodbye = new Goodbye(500, clock, () => {})
  goodbye.add(async () => {})
  await goodbye.close()
  expect(clock.now()).toBe(new ManualClock().now())
})
