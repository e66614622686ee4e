import { once } from 'node:events'
import { type AddressInfo, createServer, type Socket } from 'node:net'
import { describe, expect, test } from 'vitest'
import { main } from '../../src/cli/main.ts'
import { CAN } from '../../src/core/can.ts'
import type { CanBus } from '../../src/core/can-bus.ts'
import { localNetwork } from '../../src/transport/local-network.ts'
import { type FakeIo, fakeIo, STRUCTS, type World } from '../fake-io.ts'
import { ManualClock } from '../manual-clock.ts'
import { message } from '../transport/can/bus-watch.ts'

/** The seven kinds of frames of docs/protocols/log-formats.md. */
const KINDS = `(1700000000.000000) can0 123#DEADBEEF01020304 R
(1700000000.001500) can0 18FF50E5#A1B2C3 T
(1700000000.002000) can1 7FF# R
(1700000000.004000) can0 123#R4 R
(1700000000.005000) can0 20000088#0000000000000000
(1700000000.006000) can0 456##1000102030405060708090A0B R
(1700000001.250000) can0 00000123#01
`

/** Runs to the end of the recordings. */
async function dump(args: string, world: World = {}): Promise<FakeIo> {
  const io = fakeIo(['can', 'dump', ...args.split(' ')], { files: { 'kinds.log': KINDS }, ...world })
  io.status.code = await main(io)
  return io
}

/** A run on buses of this program. */
class LiveDump implements AsyncDisposable {
  readonly clock = new ManualClock(Date.UTC(2026, 2, 1, 10, 0, 0, 123))
  readonly network = localNetwork(this.clock)
  readonly io: FakeIo
  readonly done: Promise<number>
  #bus: CanBus | undefined

  constructor(args: string, world: World = {}) {
    this.io = fakeIo(['can', 'dump', ...args.split(' ')], { clock: this.clock, network: this.network, ...world })
    this.done = main(this.io)
  }

  /** The other end of virtual:x, once the run listens to it. */
  async bus(): Promise<CanBus> {
    this.#bus ??= await this.network.openCan({ kind: 'virtual', name: 'x' }, { random: () => 0.5 }, this.io.signal)
    // the commands of a run are loaded when it begins, which takes as long as it takes
    while (this.io.stderr === '' && !(await this.#isHeard(this.#bus))) await this.clock.advance(0)
    return this.#bus
  }

  /** Lets time pass until the run is over; its exit status. */
  async ended(): Promise<number> {
    let code: number | undefined
    void this.done.then(status => {
      code = status
    })
    while (code === undefined) await this.clock.advance(10)
    return code
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.io.abort()
    await this.done
    await this.#bus?.[Symbol.asyncDispose]()
  }

  /** A frame that nobody asked for tells whether there is anybody; it is taken out of the output again. */
  async #isHeard(bus: CanBus): Promise<boolean> {
    bus.send(message(0x7ff, '5A'))
    await this.clock.advance(0)
    return this.io.stdout !== ''
  }
}

describe('can dump of a recording', () => {
  test('prints what candump prints on a screen', async () => {
    const { stdout, stderr, status } = await dump('file:kinds.log')
    // these lines are those of candump for the same frames: docs/protocols/log-formats.md, section 2
    expect(stdout.split('\n')).toEqual([
      '  can0  123   [8]  DE AD BE EF 01 02 03 04',
      '  can0  18FF50E5   [3]  A1 B2 C3',
      '  can1       7FF   [0] ',
      '  can0       123   [4]  remote request',
      '  can0       456  [12]  00 01 02 03 04 05 06 07 08 09 0A 0B',
      '  can0  00000123   [1]  01',
      '',
    ])
    expect(stderr).toBe('wattzup: file:kinds.log: protocol violation, bus error\nwattzup: file:kinds.log: 1 error\n')
    expect(status.code).toBe(0)
  })

  test('prints log lines, which are those of the log', async () => {
    const lines = KINDS.replaceAll(/ [RT]$/gm, '').split('\n')
    expect((await dump('file:kinds.log,0:0,#FFFFFFFF -L')).stdout.split('\n')).toEqual(lines)
    expect((await dump('file:kinds.log,0:0,#FFFFFFFF --format candump')).stdout.split('\n')).toEqual(lines)
  })

  test('prints frames as JSON', async () => {
    const { stdout } = await dump('file:kinds.log@can1 --json')
    expect(
      stdout
        .split('\n')
        .filter(Boolean)
        .map(line => JSON.parse(line)),
    ).toEqual([{ ts: '1700000000.002000', ch: 'can1', id: '7FF', dir: 'rx', dlc: 0, data: '' }])
  })

  test.each([
    ['a', ' (1700000000.000000)  can0', ' (1700000001.250000)  can0'],
    ['z', ' (000.000000)  can0', ' (001.250000)  can0'],
    ['d', ' (000.000000)  can0', ' (001.244000)  can0'],
  ])('stamps lines as candump -t %s does', async (kind, first, last) => {
    const lines = (await dump(`file:kinds.log -t ${kind}`)).stdout.split('\n').slice(0, -1)
    expect(lines[0]!.startsWith(first), lines[0]).toBe(true)
    expect(lines.at(-1)!.startsWith(last), lines.at(-1)).toBe(true)
  })

  test('takes its filters from behind the bus, and keeps interfaces apart', async () => {
    expect((await dump('file:kinds.log@can0,123:7FF -L')).stdout.split('\n')).toEqual([
      '(1700000000.000000) can0 123#DEADBEEF01020304',
      '(1700000000.004000) can0 123#R4',
      '(1700000001.250000) can0 00000123#01',
      '',
    ])
    expect((await dump('file:kinds.log@can1 -L')).stdout).toBe('(1700000000.002000) can1 7FF#\n')
  })

  test('two interfaces of a log come in the order of the log, names as wide as the widest', async () => {
    const log = KINDS.replaceAll('can1', 'longer1')
    const { stdout } = await dump('file:a.log@can0,7FF:700 file:a.log@longer1 -L', { files: { 'a.log': log } })
    expect(stdout).toBe('(1700000000.002000) longer1 7FF#\n')
    const both = await dump('file:a.log@can0,123:7FF file:a.log@longer1 -L', { files: { 'a.log': log } })
    expect(both.stdout.split('\n').slice(0, 2)).toEqual([
      '(1700000000.000000)    can0 123#DEADBEEF01020304',
      '(1700000000.002000) longer1 7FF#',
    ])
  })

  test('stops after so many frames', async () => {
    expect((await dump('file:kinds.log -L --count 2')).stdout.split('\n')).toHaveLength(3)
  })

  test('tells rate and load of each bus in the end', async () => {
    await using run = new LiveDump('file:kinds.log --stats 10 -q', { files: { 'kinds.log': KINDS } })
    await run.ended()
    expect(run.io.stdout).toBe('')
    // canbusload counts 118 + 96 + 50 + 80 bits for four of them; remote frames it counts as if they had data
    expect(run.io.stderr).toMatch(/: 6 frames, 4\.\d\/s, load 0\.1 %, 1 error frame in 1\.[23] s\n/)
  })

  test('of what is no log fails, once it has said why', async () => {
    const { stderr, status } = await dump('file:no.log', { files: { 'no.log': 'nonsense\n' } })
    expect(stderr).toMatch(/^wattzup: cannot read no.log: no CAN log; it begins with "nonsense"/)
    expect(status.code).toBe(1)
    const missing = await dump('file:missing.log')
    expect([missing.stderr, missing.status.code]).toEqual([
      ...['wattzup: cannot open missing.log: no such file or folder\n', 1],
    ])
  })

  test('counts what it skipped', async () => {
    const { stderr, status } = await dump('file:a.log', { files: { 'a.log': `${KINDS}garbage\n` } })
    expect(stderr).toContain('wattzup: a.log: skipped: 1 lines that are no frames (line 8)\n')
    expect(status.code).toBe(0)
  })
})

describe('can dump of live buses', () => {
  test('prints frames as they come, until it is stopped', async () => {
    await using run = new LiveDump('virtual:x -L')
    const bus = await run.bus()
    const before = run.io.stdout.length
    bus.send(message(0x123, 'AABB'))
    bus.send(message(0x18ff50e5, '01', CAN.extended))
    await run.clock.advance(1500)
    bus.send(message(0x123, '02'))
    await run.clock.advance(0)
    expect(run.io.stdout.slice(before).split('\n')).toEqual([
      '(1772359200.123000) x 123#AABB',
      '(1772359200.123000) x 18FF50E5#01',
      '(1772359201.623000) x 123#02',
      '',
    ])
    run.io.abort()
    expect(await run.done).toBe(0)
    expect(run.io.stderr).toBe('')
  })

  test('logs the frames of all buses to one file, which can be played', async () => {
    await using run = new LiveDump('virtual:x virtual:y -L --log logs')
    const bus = await run.bus()
    bus.send(message(0x123, 'AABB'))
    await run.clock.advance(0)
    run.io.abort()
    await run.done
    const [path] = [...run.io.files.contents.keys()]
    expect(path).toBe('logs/virtual_x_virtual_y.20260301-100000.log')
    expect(run.io.files.readText(path!)).toBe(run.io.stdout)
  })

  test('begins new files at their size and each day, and keeps the last ones', async () => {
    await using run = new LiveDump('virtual:x -L --log logs --log-size 0.001 --log-keep 3')
    const bus = await run.bus()
    for (let i = 0; i < 200; i++) {
      bus.send(message(i, '1122334455667788'))
      await run.clock.advance(1000)
    }
    await run.clock.advance(86_400_000)
    bus.send(message(0x7fe))
    await run.clock.advance(0)
    const files = [...run.io.files.contents.keys()].sort()
    expect(files).toHaveLength(3)
    expect(files.at(-1)).toMatch(/\.20260302-/)
    expect(run.io.files.readText(files.at(-1)!)).toMatch(/^\(\d+\.\d+\) x 7FE#\n$/)
    const size = run.io.files.size(files[0]!)!
    expect(size).toBeGreaterThanOrEqual(1000)
    expect(size).toBeLessThan(1200)
  })

  test('tells every so often what a bus carries', async () => {
    await using run = new LiveDump('virtual:x -L --stats 1')
    const bus = await run.bus()
    await run.clock.advance(1000)
    for (let i = 0; i < 500; i++) bus.send(message(0x555, '5555555555555555')) // 112 bits, says canbusload
    await run.clock.advance(1000)
    expect(run.io.stderr.split('\n').at(-2)).toBe('wattzup: virtual:x: 500 frames, 500.0/s, load 11.2 %')
  })

  test('makes readings by a definition, for every sink', async () => {
    const args = 'virtual:x --decode pylon-can --format ndjson --json-file now.json --count 1'
    await using run = new LiveDump(args)
    const bus = await run.network.openCan({ kind: 'virtual', name: 'x' }, { random: () => 0.5 }, run.io.signal)
    while (run.io.stdout === '') {
      bus.send(message(0x4210, 'AE0F307504E26164', CAN.extended))
      bus.send(message(0x123, '00'))
      await run.clock.advance(20)
    }
    expect(await run.done).toBe(0)
    const reading = JSON.parse(run.io.stdout)
    expect(reading).toMatchObject({ family: 'pylon-can', device: 'x' })
    expect(Object.keys(reading.values).length).toBeGreaterThan(2)
    expect(JSON.parse(run.io.files.readText('now.json'))).toBeDefined()
    await bus[Symbol.asyncDispose]()
  })

  test('that are still being opened are given up when it is stopped', async () => {
    await using server = await silentServer()
    const io = fakeIo(['can', 'dump', `socketcand://127.0.0.1:${server.port}/can0`], { clock: new ManualClock() })
    const done = main(io)
    await server.connected
    io.abort()
    expect([await done, io.stdout, io.stderr]).toEqual([0, '', ''])
  })

  test('exits 3 when nothing comes in time', async () => {
    await using run = new LiveDump('virtual:x --timeout 5')
    expect(await run.ended()).toBe(3)
    expect(run.io.stderr).toBe('wattzup: nothing came within 5 s\n')
  })
})

/** A server that takes connections and says nothing. */
async function silentServer() {
  const server = createServer()
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const connected = once(server, 'connection').then(([socket]) => socket as Socket)
  return {
    port: (server.address() as AddressInfo).port,
    connected,
    async [Symbol.asyncDispose]() {
      ;(await connected).destroy()
      server.close()
    },
  }
}

describe('can dump refuses', () => {
  test.each([
    ['can0,123', 'is no CAN bus'],
    ['file:kinds.log --mqtt mqtt://broker', '--mqtt is for readings: say what they are with --decode'],
    ['file:kinds.log --http 8080', '--http is for readings'],
    ['file:kinds.log --format csv', 'frames are printed as screen, candump, ndjson, not as csv'],
    ['file:kinds.log --decode pylon-can -L', 'with --decode readings are printed as text, ndjson, csv, not as candump'],
    ['file:kinds.log --bitrate 5', 'It must be a bit rate from 1k to 1M'],
    ['file:kinds.log --stats 0', 'It must be a number above 0'],
  ])('%s', async (args, message) => {
    const { stderr, status } = await dump(args)
    expect(stderr).toContain(message)
    expect(status.code).toBe(2)
  })

  test('standard input that is the terminal', async () => {
    const { stderr, status } = await dump('file:-', { stdinIsTerminal: true })
    expect([status.code, stderr]).toEqual([2, 'wattzup: no log: file:- is standard input, which is the terminal\n'])
  })

  test('an interface that the recording does not have, with exit status 1', async () => {
    const { stdout, stderr, status } = await dump('file:kinds.log@can7')
    expect([status.code, stdout]).toEqual([1, ''])
    expect(stderr).toBe('wattzup: file:kinds.log@can7: no frame of can7; it has can0, can1\n')
  })

  test('definitions that are not about CAN frames', async () => {
    const { stderr, status } = await dump('file:kinds.log --decode sec1000', { structs: STRUCTS })
    expect(stderr).toBe('wattzup: sec1000: no message of it is a CAN frame; keys are IDs such as 123 or 18FF50E5\n')
    expect(status.code).toBe(1)
    expect((await dump('file:kinds.log --decode nothing')).stderr).toContain('there are no definitions called nothing')
  })
})
