import { once } from 'node:events'
import { type AddressInfo, createServer, type Server, type Socket } from 'node:net'
import { describe, expect, test } from 'vitest'
import type { LiveCanAddress } from '../../../src/core/can-address.ts'
import type { CanBus } from '../../../src/core/can-bus.ts'
import { parseFilters } from '../../../src/core/can-filter.ts'
import { localNetwork } from '../../../src/transport/local-network.ts'
import { ManualClock } from '../../manual-clock.ts'
import { until } from '../../until.ts'
import { BusWatch, message } from './bus-watch.ts'

const never = new AbortController().signal

/** A socketcand server on a port of this machine, as its documentation has it. */
class TestServer implements AsyncDisposable {
  readonly said: string[] = []
  /** Answers that differ from the usual ones. */
  readonly answers = new Map<string, string>()
  greeting = '< hi >'
  socket: Socket | undefined
  readonly #sockets: Socket[] = []
  readonly #server: Server

  private constructor(server: Server) {
    this.#server = server
    server.on('connection', socket => this.#serve(socket))
  }

  static async start(port = 0): Promise<TestServer> {
    const server = createServer()
    server.listen(port, '127.0.0.1')
    await once(server, 'listening')
    return new TestServer(server)
  }

  get port(): number {
    return (this.#server.address() as AddressInfo).port
  }

  get address(): LiveCanAddress {
    return { kind: 'socketcand', endpoint: { host: '127.0.0.1', port: this.port }, iface: 'can0' }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const socket of this.#sockets) socket.destroy()
    this.#server.close()
    await once(this.#server, 'close')
  }

  #serve(socket: Socket): void {
    this.socket = socket
    this.#sockets.push(socket)
    socket.on('error', () => {})
    socket.write(this.greeting)
    let rest = ''
    socket.setEncoding('latin1').on('data', (text: unknown) => {
      const messages = (rest + String(text)).split(/(?<=>)/)
      rest = messages.at(-1)!.endsWith('>') ? '' : messages.pop()!
      for (const said of messages) {
        this.said.push(said)
        const isAnswered = /^< (open|rawmode|echo)/.test(said)
        const answer = this.answers.get(said) ?? (said === '< echo >' ? '< echo >' : isAnswered ? '< ok >' : '')
        if (answer !== '') socket.write(answer)
      }
    })
  }
}

interface Opened {
  readonly bus: CanBus
  readonly watch: BusWatch
  readonly clock: ManualClock
}

async function open(server: TestServer, filters?: string): Promise<Opened> {
  const clock = new ManualClock()
  const options = { random: () => 0.5, ...(filters === undefined ? {} : { filters: parseFilters(filters.split(',')) }) }
  const bus = await localNetwork(clock).openCan(server.address, options, never)
  return { bus, watch: new BusWatch(bus), clock }
}

describe('a socketcand server', () => {
  test('opens the bus in raw mode; frames come with its time, and go', async () => {
    await using server = await TestServer.start()
    const { bus, watch } = await open(server)
    expect(server.said).toEqual(['< open can0 >', '< rawmode >'])
    server.socket!.write('< frame 123 1700000000.001500 DEADBEEF >< frame 18FF50E5 1700000000.2 A1B2C3 >')
    await until(() => watch.heard.length === 2)
    expect(watch.stamped).toEqual([
      ...['1700000000.001500 can0 123#DEADBEEF', '1700000000.200000 can0 18FF50E5#A1B2C3'],
    ])
    expect(bus.name).toBe(`socketcand://127.0.0.1:${server.port}/can0`)
    expect(bus.send(message(0x7ff, 'AABB'))).toBe(true)
    await until(() => server.said.length === 3)
    expect(server.said[2]).toBe('< send 7ff 2 AA BB >')
    expect(bus.send({ ...message(0x7ff), flags: 2 })).toBe(false) // it has no remote frames
    await bus[Symbol.asyncDispose]()
  })

  test('delivers what was sent before the bus is closed', async () => {
    await using server = await TestServer.start()
    const { bus } = await open(server)
    for (let i = 0; i < 100; i++) bus.send(message(i, '00'))
    await bus[Symbol.asyncDispose]()
    await until(() => server.said.length === 102)
    expect(server.said.at(-1)).toBe('< send 063 1 00 >')
  })

  test('is heard through filters', async () => {
    await using server = await TestServer.start()
    const { bus, watch } = await open(server, '100:700')
    server.socket!.write('< frame 123 1.0 00 >< frame 223 1.0 00 >< frame 1FF 1.0 00 >')
    await until(() => watch.heard.length === 2)
    expect(watch.heard).toEqual(['123#00', '1FF#00'])
    await bus[Symbol.asyncDispose]()
  })

  test('tells of error frames what they are: the bus is off until something else comes', async () => {
    await using server = await TestServer.start()
    const { bus, watch } = await open(server)
    server.socket!.write('< error 008 1.0 >< error 040 2.0 >< error 100 3.0 >< error unknown command >')
    await until(() => watch.heard.length === 7)
    expect(watch.heard).toEqual([
      ...['20000008#0000000000000000', 'error: protocol violation'],
      ...['20000040#0000000000000000', expect.stringMatching(/^down: lost .*: its controller is off the bus/)],
      ...['20000100#0000000000000000', 'up', 'error: the server says: error unknown command'],
    ])
    await bus[Symbol.asyncDispose]()
  })

  test('that has no such bus says so', async () => {
    await using server = await TestServer.start()
    server.answers.set('< open can0 >', '< error could not open bus >')
    await expect(open(server)).rejects.toThrow(
      `cannot open socketcand://127.0.0.1:${server.port}/can0: the server says: error could not open bus`,
    )
  })

  test('that is none is told from one', async () => {
    await using server = await TestServer.start()
    server.greeting = 'SSH-2.0-OpenSSH_9.2\r\n'
    const clock = new ManualClock()
    const opening = localNetwork(clock).openCan(server.address, { random: () => 0.5 }, never)
    const failed = expect(opening).rejects.toThrow('no answer within 5 s; is it a socketcand server?')
    await until(() => clock.sleeping > 0 && server.socket !== undefined)
    await clock.advance(5000)
    await failed
  })

  test('that closes at once is told so', async () => {
    await using server = await TestServer.start()
    server.greeting = ''
    const opening = open(server)
    await until(() => server.socket !== undefined)
    server.socket!.destroy()
    await expect(opening).rejects.toThrow('the other side has closed it')
  })

  test('is connected to again when it is lost', async () => {
    await using server = await TestServer.start()
    const { bus, watch, clock } = await open(server)
    server.socket!.destroy()
    await until(() => watch.heard.length === 1)
    expect(watch.heard[0]).toMatch(/^down: lost /)
    await until(() => clock.sleeping > 0)
    await clock.advance(2000)
    await until(() => watch.heard.length === 2)
    expect(watch.heard[1]).toBe('up')
    server.socket!.write('< frame 123 1.0 00 >')
    await until(() => watch.heard.length === 3)
    await bus[Symbol.asyncDispose]()
  })

  test('that is silent is asked for an echo, and given up when none comes', async () => {
    await using server = await TestServer.start()
    const { bus, watch, clock } = await open(server)
    await clock.advance(10_000)
    await until(() => server.said.includes('< echo >'))
    await clock.advance(15_000)
    expect(watch.heard).toEqual([])
    server.socket!.pause()
    await clock.advance(40_000)
    await until(() => watch.heard.length > 0)
    expect(watch.heard[0]).toMatch(/^down: lost .*: it has been silent for 30 s$/)
    await bus[Symbol.asyncDispose]()
  })
})
