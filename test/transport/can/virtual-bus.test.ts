import { describe, expect, test } from 'vitest'
import { CAN } from '../../../src/core/can.ts'
import type { CanBus } from '../../../src/core/can-bus.ts'
import { parseFilters } from '../../../src/core/can-filter.ts'
import type { Network } from '../../../src/core/network.ts'
import { localNetwork } from '../../../src/transport/local-network.ts'
import { ManualClock } from '../../manual-clock.ts'
import { BusWatch, message } from './bus-watch.ts'

const never = new AbortController().signal

async function open(
  network: Network,
  name: string,
  filters: readonly string[] = [],
  listenOnly = false,
): Promise<CanBus> {
  const options = { random: () => 0.5, listenOnly, ...(filters.length > 0 ? { filters: parseFilters(filters) } : {}) }
  return network.openCan({ kind: 'virtual', name }, options, never)
}

describe('a bus within the program', () => {
  test('carries frames of each to all others, in order, with the time of the clock', async () => {
    const clock = new ManualClock(1_700_000_000_123)
    const network = localNetwork(clock)
    const [a, b, c] = [await open(network, 'x'), await open(network, 'x'), await open(network, 'y')]
    const [atA, atB, atC] = [new BusWatch(a), new BusWatch(b), new BusWatch(c)]
    expect([a.send(message(0x123, 'AA')), a.send(message(0x18ff50e5, 'BB', CAN.extended)), b.send(message(1))]).toEqual(
      [...[true, true, true]],
    )
    expect(atB.heard).toEqual([]) // whoever sends goes on first
    await clock.advance(0)
    expect([atA.heard, atB.heard, atC.heard]).toEqual([['001#'], ['123#AA', '18FF50E5#BB'], []])
    expect(atB.stamped[0]).toBe('1700000000.123000 x 123#AA')
    expect([a.name, a.recorded]).toEqual(['virtual:x', false])
  })

  test('keeps nothing of what it is given', async () => {
    const clock = new ManualClock()
    const network = localNetwork(clock)
    const [a, b] = [await open(network, 'x'), await open(network, 'x')]
    const watch = new BusWatch(b)
    const frame = message(0x123, 'AABB')
    a.send(frame)
    frame.data.fill(0)
    await clock.advance(0)
    expect(watch.heard).toEqual(['123#AABB'])
  })

  test('carries remote requests and CAN FD, but nothing that no bus can', async () => {
    const clock = new ManualClock()
    const network = localNetwork(clock)
    const [a, b] = [await open(network, 'x'), await open(network, 'x')]
    const watch = new BusWatch(b)
    const long = '00'.repeat(12)
    expect(a.send({ ...message(0x123, '', CAN.remote), dlc: 4 })).toBe(true)
    expect(a.send(message(0x123, long, CAN.fd | CAN.bitRateSwitch))).toBe(true)
    expect(a.send(message(0x123, long))).toBe(false)
    expect(a.send(message(0x88, '', CAN.error))).toBe(false)
    await clock.advance(0)
    expect(watch.heard).toEqual(['123#R4', `123##1${long}`])
  })

  test('lets answers be answered, without end', async () => {
    const clock = new ManualClock()
    const network = localNetwork(clock)
    const [a, b] = [await open(network, 'x'), await open(network, 'x')]
    let rounds = 0
    a.listen({ frame: () => a.send(message(1)), event: () => {} })
    b.listen({ frame: () => ++rounds < 100_000 && b.send(message(2)), event: () => {} })
    b.send(message(2))
    let turns = 0
    while (rounds < 100_000) {
      await new Promise(resolve => setImmediate(resolve))
      turns++
    }
    expect(turns).toBeGreaterThan(10) // others had their turns meanwhile
  })

  test('takes as much as there is room for', async () => {
    const clock = new ManualClock()
    const network = localNetwork(clock)
    const [a, b] = [await open(network, 'x'), await open(network, 'x')]
    const watch = new BusWatch(b)
    let taken = 0
    while (a.send(message(taken & 0x7ff)) && taken < 100_000) taken++
    expect(taken).toBeLessThan(100_000)
    while (watch.heard.length < taken) await new Promise(resolve => setImmediate(resolve))
    expect(watch.heard).toEqual(
      Array.from({ length: taken }, (_, i) => `${(i & 0x7ff).toString(16).padStart(3, '0').toUpperCase()}#`),
    )
    expect(a.send(message(1))).toBe(true)
  })

  test('is heard through filters; one that only listens cannot send', async () => {
    const clock = new ManualClock()
    const network = localNetwork(clock)
    const [a, b] = [await open(network, 'x'), await open(network, 'x', ['100:700'], true)]
    const watch = new BusWatch(b)
    for (const id of [0x0ff, 0x100, 0x1ff, 0x200]) a.send(message(id))
    await clock.advance(0)
    expect(watch.heard).toEqual(['100#', '1FF#'])
    expect(b.send(message(1))).toBe(false)
  })

  test('is gone with those who have it open', async () => {
    const clock = new ManualClock()
    const network = localNetwork(clock)
    const a = await open(network, 'x')
    const watch = new BusWatch(a)
    await a[Symbol.asyncDispose]()
    expect(a.send(message(1))).toBe(false)
    const b = await open(network, 'x')
    b.send(message(2))
    await clock.advance(0)
    expect(watch.heard).toEqual([])
  })
})
