import { describe, expect, test } from 'vitest'
import { main } from '../../src/cli/main.ts'
import { type FakeIo, fakeIo } from '../fake-io.ts'
import { LiveWorld } from '../live-world.ts'
import { block, bytesOf, DATALOG, dataFrame, frame, heartbeat, INVERTER } from '../protocols/lxp/build-frame.ts'
import { HELLO, obedient } from '../protocols/lxp/fake-dongle.ts'
import { until } from '../until.ts'
import { PlainClient } from './plain-client.ts'
import { batteryOf, SimulatedDongle } from './simulated-dongle.ts'
import { type TcpAnswer, TcpDongle, type TcpDongleOptions } from './tcp-dongle.ts'

const REQUEST = { protocol: 1, address: 0 }
const KNOWN = ['--datalog', DATALOG, '--inverter', INVERTER]
const readInput = (register: number, count = 40) => dataFrame(4, register, bytesOf([count]), REQUEST)
const readHold = (register: number) => dataFrame(3, register, bytesOf([1]), REQUEST)
const writeHold = (register: number, value: number) => dataFrame(6, register, bytesOf([value]), REQUEST)

interface Proxy {
  readonly io: FakeIo
  readonly port: number
  readonly world: LiveWorld
  /** Ends it; gives the exit status. */
  stop(): Promise<number>
}

async function start(world: LiveWorld, dongle: Pick<TcpDongle, 'address'>, args: readonly string[]): Promise<Proxy> {
  const io = fakeIo(['modbus', 'proxy', dongle.address, '--listen', '0', ...args], { clock: world.clock })
  const done = main(io)
  await world.while(until(() => /listening on/.test(io.stderr) && / connected\n/.test(io.stderr)))
  return {
    ...{ io, world, port: Number(/listening on 127\.0\.0\.1:(\d+)/.exec(io.stderr)![1]) },
    stop: () => {
      io.abort()
      return world.while(done)
    },
  }
}

/** A proxy, and the dongle behind it. */
async function proxied(args: readonly string[] = [], options: TcpDongleOptions = {}) {
  const world = new LiveWorld()
  const dongle = await TcpDongle.open(world, options)
  const proxy = await start(world, dongle, [...KNOWN, ...args])
  const connect = async (reads = true) => {
    const before = proxy.io.stderr.split('connected').length
    const client = new PlainClient(proxy.port, reads)
    await world.while(until(() => proxy.io.stderr.split('connected').length > before))
    return client
  }
  const stop = async () => {
    const code = await proxy.stop()
    await dongle[Symbol.asyncDispose]()
    return { code, stderr: proxy.io.stderr }
  }
  return { world, dongle, proxy, connect, stop, wait: (holds: () => boolean) => world.while(until(holds)) }
}

describe('modbus proxy', () => {
  test('serves three clients over one connection, each with what it asks', async () => {
    const { dongle, connect, wait, stop } = await proxied()
    dongle.registers.hold.set(1, 11).set(2, 22).set(3, 33)
    const clients = [await connect(), await connect(), await connect()]
    for (const [i, client] of clients.entries()) client.send(readHold(i + 1))
    await wait(() => clients.every(({ size }) => size > 0))
    expect(clients.map(({ bytes }) => bytes.toString('hex'))).toEqual(
      [11, 22, 33].map((word, i) => block(3, i + 1, [word]).toString('hex')),
    )
    const { code, stderr } = await stop()
    expect([code, dongle.connections.length]).toEqual([0, 1])
    expect(stderr).toContain('for programs of this machine\n')
    expect(stderr).toContain('wattzup: 3 requests of clients, 3 answered\n')
    expect(clients.map(({ ended }) => ended)).not.toContain('')
  })

  test('hands on to everybody what the dongle sends by itself, as it is, and prints it', async () => {
    const { dongle, connect, wait, proxy, stop } = await proxied(['--json'])
    const clients = [await connect(), await connect(), await connect()]
    const pushes = [block(4, 0, [4, 0, 0, 0, 512, 77]), heartbeat(5), dataFrame(6, 67, [90, 0])]
    dongle.connections[0]!.push(...pushes)
    const all = Buffer.concat(pushes)
    await wait(() => clients.every(({ size }) => size >= all.length))
    for (const { bytes } of clients) expect(bytes.toString('hex')).toBe(all.toString('hex'))
    const readings = proxy.io.stdout
      .trim()
      .split('\n')
      .map(line => JSON.parse(line))
    expect(readings.map(({ message, values }) => [message, values])).toEqual([
      ['input', expect.objectContaining({ battery_voltage: 51.2, soc: 77 })],
      ['write_single', { ac_charge_soc_limit: 90 }],
    ])
    await stop()
  })

  test('makes readings of answers to clients too', async () => {
    const { dongle, connect, wait, proxy, stop } = await proxied(['--format', 'text'])
    dongle.registers.input.set(4, 512)
    const client = await connect()
    client.send(readInput(0))
    await wait(() => client.size > 0)
    expect(proxy.io.stdout).toContain('battery_voltage 51.2 V')
    await stop()
  })

  test('is used by modbus poll like a dongle', async () => {
    const { dongle, proxy, world, stop } = await proxied()
    dongle.registers.input.set(4, 512)
    const polls = [1, 2, 3].map(() => {
      const args = [
        'modbus',
        'poll',
        `127.0.0.1:${proxy.port}`,
        '--once',
        '--json',
        '--registers',
        'input:0-79',
        ...KNOWN,
      ]
      const io = fakeIo(args, { clock: world.clock })
      return main(io).then(code => ({ code, io }))
    })
    for (const { code, io } of await world.while(Promise.all(polls))) {
      expect([code, io.stdout.includes('"battery_voltage":51.2')]).toEqual([0, true])
    }
    await stop()
    expect(dongle.heard.length).toBeLessThanOrEqual(6)
  })

  test('is used by modbus write like a dongle, where that is allowed', async () => {
    const { dongle, proxy, world, stop } = await proxied(['--write'])
    dongle.registers.hold.set(19, 2092).set(67, 80)
    const args = ['modbus', 'write', `127.0.0.1:${proxy.port}`, 'ac_charge_soc_limit=95', '--write', ...KNOWN]
    const io = fakeIo(args, { clock: world.clock })
    expect([await world.while(main(io)), io.stdout]).toEqual([
      0,
      'ac_charge_soc_limit: 80 % -> 95 %, written and read back\n',
    ])
    expect(dongle.registers.hold.get(67)).toBe(95)
    await stop()
  })

  test('learns the serial numbers, and says that clients wait until then', async () => {
    const world = new LiveWorld()
    await using dongle = await TcpDongle.open(world)
    const { io, port, stop } = await start(world, dongle, [])
    expect(io.stderr).toContain('waiting until the dongle sends something, to learn the serial numbers')
    const client = new PlainClient(port)
    client.send(readInput(0))
    await world.while(until(() => io.stderr.includes('client')))
    dongle.connections[0]!.push(HELLO)
    await world.while(until(() => client.size >= HELLO.length))
    client.send(readInput(0))
    await world.while(until(() => client.size > HELLO.length))
    expect(client.heard).toEqual(['input 0', 'input 0'])
    await stop()
    expect(io.stderr).toContain('1 with other serial numbers')
  })

  test('lets nobody write unless told, then only what is safe, then all', async () => {
    const attempts = [writeHold(67, 90), writeHold(67, 102), writeHold(21, 0)]
    const heard = async (...args: readonly string[]) => {
      const { dongle, connect, wait, stop } = await proxied(['--model', '12kpv', ...args])
      dongle.registers.hold.set(21, 0x0200)
      const client = await connect()
      client.send(...attempts)
      await wait(() => client.heard.length === 3)
      const { stderr } = await stop()
      return { heard: client.heard.toSorted(), stderr }
    }
    const none = await heard()
    expect(none.heard).toEqual(['exception 21 code 1', 'exception 67 code 1', 'exception 67 code 1'])
    expect(none.stderr).toContain('3 requests of clients, 0 answered, 3 refused\n')
    const safe = await heard('--write')
    expect(safe.heard).toEqual(['exception 21 code 3', 'exception 67 code 3', 'write_single 67'])
    expect(safe.stderr).toContain('settings may be changed by every program of this machine')
    const all = await heard('--write', '--force')
    expect(all.heard).toEqual(['exception 67 code 3', 'write_single 21', 'write_single 67'])
    expect(all.stderr).toContain('DANGER: all settings')
  })

  test('lets the network in when it is told to', async () => {
    const world = new LiveWorld()
    await using dongle = await TcpDongle.open(world)
    const io = fakeIo(['modbus', 'proxy', dongle.address, '--listen', '0.0.0.0:0', '--write'], { clock: world.clock })
    const done = main(io)
    await world.while(until(() => io.stderr.includes('port')))
    io.abort()
    expect(await world.while(done)).toBe(0)
    expect(io.stderr).toMatch(/listening on 0\.0\.0\.0:\d+, for everybody on the network\n/)
    expect(io.stderr).toContain('settings may be changed by whoever reaches this port\n')
  })

  test.each<[string[], string]>([
    [['--listen', 'x:y'], 'x:y is no address to serve at; write PORT, HOST:PORT or [IPv6]:PORT'],
    [['--force'], '--force is for --write'],
  ])('refuses %j', async (args, text) => {
    const io = fakeIo(['modbus', 'proxy', '127.0.0.1', ...args])
    expect([await main(io), io.stderr]).toEqual([2, `wattzup: ${text}\n`])
  })

  test('fails when its port is taken', async () => {
    const world = new LiveWorld()
    await using dongle = await TcpDongle.open(world)
    const io = fakeIo(['modbus', 'proxy', dongle.address, '--listen', dongle.address], { clock: world.clock })
    expect([await world.while(main(io)), io.stderr]).toEqual([1, expect.stringContaining('the port is in use already')])
  })
})

describe('a client of modbus proxy', () => {
  test('stays when the dongle goes away, is told that it is busy, and served when it is back', async () => {
    const { dongle, connect, wait, stop, proxy } = await proxied()
    const [a, b] = [await connect(), await connect()]
    dongle.connections[0]!.end.reset?.()
    await wait(() => proxy.io.stderr.includes('next attempt'))
    a.send(readInput(0))
    await wait(() => a.size > 0)
    expect(a.heard).toEqual(['exception 0 code 6'])
    await wait(() => dongle.connections.length === 2)
    await wait(() => proxy.io.stderr.split(`${dongle.address}: connected`).length === 3)
    b.send(readInput(0))
    await wait(() => b.size > 0)
    expect([b.heard, a.ended, b.ended]).toEqual([['input 0'], '', ''])
    const { stderr } = await stop()
    expect(stderr).toContain('2 requests of clients, 1 answered, 1 told that the dongle is busy\n')
  })

  test('that never reads is dropped, and 22 MB reach the one that does, every byte', async () => {
    const { dongle, connect, wait, stop, proxy } = await proxied()
    const dead = await connect(false)
    const alive = await connect()
    const push = block(4, 0, Array(127).fill(0x1234))
    const other = frame(Buffer.alloc(1000, 0x5a), { tcpFunction: 0xd0 }) // of the firmware's own
    const flood = Buffer.concat(Array(17_000).fill(Buffer.concat([other, push])))
    expect(flood.length).toBeGreaterThan(22_000_000)
    dongle.connections[0]!.push(flood)
    await wait(() => alive.size >= flood.length)
    expect(alive.bytes.equals(flood)).toBe(true)
    await wait(() => proxy.io.stderr.includes('does not read what it is sent'))
    alive.send(readInput(40))
    await wait(() => alive.size > flood.length)
    await stop()
    dead.socket.destroy()
  }, 60_000)

  test('that sends rubbish and forbidden things harms nobody; what came is counted', async () => {
    const { dongle, connect, wait, stop } = await proxied(['--write'])
    const [hostile, good] = [await connect(), await connect()]
    const damaged = Buffer.from(readInput(0))
    damaged[33]! ^= 0x40
    hostile.send(
      Buffer.from('GET / HTTP/1.1\r\n\r\n'),
      Buffer.alloc(100_000, 0xa1),
      damaged,
      dataFrame(33, 7, [1, 2], REQUEST), // firmware
      frame(Buffer.from('030002000000a500', 'hex'), { tcpFunction: 0xc4, protocol: 2 }), // factory reset
      dataFrame(4, 0, [40, 0], { ...REQUEST, inverter: 'DEMO000002' }),
      heartbeat(),
    )
    good.send(readInput(40))
    await wait(() => good.size > 0 && hostile.size > 0)
    expect([good.heard, hostile.heard]).toEqual([['input 40'], ['exception 7 code 1']])
    expect(dongle.connections[0]!.heard).toHaveLength(1)
    const { stderr } = await stop()
    expect(stderr).toContain('1 answered, 1 refused, 1 with other serial numbers, 2 other frames ignored\n')
    expect(stderr).toMatch(/wattzup: from clients: \d+ rejected: .*1 checksum \(crc\)/)
  })

  test('beyond --max-clients is turned away', async () => {
    const { connect, wait, stop, proxy } = await proxied(['--max-clients', '1'])
    const first = await connect()
    const second = new PlainClient(proxy.port)
    await wait(() => second.ended !== '')
    expect(first.ended).toBe('')
    const { stderr } = await stop()
    expect(stderr).toMatch(/client 127\.0\.0\.1:\d+ turned away: there are too many; see --max-clients\n/)
  })

  test('that comes and goes without end does not fill the log', async () => {
    const { wait, stop, proxy, world } = await proxied()
    for (let i = 0; i < 60; i++) {
      const client = new PlainClient(proxy.port)
      client.socket.on('connect', () => client.socket.destroy())
      await wait(() => client.ended !== '')
    }
    const lines = () => proxy.io.stderr.match(/client 127/g)?.length ?? 0
    expect(lines()).toBeLessThanOrEqual(40) // less than a minute or two have passed
    await world.clock.advance(60_000)
    const { stderr } = await stop()
    expect(stderr).toMatch(/\d+ more lines like that left out\n/)
  })
})

test('three clients share a simulated dongle that does all that dongles do', async () => {
  const world = new LiveWorld()
  const dongle = await SimulatedDongle.start(
    world,
    '--faults',
    'all=0.02,silence=0,garbage=0.1,corrupt=0.1',
    '--seed',
    '4',
  )
  const known = ['--datalog', 'DEMODONGLE', '--inverter', 'DEMO000001']
  const proxy = await start(world, dongle, known)
  const polls = [1, 2, 3].map(() => {
    const args = ['--json', '--count', '12', '--interval', '20', '--registers', 'input:0-39', ...known]
    const io = fakeIo(['modbus', 'poll', `127.0.0.1:${proxy.port}`, ...args], { clock: world.clock })
    return { io, done: main(io) }
  })
  expect(await world.while(Promise.all(polls.map(({ done }) => done)))).toEqual([0, 0, 0])
  await proxy.stop()
  await dongle.stop()
  const sent = new Set(dongle.sent.flatMap(sentFrame => JSON.stringify(batteryOf(sentFrame) ?? [])))
  for (const { io } of polls) {
    const readings = io.stdout
      .trim()
      .split('\n')
      .map(line => JSON.parse(line))
    const got = readings.filter(({ values }) => values.soc !== undefined)
    expect(got.length).toBeGreaterThanOrEqual(12)
    for (const { values } of got)
      expect(sent).toContain(JSON.stringify({ volts: values.battery_voltage, soc: values.soc }))
    expect(io.stderr).not.toContain('rejected') // the proxy hands on nothing that is damaged
  }
  expect(proxy.io.stderr).toMatch(/wattzup: rejected: .*checksum \(crc\)/)
  expect(dongle.summary).toContain('requests answered')
}, 60_000)

test('no answer of one client is taken for that of another', async () => {
  const answer: TcpAnswer = (request, self) => (request.register === 80 ? [] : obedient(request, self))
  const { connect, wait, stop } = await proxied([], { answer })
  const [a, b] = [await connect(), await connect()]
  a.send(readInput(80))
  b.send(readInput(0), readInput(40))
  await wait(() => b.heard.length === 2)
  expect([a.heard, b.heard]).toEqual([[], ['input 0', 'input 40']])
  const { stderr } = await stop()
  expect(stderr).toContain('3 requests of clients, 2 answered, 1 not answered by the dongle\n')
})
