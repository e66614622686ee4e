import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { TransportError } from '../../src/core/errors.ts'
import { backoffMs, keepConnected, type LinkEvent } from '../../src/core/keep-connected.ts'
import { ManualClock } from '../manual-clock.ts'

/** A connection that lasts until a test ends it. */
class FakeLink implements AsyncDisposable {
  disposed = false
  end: () => void = () => {}
  fail: (error: Error) => void = () => {}

  async [Symbol.asyncDispose](): Promise<void> {
    this.disposed = true
  }
}

interface Run {
  readonly clock: ManualClock
  readonly events: LinkEvent[]
  readonly links: FakeLink[]
  readonly stop: AbortController
  readonly done: Promise<void>
  /** Of the connection that there is. */
  alive: () => void
}

function run(options: { refuse?: () => boolean; once?: boolean; silentMs?: number; random?: number } = {}): Run {
  const clock = new ManualClock()
  const stop = new AbortController()
  const events: LinkEvent[] = []
  const links: FakeLink[] = []
  const state: { alive: () => void } = { alive: () => {} }
  const done = keepConnected(
    {
      open: async () => {
        if (options.refuse?.() === true) throw new TransportError('refused')
        const link = new FakeLink()
        links.push(link)
        return link
      },
      use: (link, alive, signal) => {
        state.alive = alive
        return new Promise<void>((resolve, reject) => {
          link.end = resolve
          link.fail = reject
          signal.addEventListener('abort', () => resolve(), { once: true })
        })
      },
      report: event => events.push(event),
      random: () => options.random ?? 0.5,
      ...(options.once === undefined ? {} : { once: options.once }),
      ...(options.silentMs === undefined ? {} : { silentMs: options.silentMs }),
    },
    clock,
    stop.signal,
  )
  return { clock, events, links, stop, done, alive: () => state.alive() }
}

function retries(events: readonly LinkEvent[]): (number | undefined)[] {
  return events.flatMap(event => (event.type === 'lost' ? [event.retryMs] : []))
}

describe('a connection that is kept up', () => {
  test('is tried again after 1, 2, 4 .. 60 s, for ever', async () => {
    const { clock, events, stop, done } = run({ refuse: () => true })
    await clock.advance(400_000)
    stop.abort()
    await done
    expect(retries(events).slice(0, 9)).toEqual([1, 2, 4, 8, 16, 32, 60, 60, 60].map(s => s * 1000))
    expect(events[1]).toMatchObject({ type: 'lost', error: { message: 'refused' } })
  })

  test('begins with short waits again only when it has worked for a minute', async () => {
    const { clock, events, links, stop, done, alive } = run()
    const lives = [0, 30_000, 59_000, 61_000, 0]
    for (const [i, life] of lives.entries()) {
      await clock.advance(0)
      await clock.advance(life)
      alive()
      links[i]!.end()
      await clock.advance(0)
      await clock.advance(retries(events).at(-1)!)
    }
    stop.abort()
    await done
    expect(retries(events)).toEqual([1000, 2000, 4000, 1000, 1000])
  })

  test('is disposed of however it ends', async () => {
    const { clock, links, stop, done } = run()
    await clock.advance(0)
    links[0]!.end()
    await clock.advance(1000)
    links[1]!.fail(new TransportError('reset'))
    await clock.advance(2000)
    stop.abort()
    await done
    expect(links.map(({ disposed }) => disposed)).toEqual([true, true, true])
  })

  test('is given up when it is silent for too long, and only then', async () => {
    const { clock, events, links, stop, done, alive } = run({ silentMs: 300_000 })
    await clock.advance(299_000)
    alive()
    await clock.advance(299_000)
    expect(retries(events)).toEqual([])
    await clock.advance(1000)
    expect(events.at(-1)).toMatchObject({ type: 'lost', error: { message: 'nothing came for 300 s' } })
    await clock.advance(1000)
    expect(links).toHaveLength(2)
    stop.abort()
    await done
    expect(clock.sleeping).toBe(0)
  })

  test('with `once` throws what went wrong, or ends', async () => {
    await expect(run({ once: true, refuse: () => true }).done).rejects.toThrow('refused')
    const { clock, events, links, done } = run({ once: true })
    await clock.advance(0)
    links[0]!.end()
    await done
    expect(events.map(({ type }) => type)).toEqual(['connecting', 'connected', 'lost'])
  })

  test('throws what is a defect', async () => {
    const { clock, links, done } = run()
    await clock.advance(0)
    links[0]!.fail(new TypeError('x is not a function'))
    await expect(done).rejects.toThrow(TypeError)
  })

  test('leaves nothing asleep when it is stopped while it waits', async () => {
    const { clock, stop, done } = run({ refuse: () => true })
    await clock.advance(500)
    stop.abort()
    await done
    expect(clock.sleeping).toBe(0)
  })
})

describe('the wait before the next attempt', () => {
  test('is 1 to 60 s whatever the jitter, and within a quarter of the doubled ones', () => {
    fc.assert(
      fc.property(fc.nat(2000), fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true }), (failures, chance) => {
        const wait = backoffMs(failures, () => chance)
        const middle = Math.min(1000 * 2 ** failures, 60_000)
        expect(wait).toBeGreaterThanOrEqual(Math.max(1000, Math.floor(middle * 0.75)))
        expect(wait).toBeLessThanOrEqual(Math.min(60_000, Math.ceil(middle * 1.25)))
      }),
    )
  })

  test('is never longer than whoever waits wants it', () => {
    const waits = [0, 1, 2, 3, 30].map(failures => backoffMs(failures, () => 0.999, 5000))
    expect(waits).toEqual([1250, 2499, 4998, 5000, 5000])
  })
})
