import { expect, test } from 'vitest'
import { TransportError } from '../../../../src/core/errors.ts'
import { Session } from '../../../../src/protocols/lxp/simulator/session.ts'
import { ManualClock } from '../../../manual-clock.ts'
import { memoryPair } from '../../../memory-transport.ts'
import { framesOf } from '../captures.ts'
import { diceOf, START, sceneOf } from './scene.ts'

const never = new AbortController().signal
const { dongle } = sceneOf()
const burst = dongle.burst(START)

function sessionOf(sent: (frame: Uint8Array) => void = () => {}, capacity = 1000) {
  const clock = new ManualClock(START)
  const { near, far } = memoryPair(clock, { capacity })
  const session = new Session(near, { dongle, clock, dice: diceOf({}).dice, sent })
  return { clock, session, near, far }
}

test('a client that does not read is sent no more than it has room for; the rest is counted, not kept', async () => {
  const { clock, session, far } = sessionOf()
  const running = session.run(never)
  for (let i = 0; i < 200; i++) session.push(burst)
  await clock.advance(3_600_000)
  expect(far.waiting).toBeLessThanOrEqual(1000)
  far.close()
  await running
  expect(session.counts.frames).toBeLessThan(5)
  expect(session.counts.dropped).toBe(600 - 256)
})

test('a connection that is lost ends the session without an error, and the frame on its way is not counted', async () => {
  const sent: Uint8Array[] = []
  const { clock, session, far } = sessionOf(frame => sent.push(frame))
  const running = session.run(never)
  session.push([...burst, ...burst])
  await clock.advance(60_000)
  far.lose()
  await running
  expect(sent).toHaveLength(session.counts.frames)
  expect(sent.length).toBeLessThan(6)
})

test('a session that is to finish sends all that waits, then closes', async () => {
  const { clock, session, far } = sessionOf(() => {}, 10_000)
  const running = session.run(never)
  session.push(burst)
  session.finish()
  await clock.advance(1000)
  await running
  expect(far.closed).toBe(true)
  const parts: Uint8Array[] = []
  for await (const { data } of far.packets(never)) parts.push(data)
  expect(framesOf(Buffer.concat(parts)).frames).toHaveLength(3)
})

test('a journal that cannot be written ends the session with its error', async () => {
  const full = new TransportError('cannot write sent.jsonl: no space left')
  const { session } = sessionOf(() => {
    throw full
  })
  session.push(burst)
  await expect(session.run(never)).rejects.toBe(full)
})
