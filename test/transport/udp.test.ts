import { createSocket } from 'node:dgram'
import { once } from 'node:events'
import { describe, expect, test } from 'vitest'
import { parseEndpoint } from '../../src/core/endpoint.ts'
import type { Packet } from '../../src/core/packet.ts'
import { localNetwork } from '../../src/transport/local-network.ts'
import { ManualClock } from '../manual-clock.ts'

const never = new AbortController().signal
const anyPort = { host: '127.0.0.1', port: 0 }

describe('a UDP socket', () => {
  test('gives a packet per datagram, the sender its origin', async () => {
    const network = localNetwork(new ManualClock())
    await using receiver = await network.datagrams({ at: anyPort })
    await using sender = await network.datagrams({ at: anyPort, to: parseEndpoint(receiver.origin, 1) })
    const packets = receiver.packets(never)[Symbol.asyncIterator]()
    await sender.send(Buffer.from('one'), never)
    await sender.send(Buffer.from(''), never)
    await sender.send(Buffer.from('three'), never)
    const got: Packet[] = []
    for (let i = 0; i < 3; i++) got.push((await packets.next()).value!)
    expect(got.map(({ data }) => Buffer.from(data).toString())).toEqual(['one', '', 'three'])
    expect(new Set(got.map(({ origin }) => origin))).toEqual(new Set([sender.origin]))
  })

  test('shares its port with others, as broadcasts need it', async () => {
    const network = localNetwork(new ManualClock())
    await using one = await network.datagrams({ at: anyPort })
    await using two = await network.datagrams({ at: parseEndpoint(one.origin, 1) })
    expect(two.origin).toBe(one.origin)
  })

  test('drops the oldest datagrams when nobody reads, and counts them', async () => {
    const network = localNetwork(new ManualClock())
    await using receiver = await network.datagrams({ at: anyPort })
    const { port } = parseEndpoint(receiver.origin, 1)
    const socket = createSocket('udp4')
    const send = async (text: string) => {
      await new Promise(resolve => socket.send(text, port, '127.0.0.1', resolve))
      await new Promise(resolve => setImmediate(resolve)) // else the system has no room for more, and drops them itself
    }
    const sent = 2000
    for (let i = 0; i < sent; i++) await send(String(i))
    await send('last')
    const packets = receiver.packets(never)[Symbol.asyncIterator]()
    const texts: string[] = []
    while (texts.at(-1) !== 'last') texts.push(Buffer.from((await packets.next()).value!.data).toString())
    expect(receiver.dropped).toBe(sent + 1 - texts.length)
    expect(texts.slice(0, -1)).toEqual(
      Array.from({ length: texts.length - 1 }, (_, i) => String(sent - texts.length + 1 + i)),
    )
    socket.close()
    await once(socket, 'close')
  })

  test('ends when its reader is stopped', async () => {
    const stop = new AbortController()
    await using receiver = await localNetwork(new ManualClock()).datagrams({ at: anyPort })
    const next = receiver.packets(stop.signal)[Symbol.asyncIterator]().next()
    stop.abort()
    expect((await next).done).toBe(true)
  })

  test('on an address of someone else is an error in words', async () => {
    const made = localNetwork(new ManualClock()).datagrams({ at: { host: '192.0.2.1', port: 4346 } })
    await expect(made).rejects.toThrow(
      'cannot listen on UDP 192.0.2.1:4346: no interface of this machine has that address',
    )
  })
})
