import { createServer, type RequestListener, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterEach, describe, expect, test } from 'vitest'
import { httpGet, shownUrl } from '../../src/transport/http-get.ts'
import { ManualClock } from '../manual-clock.ts'
import { until } from '../until.ts'

const LIMITS = { timeoutMs: 5000, bytes: 1000 }
const never = new AbortController().signal

const servers: Server[] = []
afterEach(() => {
  for (const server of servers.splice(0)) server.close().closeAllConnections()
})

async function serve(listener: RequestListener): Promise<URL> {
  const server = createServer(listener)
  servers.push(server)
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
  return new URL(`http://127.0.0.1:${(server.address() as AddressInfo).port}/stack?x=1`)
}

const get = (url: URL, clock = new ManualClock(), signal: AbortSignal = never) => httpGet(url, LIMITS, clock, signal)

describe('a document that is asked for', () => {
  test('comes with its status and the time of the server', async () => {
    const url = await serve((request, response) => {
      response
        .writeHead(request.url === '/stack?x=1' ? 200 : 404, { date: 'Sun, 01 Mar 2026 10:00:00 GMT' })
        .end('{"a":1}')
    })
    expect(await get(url)).toEqual({ status: 200, text: '{"a":1}', date: Date.UTC(2026, 2, 1, 10) })
  })

  test('is asked for with the name and password of the address, which are shown nowhere', async () => {
    const url = await serve(({ headers }, response) => void response.end(String(headers.authorization)))
    url.username = 'me'
    url.password = 'a%20b'
    expect((await get(url)).text).toBe(`Basic ${Buffer.from('me:a b').toString('base64')}`)
    expect(shownUrl(url)).not.toMatch(/me|a%20b/)
    await new Promise(resolve => servers[0]!.close(resolve))
    await expect(get(url)).rejects.toThrow(`cannot read ${shownUrl(url)}: connection refused`)
  })

  test('must come in time, all of it', async () => {
    for (const begin of [false, true]) {
      let isAsked = false
      const url = await serve((_, response) => {
        if (begin) response.write('{')
        isAsked = true
      })
      const clock = new ManualClock()
      const failure = expect(get(url, clock)).rejects.toThrow('no answer within 5 s')
      await until(() => isAsked)
      await clock.advance(5000)
      await failure
      expect(clock.sleeping).toBe(0)
    }
  })

  test('must not be too long', async () => {
    const url = await serve((_, response) => void response.end('x'.repeat(2000)))
    await expect(get(url)).rejects.toThrow('the answer is too long')
  })

  test('must be all there', async () => {
    const url = await serve((_, response) => {
      response.writeHead(200, { 'content-length': 100 })
      response.write('{')
      setImmediate(() => response.destroy())
    })
    await expect(get(url)).rejects.toThrow(`cannot read ${url.href}: `)
  })

  test('is not waited for by one who is stopped', async () => {
    const url = await serve(() => {})
    const stop = new AbortController()
    const failure = expect(get(url, new ManualClock(), stop.signal)).rejects.toBe('enough')
    stop.abort('enough')
    await failure
  })
})
