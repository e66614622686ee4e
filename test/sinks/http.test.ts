import { once } from 'node:events'
import { createServer } from 'node:net'
import { afterEach, describe, expect, test } from 'vitest'
import type { Endpoint } from '../../src/core/endpoint.ts'
import { type HttpSink, type HttpSinkOptions, openHttpSink } from '../../src/sinks/http/http-sink.ts'
import { parseListenAddress } from '../../src/sinks/http/listen-address.ts'
import { ManualClock } from '../manual-clock.ts'
import { ask, askJson, begin, rawAnswer } from './http-client.ts'
import { reading, TIME } from './readings.ts'

const ANY_PORT = { host: '127.0.0.1', port: 0 }
const open: HttpSink[] = []

async function serve(options: Partial<HttpSinkOptions> = {}): Promise<HttpSink> {
  const sink = await openHttpSink({ at: ANY_PORT, clock: new ManualClock(TIME), ...options })
  open.push(sink)
  return sink
}

afterEach(async () => {
  await Promise.all(open.splice(0).map(sink => sink.close()))
})

describe('the document at /', () => {
  test('is missing before the first reading: 503, and when to ask again', async () => {
    const { endpoint } = await serve()
    const { status, headers, text } = await ask(endpoint, '/')
    expect(status).toBe(503)
    expect(Number(headers['retry-after'])).toBeGreaterThan(0)
    expect(JSON.parse(text)).toEqual({ error: 'nothing has been read yet' })
    expect((await ask(endpoint, '/any')).status).toBe(503)
  })

  test('has the newest values of all devices', async () => {
    const sink = await serve()
    sink.write(reading('b', { v1: 241, i1: 4.81 }))
    sink.write(reading('a', { soc: null, serial: 2n ** 60n }, { family: 'lxp', time: TIME + 1 }))
    sink.write(reading('b', { v1: 242, x: Number.NaN }, { message: 'other', time: TIME + 1000 }))
    expect(await askJson(sink.endpoint, '/')).toEqual({
      time: '2026-03-01T10:00:01.123Z',
      devices: {
        a: {
          family: 'lxp',
          device: 'a',
          time: '2026-03-01T10:00:00.124Z',
          values: { soc: null, serial: '1152921504606846976' },
        },
        b: {
          family: 'sec1000',
          device: 'b',
          time: '2026-03-01T10:00:01.123Z',
          values: { v1: 242, i1: 4.81, x: null },
        },
      },
    })
  })

  test('is that of the family where it has one, and 503 while it is not complete', async () => {
    let made = 0
    const document: HttpSinkOptions['document'] = devices => {
      made++
      return devices.length < 2 ? undefined : { pack_count: devices.length }
    }
    const sink = await serve({ document })
    sink.write(reading('1', { v: 1 }))
    expect((await ask(sink.endpoint, '/')).status).toBe(503)
    expect((await ask(sink.endpoint, '/1')).status).toBe(200)
    sink.write(reading('2', { v: 2 }))
    for (let i = 0; i < 5; i++) expect(await askJson(sink.endpoint, '/')).toEqual({ pack_count: 2 })
    expect(made).toBe(2) // once per reading that somebody asked after
  })

  test('says what it is, and that it must not be kept', async () => {
    const sink = await serve()
    sink.write(reading('a', { name: 'Zähler' }))
    const { headers, text } = await ask(sink.endpoint, '/?since=yesterday')
    expect(headers).toMatchObject({
      'content-type': 'application/json; charset=utf-8',
      'content-length': String(Buffer.byteLength(text)),
      'cache-control': 'no-store',
      'x-content-type-options': 'nosniff',
    })
    expect(headers).not.toHaveProperty('access-control-allow-origin')
    expect(headers).not.toHaveProperty('x-powered-by')
  })

  test('may be read by web pages where the user said so', async () => {
    const sink = await serve({ cors: '*' })
    const { headers } = await ask(sink.endpoint, '/')
    expect(headers['access-control-allow-origin']).toBe('*')
  })

  test('has a head without a body', async () => {
    const sink = await serve()
    sink.write(reading('a', { v1: 1 }))
    const full = await ask(sink.endpoint, '/')
    const head = await ask(sink.endpoint, '/', { method: 'HEAD' })
    expect(head).toMatchObject({ status: 200, text: '' })
    expect(head.headers['content-length']).toBe(full.headers['content-length'])
    expect(await ask(sink.endpoint, '/events', { method: 'HEAD' })).toMatchObject({ status: 200, text: '' })
  })
})

describe('the document of a device', () => {
  test('is found by its name, however it is written, and by its id', async () => {
    const sink = await serve()
    sink.write(reading('/dev/ttyUSB0', { v: 1 }, { family: 'pylontech' }))
    sink.write(reading('Zähler 1', { v: 2 }))
    const one = { family: 'pylontech', device: '/dev/ttyUSB0', time: '2026-03-01T10:00:00.123Z', values: { v: 1 } }
    expect(await askJson(sink.endpoint, '/%2Fdev%2FttyUSB0')).toEqual(one)
    expect(await askJson(sink.endpoint, '//dev/ttyUSB0')).toEqual(one)
    expect(await askJson(sink.endpoint, '/pylontech_dev_ttyusb0')).toEqual(one)
    expect(await askJson(sink.endpoint, `/${encodeURIComponent('Zähler 1')}`)).toMatchObject({ values: { v: 2 } })
  })

  test('follows its readings', async () => {
    const sink = await serve()
    for (const v of [1, 2, 3]) {
      sink.write(reading('a', { v }))
      expect(await askJson(sink.endpoint, '/a')).toMatchObject({ values: { v } })
    }
  })

  test('keeps devices of two families apart that have one name', async () => {
    const sink = await serve()
    sink.write(reading('192.0.2.7', { v: 1 }, { family: 'lxp' }))
    sink.write(reading('192.0.2.7', { v: 2 }, { family: 'sec1000' }))
    const document = (await askJson(sink.endpoint, '/')) as { devices: object }
    expect(Object.keys(document.devices)).toEqual(['lxp_192_0_2_7', 'sec1000_192_0_2_7'])
    expect(await askJson(sink.endpoint, '/sec1000_192_0_2_7')).toMatchObject({ values: { v: 2 } })
  })

  test.each(['__proto__', 'constructor', 'toString'])(
    'is found by a name such as %s only where there is one',
    async name => {
      const sink = await serve()
      sink.write(reading('a', { v: 1 }))
      expect((await ask(sink.endpoint, `/${name}`)).status).toBe(404)
      sink.write(reading(name, { v: 2 }))
      expect(await askJson(sink.endpoint, `/${name}`)).toMatchObject({ device: name, values: { v: 2 } })
      expect((await ask(sink.endpoint, '/')).text).toContain(`"${name}":{"family"`)
    },
  )

  test('of a name that cannot be decoded is a bad request', async () => {
    const sink = await serve()
    sink.write(reading('a', { v: 1 }))
    expect((await ask(sink.endpoint, '/%E0%A4%A')).status).toBe(400)
  })

  test('is forgotten when too many others were heard since, and counted', async () => {
    const sink = await serve()
    sink.write(reading('first', { v: 1 }))
    for (let i = 0; i < 256; i++) sink.write(reading(`d${i}`, { v: i }))
    expect((await ask(sink.endpoint, '/first')).status).toBe(404)
    expect((await ask(sink.endpoint, '/d0')).status).toBe(200)
    expect(sink.problems()).toEqual(['1 device dropped from the snapshot, which has room for 256'])
  })
})

describe('/healthz', () => {
  test('is 503 before the first reading, 200 while they come, 503 when three intervals brought none', async () => {
    const clock = new ManualClock(TIME)
    const sink = await serve({ clock, intervalMs: 10_000, problems: () => ['mqtt: no such host'] })
    const before = await ask(sink.endpoint, '/healthz')
    expect(before.status).toBe(503)
    expect(JSON.parse(before.text)).toMatchObject({ status: 'starting', readings: 0, age_s: null, devices: {} })
    await clock.advance(5000)
    sink.write(reading('a', { v: 1 }))
    await clock.advance(25_000)
    sink.write(reading('b', { v: 1 }))
    await clock.advance(10_000)
    const fresh = await ask(sink.endpoint, '/healthz')
    expect(fresh.status).toBe(200)
    expect(JSON.parse(fresh.text)).toEqual({
      status: 'ok',
      uptime_s: 40,
      readings: 2,
      age_s: 10,
      devices: { a: { age_s: 35, stale: true }, b: { age_s: 10, stale: false } },
      events: { clients: 0, buffered_bytes: 0, dropped_events: 0 },
      problems: ['mqtt: no such host'],
    })
    await clock.advance(20_001)
    const stale = await ask(sink.endpoint, '/healthz')
    expect(stale.status).toBe(503)
    expect(JSON.parse(stale.text)).toMatchObject({ status: 'stale', age_s: 30.001 })
  })
})

describe('an HTTP server', () => {
  test.each(['POST', 'PUT', 'DELETE', 'OPTIONS', 'PATCH'])('answers %s with 405 and what there is', async method => {
    const sink = await serve()
    const { status, headers } = await ask(sink.endpoint, '/', { method, body: 'x' })
    expect({ status, allow: headers.allow, connection: headers.connection }).toEqual({
      status: 405,
      allow: 'GET, HEAD',
      connection: 'close',
    })
  })

  test.each([
    ['localhost', 200],
    ['LOCALHOST:8080', 200],
    ['localhost.', 200],
    ['127.0.0.1', 200],
    ['127.0.0.1:1', 200],
    ['[::1]:9000', 200],
    ['evil.example', 403],
    ['evil.example:8080', 403],
    ['localhost.evil.example', 403],
    ['127.0.0.1.evil.example', 403],
    ['127.0.0.1@evil.example', 403],
    ['[::1].evil.example', 403],
    ['192.168.1.7', 403],
  ])('on a loopback address answers a request to host %j with %i', async (host, expected) => {
    const sink = await serve()
    sink.write(reading('a', { v: 1 }))
    for (const path of ['/', '/a', '/healthz', '/nothing/events']) {
      const { status } = await ask(sink.endpoint, path, { headers: { host } })
      expect(status === 403).toBe(expected === 403)
    }
    expect((await ask(sink.endpoint, '/events', { headers: { host }, method: 'HEAD' })).status).toBe(expected)
  })

  test('that others may reach answers to any name', async () => {
    const sink = await serve({ at: { host: '0.0.0.0', port: 0 } })
    sink.write(reading('a', { v: 1 }))
    const at = { host: '127.0.0.1', port: sink.endpoint.port }
    expect((await ask(at, '/', { headers: { host: 'raspberrypi.local' } })).status).toBe(200)
  })

  test('serves IPv6 too', async () => {
    const sink = await serve({ at: parseListenAddress('[::1]:0') })
    sink.write(reading('a', { v: 1 }))
    expect((await ask(sink.endpoint, '/')).status).toBe(200)
  })

  test('says in one line that a port is in use, and what to do', async () => {
    const other = createServer().listen(0, '127.0.0.1')
    await once(other, 'listening')
    const { port } = other.address() as { port: number }
    const error = await serve({ at: { host: '127.0.0.1', port } }).catch(error => error)
    other.close()
    expect(error).toMatchObject({
      name: 'TransportError',
      message: `cannot serve http://127.0.0.1:${port}/: port ${port} is in use; choose another one`,
    })
  })

  test('says that an address is not one of this machine', async () => {
    await expect(serve({ at: { host: '192.0.2.1', port: 0 } })).rejects.toThrow(
      'cannot serve http://192.0.2.1:0/: no interface of this machine has that address',
    )
  })

  test('lives through a document that cannot be made, and complains', async () => {
    const document = () => {
      throw new Error('no such pack')
    }
    const sink = await serve({ document })
    sink.write(reading('a', { v: 1 }))
    expect((await ask(sink.endpoint, '/')).status).toBe(500)
    expect((await ask(sink.endpoint, '/a')).status).toBe(200)
    expect(sink.problems()).toEqual(['http: no such pack'])
  })

  test('ends streams when it is closed, and lets go of the port', async () => {
    const sink = await serve()
    const answer = await begin(sink.endpoint, '/events')
    sink.write(reading('a', { v: 1 }))
    const text = answer.setEncoding('utf8').toArray()
    await sink.close()
    expect((await text).join('')).toContain('"values":{"v":1}')
    await expect(ask(sink.endpoint, '/')).rejects.toThrow('ECONNREFUSED')
  })

  test('is closed in time also where a client holds on', async () => {
    const clock = new ManualClock(TIME)
    const sink = await serve({ clock })
    const half = rawAnswer(sink.endpoint, 'GET / HTTP/1.1\r\nHost: localh')
    await rawAnswer(sink.endpoint, 'GET / HTTP/1.0\r\n\r\n') // the server has seen the other one by now
    const closed = sink.close()
    await clock.advance(1000)
    await closed
    expect(await half).toBe('')
  })
})

describe('an address to serve at', () => {
  test.each<[string, Endpoint]>([
    ['8080', { host: '127.0.0.1', port: 8080 }],
    ['0', { host: '127.0.0.1', port: 0 }],
    ['0.0.0.0:8080', { host: '0.0.0.0', port: 8080 }],
    ['localhost:80', { host: 'localhost', port: 80 }],
    ['[::]:8080', { host: '::', port: 8080 }],
    ['[fe80::1%eth0]:8080', { host: 'fe80::1%eth0', port: 8080 }],
  ])('%s is understood', (text, endpoint) => {
    expect(parseListenAddress(text)).toEqual(endpoint)
  })

  test.each([
    '',
    'localhost',
    ':8080',
    '::1',
    '::1:8080',
    '[::1]',
    '[localhost]:80',
    '1.2.3.4:',
    'a b:80',
    '-1',
    '8e1',
  ])('%j is not', text => {
    expect(() => parseListenAddress(text)).toThrow('no address to serve at; write PORT, HOST:PORT or [IPv6]:PORT')
  })

  test('has a port that exists', () => {
    expect(() => parseListenAddress('65536')).toThrow('65536: a port is a number up to 65535')
  })
})
