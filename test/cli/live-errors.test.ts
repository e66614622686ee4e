import { expect, test } from 'vitest'
import type { LiveOutput } from '../../src/cli/io.ts'
import { LiveErrors } from '../../src/cli/live-errors.ts'
import { fakeIo } from '../fake-io.ts'
import { ManualClock } from '../manual-clock.ts'

/** Standard error whose reader takes nothing until it is let. */
class StuckOutput implements LiveOutput {
  readonly isTerminal = true
  readonly columns = 132
  taken = 0
  release = () => {}
  #waiting: Promise<void> | undefined

  write(bytes: Uint8Array | string): void {
    this.taken += bytes.length
    this.#waiting ??= new Promise(resolve => {
      this.release = () => {
        this.#waiting = undefined
        resolve()
      }
    })
  }

  drained(): Promise<void> | undefined {
    return this.#waiting
  }
}

async function open(out: LiveOutput) {
  const clock = new ManualClock()
  const io = Object.assign(fakeIo([], { clock }), { liveErrors: async () => out })
  return { clock, errors: await LiveErrors.open(io) }
}

test('keeps a bounded amount for a reader who takes nothing, and does not wait for it at the end', async () => {
  const out = new StuckOutput()
  const { clock, errors } = await open(out)
  const line = `${'x'.repeat(999)}\n`
  for (let n = 0; n < 100; n++) {
    for (let i = 0; i < 1000; i++) errors.world.err.write(line) // 100 MB
    await clock.advance(0)
  }
  expect(out.taken).toBeGreaterThan(1e6)
  expect(out.taken).toBeLessThan(20e6)
  let isOver = false
  const ending = errors.end().then(() => {
    isOver = true
  })
  await clock.advance(99)
  expect(isOver).toBe(false)
  await clock.advance(1)
  await ending
  expect([errors.isTerminal, errors.columns]).toEqual([true, 132])
})

test('goes on when the reader does', async () => {
  const out = new StuckOutput()
  const { clock, errors } = await open(out)
  errors.write('one\n')
  await clock.advance(0)
  out.release()
  errors.write(Buffer.from('two\n'))
  await clock.advance(0)
  expect(out.taken).toBe(8)
})
