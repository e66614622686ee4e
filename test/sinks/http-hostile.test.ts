import { once } from 'node:events'
import type { Socket } from 'node:net'
import { afterEach, describe, expect, test } from 'vitest'
import { type HttpSink, openHttpSink } from '../../src/sinks/http/http-sink.ts'
import { ManualClock } from '../manual-clock.ts'
import { ask, askJson, begin, blocksOf, rawAnswer, rawConnection } from './http-client.ts'
import { reading, TIME } from './readings.ts'

const open: HttpSink[] = []
const sockets: Socket[] = []

async function serve(clock = new ManualClock(TIME)): Promise<HttpSink> {
  const sink = await openHttpSink({ at: { host: '127.0.0.1', port: 0 }, clock })
  open.push(sink)
  return sink
}

async function connection(sink: HttpSink): Promise<Socket> {
  const socket = await rawConnection(sink.endpoint)
  sockets.push(socket)
  return socket
}

afterEach(async () => {
  for (const socket of sockets.splice(0)) socket.destroy()
  await Promise.all(open.splice(0).map(sink => sink.close()))
})

interface Health {
  readonly events: { readonly clients: number; readonly buffered_bytes: number; readonly dropped_events: number }
}

async function eventsOf(sink: HttpSink): Promise<Health['events']> {
  return ((await askJson(sink.endpoint, '/healthz')) as Health).events
}

const EVENTS = 'GET /events HTTP/1.1\r\nHost: localhost\r\n\r\n'

describe('a stream of events', () => {
  test('has every reading as the NDJSON object that it is, after what a browser wants to know', async () => {
    const sink = await serve()
    const answer = await begin(sink.endpoint, '/events')
    expect(answer.headers['content-type']).toBe('text/event-stream')
    const blocks = blocksOf(answer)
    expect((await blocks.next()).value).toBe('retry: 5000')
    sink.write(reading('a', { text: 'one\nline', soc: null }))
    sink.write(reading('b', { serial: 2n ** 60n }, { time: Number.NaN }))
    expect((await blocks.next()).value).toBe(
      'event: reading\ndata: {"time":"2026-03-01T10:00:00.123Z","family":"sec1000","device":"a","message":"power","values":{"text":"one\\nline","soc":null}}',
    )
    expect((await blocks.next()).value).toBe(
      'event: reading\ndata: {"family":"sec1000","device":"b","message":"power","values":{"serial":"1152921504606846976"}}',
    )
    answer.destroy()
  })

  test('gives a sign of life by the clock when there are no readings', async () => {
    const clock = new ManualClock(TIME)
    const sink = await serve(clock)
    const answer = await begin(sink.endpoint, '/events')
    const blocks = blocksOf(answer)
    await blocks.next()
    for (let i = 0; i < 3; i++) {
      await clock.advance(20_000)
      expect((await blocks.next()).value).toBe(':')
    }
    answer.destroy()
    while ((await eventsOf(sink)).clients > 0) await new Promise(resolve => setImmediate(resolve))
    await clock.advance(20_000)
    expect(clock.sleeping).toBe(0)
  })

  test('of a client that never reads holds a bounded number of bytes and ends; others get everything', async () => {
    const sink = await serve()
    const slow = await connection(sink)
    slow.pause()
    slow.write(EVENTS)
    while ((await eventsOf(sink)).clients < 1) await new Promise(resolve => setImmediate(resolve))
    const good = await begin(sink.endpoint, '/events')
    const blocks = blocksOf(good)
    await blocks.next()
    const padding = 'x'.repeat(4000)
    let most = 0
    for (let i = 0; i < 10_000; i++) {
      expect(sink.write(reading('a', { i, padding }))).toBeUndefined()
      expect((await blocks.next()).value).toContain(`"values":{"i":${i},`)
      if (i % 100 === 0) most = Math.max(most, (await eventsOf(sink)).buffered_bytes)
    }
    expect(most).toBeGreaterThan(200_000)
    expect(most).toBeLessThan(300_000)
    expect(await eventsOf(sink)).toMatchObject({ clients: 1, buffered_bytes: 0, dropped_events: 1000 })
    expect(sink.problems()).toEqual(['http: 1000 events not sent; 1 client disconnected as too slow'])
    good.destroy()
  })

  test('tells a client that was slow for a while how many events it missed', async () => {
    const sink = await serve()
    const slow = await connection(sink)
    slow.pause()
    slow.write(EVENTS)
    while ((await eventsOf(sink)).clients < 1) await new Promise(resolve => setImmediate(resolve))
    const padding = 'x'.repeat(100_000)
    let sent = 0
    while ((await eventsOf(sink)).dropped_events < 5) sink.write(reading('a', { i: sent++, padding }))
    let text = ''
    slow.on('data', data => (text += data.toString('latin1')))
    slow.resume()
    while ((await eventsOf(sink)).buffered_bytes > 0) await new Promise(resolve => setImmediate(resolve))
    sink.write(reading('a', { last: true }))
    while (!text.includes('"last":true')) await once(slow, 'data')
    expect(text).toContain('event: dropped\ndata: {"events":5}\n\n')
    expect(text.split('"padding"').length - 1).toBe(sent - 5)
  })

  test('is refused when there are too many, and requests are still answered', async () => {
    const sink = await serve()
    for (let i = 0; i < 40; i++) {
      const socket = await connection(sink)
      socket.write(EVENTS)
      await once(socket, 'data')
    }
    const { status, headers } = await ask(sink.endpoint, '/events')
    expect(status).toBe(503)
    expect(headers).toHaveProperty('retry-after')
    expect((await eventsOf(sink)).clients).toBe(32)
  })

  test('does not stand behind another one on the same connection', async () => {
    const sink = await serve()
    const socket = await connection(sink)
    socket.resume().write(EVENTS.repeat(50))
    await once(socket, 'close')
    while ((await eventsOf(sink)).clients > 0) await new Promise(resolve => setImmediate(resolve))
  })

  test('that waits for its turn behind an answer is forgotten with its connection', async () => {
    const sink = await serve()
    sink.write(reading('a', { padding: 'x'.repeat(20_000_000) }))
    const socket = await connection(sink)
    socket.pause()
    socket.write(`GET / HTTP/1.1\r\nHost: localhost\r\n\r\n${EVENTS}`)
    while ((await eventsOf(sink)).clients < 1) await new Promise(resolve => setImmediate(resolve))
    socket.destroy()
    while ((await eventsOf(sink)).clients > 0) await new Promise(resolve => setImmediate(resolve))
  })
})

describe('a hostile client', () => {
  test.each([
    ['garbage', '\x16\x03\x01\x02\x00\x01\x00\xfc\x03\x03', 400],
    ['a head that is too long', `GET / HTTP/1.1\r\nHost: localhost\r\nX: ${'x'.repeat(20_000)}\r\n\r\n`, 431],
    ['a path that is too long', `GET /${'x'.repeat(20_000)} HTTP/1.1\r\nHost: localhost\r\n\r\n`, 431],
    ['no host', 'GET / HTTP/1.1\r\n\r\n', 400],
    ['an empty host', 'GET / HTTP/1.1\r\nHost: \r\nConnection: close\r\n\r\n', 403],
    ['two lengths', 'POST / HTTP/1.1\r\nHost: localhost\r\nContent-Length: 5\r\nContent-Length: 6\r\n\r\n', 400],
    ['a body', 'GET / HTTP/1.1\r\nHost: localhost\r\nContent-Length: 1000000000\r\n\r\nx', 413],
    ['an endless body', 'GET / HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n', 413],
    [
      'a question before the body',
      'POST / HTTP/1.1\r\nHost: localhost\r\nExpect: 100-continue\r\nContent-Length: 9\r\n\r\n',
      405,
    ],
    ['the address of another server', 'GET http://evil.example/ HTTP/1.1\r\nHost: localhost\r\n\r\n', 400],
    [
      'another protocol',
      'GET / HTTP/1.1\r\nHost: localhost\r\nConnection: upgrade, close\r\nUpgrade: websocket\r\n\r\n',
      503,
    ],
  ])('that sends %s is answered and sent away', async (_, bytes, status) => {
    const sink = await serve()
    expect(await rawAnswer(sink.endpoint, Buffer.from(bytes, 'latin1'))).toMatch(new RegExp(`^HTTP/1.1 ${status} `))
    sink.write(reading('a', { v: 1 }))
    expect((await ask(sink.endpoint, '/')).status).toBe(200)
  })

  test('that asks without end and never reads is not listened to any longer', async () => {
    const sink = await serve()
    sink.write(reading('a', { padding: 'x'.repeat(10_000) }))
    const socket = await connection(sink)
    socket.pause()
    const before = process.memoryUsage()
    const flood = Buffer.from('GET / HTTP/1.1\r\nHost: localhost\r\n\r\n'.repeat(20_000))
    for (let i = 0; i < 50; i++) socket.write(flood) // 34 MB that ask for 10 GB
    let left = Number.POSITIVE_INFINITY
    while (socket.writableLength < left) {
      left = socket.writableLength
      for (let i = 0; i < 20; i++) expect((await ask(sink.endpoint, '/')).status).toBe(200)
    }
    expect(left).toBeGreaterThan(20_000_000)
    const after = process.memoryUsage()
    expect(after.heapUsed + after.external - before.heapUsed - before.external).toBeLessThan(100_000_000)
  })

  test('that opens connection after connection is refused, and counted', async () => {
    const sink = await serve()
    const first = await connection(sink)
    for (let i = 0; i < 70; i++) await connection(sink)
    first.destroy()
    while (true) {
      const answer = await ask(sink.endpoint, '/').catch(() => undefined)
      if (answer !== undefined) break
    }
    expect(sink.problems()[0]).toMatch(/^http: \d+ connections refused beyond 64 at once$/)
  })
})
