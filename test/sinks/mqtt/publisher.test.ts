import { once } from 'node:events'
import { createServer, type Server, type Socket } from 'node:net'
import { afterEach, describe, expect, test } from 'vitest'
import { KEPT, type MqttMessage } from '../../../src/sinks/mqtt/message.ts'
import { MqttPublisher, type PublisherOptions } from '../../../src/sinks/mqtt/publisher.ts'
import { ManualClock } from '../../manual-clock.ts'
import { Brokers, freePort, isMosquitto } from '../../real/broker.ts'
import { Observer } from '../../real/observer.ts'
import { brokerAt } from './setup.ts'

const brokers = new Brokers()
afterEach(() => brokers[Symbol.asyncDispose]())

/** Longer than any wait between attempts. */
const MINUTE = 60_000

function publisherAt(url: string, more: Partial<PublisherOptions> = {}, random = Math.random) {
  const clock = new ManualClock()
  const lines: string[] = []
  const waiting: (() => void)[] = []
  const report = (line: string) => {
    lines.push(line)
    for (const resolve of waiting.splice(0)) resolve()
  }
  const options = { broker: brokerAt(url), queueLimit: 1000, greeting: () => [], report, ...more }
  const publisher = new MqttPublisher(options, clock, random)
  /** The first line that a pattern matches. */
  const line = async (pattern: RegExp): Promise<string> => {
    for (;;) {
      const found = lines.find(text => pattern.test(text))
      if (found !== undefined) return found
      await new Promise<void>(resolve => waiting.push(resolve))
    }
  }
  return { publisher, clock, lines, line }
}

function numbered(n: number, qos: 0 | 1 | 2 = 1): MqttMessage {
  return { topic: 'data', payload: String(n), qos, retain: false }
}

describe('a publisher', () => {
  test.each([
    [0, 10_000],
    [1, 2000],
    [2, 1000],
  ] as const)('delivers messages of QoS %i in order, %i of them', async (qos, count) => {
    const broker = await brokers.start({ lines: isMosquitto ? ['max_queued_messages 0'] : [] })
    await using observer = await Observer.connect(broker.url, 'data')
    const { publisher } = publisherAt(broker.url, { queueLimit: count })
    for (let n = 1; n <= count; n++) publisher.publish(numbered(n, qos))
    await observer.message('data', String(count))
    expect(observer.payloads('data')).toEqual(Array.from({ length: count }, (_, i) => String(i + 1)))
    await publisher.close([])
    expect(publisher.problems()).toEqual([])
  })

  test('begins every connection with its greeting', async () => {
    const broker = await brokers.start()
    await using observer = await Observer.connect(broker.url)
    const greeting = () => [{ topic: 'status', payload: 'online', ...KEPT }]
    const { publisher } = publisherAt(broker.url, { greeting })
    publisher.publish(numbered(1))
    await observer.message('data')
    expect(observer.seen.map(({ topic }) => topic)).toEqual(['status', 'data'])
    await publisher.close([{ topic: 'status', payload: 'offline', ...KEPT }])
    await observer.message('status', 'offline')
  })

  test('loses nothing, doubles nothing and keeps the order when the broker is killed between messages', async () => {
    const broker = await brokers.start()
    const { publisher, clock, line } = publisherAt(broker.url)
    const before = await Observer.connect(broker.url, 'data')
    for (let n = 1; n <= 50; n++) publisher.publish(numbered(n))
    await before.message('data', '50')
    await broker.kill()
    await line(/was lost/)
    for (let n = 51; n <= 150; n++) publisher.publish(numbered(n))
    await broker.restart()
    await using after = await Observer.connect(broker.url, 'data')
    await clock.advance(MINUTE)
    for (let n = 151; n <= 200; n++) publisher.publish(numbered(n))
    await after.message('data', '200')
    const all = [...before.payloads('data'), ...after.payloads('data')].map(Number)
    expect(all).toEqual(Array.from({ length: 200 }, (_, i) => i + 1))
    await publisher.close([])
    expect(publisher.problems()).toEqual([])
  })

  test('drops the oldest messages and counts them when the broker is away for too long', async () => {
    const broker = await brokers.start()
    await using observer = await Observer.connect(broker.url, 'data', 'end')
    await broker.kill()
    const { publisher, line } = publisherAt(broker.url, { queueLimit: 10 })
    await line(/cannot connect/)
    for (let n = 1; n <= 25; n++) publisher.publish(numbered(n))
    expect(publisher.problems()).toEqual([`${broker.url}: 15 messages dropped: the broker was away too long`])
    expect(observer.seen).toEqual([])
    await publisher.close([])
    expect(publisher.problems()[1]).toMatch(/: 10 messages not sent: cannot connect to mqtt:.*, nothing listens there$/)
  })

  test('hears what it subscribed to after the broker has come back', async () => {
    const broker = await brokers.start()
    const heard: string[] = []
    const { publisher, clock, line } = publisherAt(broker.url)
    const second = new Promise<void>(resolve => {
      publisher.subscribe('cmd/+/set', ({ topic, payload, retained }) => {
        heard.push(`${topic} ${payload} ${retained}`)
        if (heard.length === 2) resolve()
      })
    })
    publisher.subscribe('other/#', () => heard.push('other'))
    await using first = await Observer.connect(broker.url)
    publisher.publish(numbered(1))
    await first.message('data')
    await first.say('cmd/a/set', '1')
    await first.message('cmd/a/set')
    await broker.kill()
    await line(/was lost/)
    await broker.restart()
    await clock.advance(MINUTE)
    await line(/: connected$/)
    await using again = await Observer.connect(broker.url)
    publisher.publish(numbered(2))
    await again.message('data', '2')
    await again.say('cmd/b/set', '2')
    await second
    expect(heard).toEqual(['cmd/a/set 1 false', 'cmd/b/set 2 false'])
    await publisher.close([])
  })

  test('waits for its first connection before it closes, so that short runs publish too', async () => {
    const broker = await brokers.start()
    await using observer = await Observer.connect(broker.url)
    const { publisher } = publisherAt(broker.url)
    publisher.publish(numbered(1))
    await publisher.close([])
    await observer.message('data', '1')
    expect(publisher.problems()).toEqual([])
  })

  test('refuses a topic that no message may have, and goes on', async () => {
    const broker = await brokers.start()
    await using observer = await Observer.connect(broker.url)
    const { publisher, lines } = publisherAt(broker.url)
    for (const topic of ['a/#', 'a+b', '', 'a\u0000b', 'x'.repeat(65_536)]) publisher.publish({ ...numbered(0), topic })
    publisher.publish(numbered(1))
    await observer.message('data', '1')
    expect(lines).toEqual([`${broker.url}: a message was refused: no valid topic`])
    expect(publisher.problems()).toEqual([`${broker.url}: 5 messages refused: no valid topic`])
    await publisher.close([])
  })
})

/** Packets of MQTT 3.1.1, table 2.1 of the standard: type in the high four bits. */
const PUBLISH = 3
const CONNACK = Uint8Array.of(0x20, 2, 0, 0)

/** A broker that does as a test wants: `answer` is called with each chunk that comes after the CONNACK. */
async function strangeBroker(answer: (socket: Socket, chunk: Buffer, connection: number) => void): Promise<Server> {
  let connections = 0
  const server = createServer(socket => {
    const connection = connections++
    socket.on('error', () => {})
    socket.once('data', () => {
      socket.write(CONNACK)
      socket.on('data', chunk => answer(socket, chunk, connection))
    })
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  return server
}

function urlOf(server: Server): string {
  return `mqtt://127.0.0.1:${(server.address() as { port: number }).port}`
}

describe('with a strange broker', () => {
  test('a broker that falls silent is given up and what it did not acknowledge is sent again', async () => {
    const published: number[] = []
    let heard = () => {}
    const again = new Promise<void>(resolve => {
      heard = resolve
    })
    const server = await strangeBroker((socket, chunk, connection) => {
      if (chunk[0]! >> 4 !== 3) return
      published.push(connection)
      if (connection === 0) return // never acknowledges, never answers a ping
      socket.write(Uint8Array.of(0x40, 2, chunk[8]!, chunk[9]!)) // PUBACK of the ID behind the topic `data`
      heard()
    })
    const broker = brokerAt(urlOf(server), { keepAliveS: 1 })
    const { publisher, clock, line } = publisherAt(urlOf(server), { broker })
    publisher.publish(numbered(7))
    expect(await line(/lost/)).toBe(`the connection to ${urlOf(server)} was lost: it no longer answers; trying again`)
    await clock.advance(MINUTE)
    await again
    expect(published).toEqual([0, 1])
    await publisher.close([])
    expect(publisher.problems()).toEqual([])
    server.close()
  })

  test('a message that ends every connection is given up, and those behind it arrive', async () => {
    let connections = 0
    const arrived: string[] = []
    const server = await strangeBroker((socket, chunk, connection) => {
      connections = connection + 1
      for (let at = 0; at < chunk.length; at += chunk[at + 1]! + 2) {
        if (chunk[at]! >> 4 !== 3) continue
        const payload = chunk.toString('latin1', at + 10, at + 2 + chunk[at + 1]!)
        if (payload === '1') return void socket.destroy()
        arrived.push(payload)
        socket.write(Uint8Array.of(0x40, 2, chunk[at + 8]!, chunk[at + 9]!))
      }
    })
    const { publisher, clock } = publisherAt(urlOf(server))
    for (let n = 1; n <= 3; n++) publisher.publish(numbered(n))
    while (arrived.length < 2) await clock.advance(MINUTE)
    expect(arrived).toEqual(['2', '3'])
    expect(connections).toBe(9)
    await publisher.close([])
    expect(publisher.problems()).toEqual([
      `${urlOf(server)}: 1 message dropped: the broker closed the connection over each of them`,
    ])
    server.close()
  })

  test('a broker that does not take the last words is left without goodbye, so that it publishes the will', async () => {
    const types: number[] = []
    let leave = () => {}
    const left = new Promise<void>(resolve => {
      leave = resolve
    })
    const server = await strangeBroker((socket, chunk) => {
      types.push(chunk[0]! >> 4)
      if (types.length === 1) socket.once('close', leave)
    })
    const { publisher, clock } = publisherAt(urlOf(server))
    publisher.publish(numbered(1))
    while (types.length === 0) await clock.advance(0)
    const closed = publisher.close([{ topic: 'status', payload: 'offline', ...KEPT }])
    await clock.advance(1500)
    while (types.length === 1) await clock.advance(0)
    await clock.advance(500)
    await closed
    await left
    expect(types).toEqual([PUBLISH, PUBLISH]) // no DISCONNECT
    expect(publisher.problems()).toEqual([
      `${urlOf(server)}: 1 message not sent: the broker did not confirm it in time`,
    ])
    server.close()
  })

  test('a broker that reads no more does not make messages of QoS 0 pile up', async () => {
    let paused = false
    const server = await strangeBroker(socket => {
      socket.pause()
      paused = true
    })
    const { publisher, clock } = publisherAt(urlOf(server), { queueLimit: 10 })
    publisher.publish(numbered(0, 0))
    while (!paused) await clock.advance(0)
    const large = { ...numbered(0, 0), payload: 'x'.repeat(1_000_000) }
    for (let n = 0; n < 100; n++) publisher.publish(large)
    const dropped = Number(/: (\d+) messages dropped/.exec(publisher.problems()[0]!)![1])
    expect(dropped).toBeGreaterThan(50)
    const closed = publisher.close([])
    await clock.advance(MINUTE)
    await closed
    server.close()
  })

  test('a broker that says why it goes is heard', async () => {
    const server = createServer(socket => {
      socket.on('error', () => {})
      // CONNACK of MQTT 5, then DISCONNECT with reason 142, session taken over
      socket.once('data', () => socket.end(Uint8Array.of(0x20, 3, 0, 0, 0, 0xe0, 2, 0x8e, 0)))
    })
    server.listen(0, '127.0.0.1')
    await once(server, 'listening')
    const { publisher, line } = publisherAt(urlOf(server), { broker: brokerAt(urlOf(server), { version: 5 }) })
    expect(await line(/./)).toBe(
      `the connection to ${urlOf(server)} was lost: another client has logged in with the same client ID; ` +
        'see --mqtt-client-id; trying again',
    )
    await publisher.close([])
    server.close()
  })

  test('what is no broker is told from one', async () => {
    const server = createServer(socket => void socket.end('HTTP/1.1 400 Bad Request\r\n\r\n'))
    server.listen(0, '127.0.0.1')
    await once(server, 'listening')
    const { publisher, line } = publisherAt(urlOf(server))
    expect(await line(/./)).toContain(`cannot connect to ${urlOf(server)}: what answers there does not speak MQTT (`)
    await publisher.close([])
    server.close()
  })

  test('a broker that is not there is told once, however often it is tried', async () => {
    const url = `mqtt://127.0.0.1:${await freePort()}`
    let attempts = 0
    const random = () => attempts++
    const { publisher, clock, lines } = publisherAt(url, {}, random)
    while (attempts < 10) await clock.advance(MINUTE)
    expect(lines).toEqual([`cannot connect to ${url}: connection refused, nothing listens there; trying again`])
    await publisher.close([])
  })
})
