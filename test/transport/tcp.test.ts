import { describe, expect, test } from 'vitest'
import { TransportError } from '../../src/core/errors.ts'
import type { Listener } from '../../src/core/network.ts'
import type { Packet } from '../../src/core/packet.ts'
import type { Transport } from '../../src/core/transport.ts'
import { localNetwork } from '../../src/transport/local-network.ts'
import { ManualClock } from '../manual-clock.ts'

const never = new AbortController().signal
const DEADLINE = 10_000

interface Pair extends AsyncDisposable {
  readonly client: Transport
  readonly server: Transport
  readonly clock: ManualClock
}

async function pair(): Promise<Pair> {
  const clock = new ManualClock()
  const network = localNetwork(clock)
  const listener = await network.listen({ host: '127.0.0.1', port: 0 })
  const accepted = first(listener)
  const client = await network.connect(listener.endpoint, DEADLINE, never)
  const server = await accepted
  return {
    client,
    server,
    clock,
    async [Symbol.asyncDispose]() {
      await client[Symbol.asyncDispose]()
      await listener[Symbol.asyncDispose]()
    },
  }
}

async function first(listener: Listener): Promise<Transport> {
  for await (const transport of listener.connections(never)) return transport
  throw new Error('the listener has ended')
}

async function allOf(packets: AsyncIterable<Packet>): Promise<Buffer> {
  const parts: Uint8Array[] = []
  for await (const { data } of packets) parts.push(data)
  return Buffer.concat(parts)
}

describe('a TCP connection', () => {
  test('brings what the other side sent, with time and origin, and ends when it closes', async () => {
    await using link = await pair()
    await link.server.send(Buffer.from('one'), never)
    await link.clock.advance(1500)
    const closing = link.server[Symbol.asyncDispose]()
    const packets: Packet[] = []
    for await (const packet of link.client.packets(never)) packets.push(packet)
    await closing
    expect(packets).toHaveLength(1)
    expect(packets[0]).toMatchObject({ at: Date.UTC(2026, 2, 1, 10, 0, 1, 500), origin: link.client.origin })
    expect(Buffer.from(packets[0]!.data).toString()).toBe('one')
  })

  test('delivers what was sent before it was disposed of', async () => {
    await using link = await pair()
    const received = allOf(link.client.packets(never))
    await link.server.send(Buffer.alloc(100_000, 7), never)
    await link.server[Symbol.asyncDispose]()
    expect(await received).toEqual(Buffer.alloc(100_000, 7))
  })

  test('says that it was reset', async () => {
    await using link = await pair()
    const received = allOf(link.client.packets(never))
    link.server.reset?.()
    await expect(received).rejects.toThrow(TransportError)
    await expect(received).rejects.toThrow(/^lost 127\.0\.0\.1:\d+: the connection was reset$/)
  })

  test('ends quietly when its reader is stopped, and a send that waits is stopped too', async () => {
    await using link = await pair()
    const stop = new AbortController()
    const received = allOf(link.client.packets(stop.signal))
    const stuck = link.client.send(Buffer.alloc(50_000_000), stop.signal) // nobody reads at the other side
    const outcome = expect(stuck).rejects.toThrow('stopped')
    stop.abort(new Error('stopped'))
    expect(await received).toHaveLength(0)
    await outcome
  })

  test('to a port that nobody listens on is an error in words', async () => {
    const network = localNetwork(new ManualClock())
    const listener = await network.listen({ host: '127.0.0.1', port: 0 })
    const { endpoint } = listener
    await listener[Symbol.asyncDispose]()
    const text = `cannot connect to 127.0.0.1:${endpoint.port}: connection refused, nothing listens there`
    await expect(network.connect(endpoint, DEADLINE, never)).rejects.toThrow(text)
  })

  test('is given up when no answer comes within its deadline', async () => {
    const clock = new ManualClock()
    // 192.0.2.0/24 is for documentation: nothing answers there, or there is no way to it
    const made = localNetwork(clock).connect({ host: '192.0.2.1', port: 9 }, DEADLINE, never)
    const outcome = expect(made).rejects.toThrow(/no answer within 10 s|there is no way to that|the port|refused/)
    await clock.advance(DEADLINE)
    await outcome
  })

  test('that is being made ends with the reason of the signal', async () => {
    const stop = new AbortController()
    const made = localNetwork(new ManualClock()).connect({ host: '192.0.2.1', port: 9 }, DEADLINE, stop.signal)
    stop.abort(new Error('enough'))
    await expect(made).rejects.toThrow('enough')
  })
})

describe('a TCP port', () => {
  test('that is taken is an error in words', async () => {
    const network = localNetwork(new ManualClock())
    await using listener = await network.listen({ host: '127.0.0.1', port: 0 })
    const text = `cannot listen on 127.0.0.1:${listener.endpoint.port}: the port is in use already`
    await expect(network.listen(listener.endpoint)).rejects.toThrow(text)
  })
})
