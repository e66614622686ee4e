import { createConnection, type Socket } from 'node:net'
import { describe, expect, test } from 'vitest'
import { main } from '../../src/cli/main.ts'
import { TransportError } from '../../src/core/errors.ts'
import type { LxpFrame } from '../../src/protocols/lxp/frame.ts'
import { type FakeIo, fakeIo, type World } from '../fake-io.ts'
import { LiveWorld } from '../live-world.ts'
import { ManualClock } from '../manual-clock.ts'
import { block, bytesOf, dataFrame } from '../protocols/lxp/build-frame.ts'
import { framesOf } from '../protocols/lxp/captures.ts'
import { until } from '../until.ts'

interface Running {
  readonly io: FakeIo
  readonly clock: ManualClock
  readonly done: Promise<number>
  readonly port: number
}

/** Starts `simulate dongle` at a free port, in a time that only the test moves. */
async function start(args: readonly string[], world: World = {}): Promise<Running> {
  const clock = new ManualClock()
  const io = fakeIo(['simulate', 'dongle', '--port', '0', ...args], { clock, ...world })
  const done = main(io)
  await until(() => /listening on 127\.0\.0\.1:\d+/.test(io.stderr))
  return { io, clock, done, port: Number(/listening on [\d.]+:(\d+)/.exec(io.stderr)![1]) }
}

/** A plain client, not of our making: what it got, and how it ended. */
class Client {
  readonly socket: Socket
  readonly #parts: Buffer[] = []
  ended = ''

  constructor(port: number) {
    this.socket = createConnection(port, '127.0.0.1')
    this.socket.on('data', data => this.#parts.push(data))
    this.socket.on('error', error => {
      this.ended = (error as NodeJS.ErrnoException).code ?? 'error'
    })
    this.socket.on('close', () => {
      this.ended ||= 'closed'
    })
  }

  get bytes(): Buffer {
    return Buffer.concat(this.#parts)
  }

  get frames(): LxpFrame[] {
    return framesOf(this.bytes).frames
  }

  get hex(): string[] {
    return this.frames.map(({ bytes }) => Buffer.from(bytes).toString('hex'))
  }

  async has(count: number): Promise<void> {
    await until(() => this.frames.length >= count)
  }
}

/** Lets time pass in small steps until something holds: what sockets bring is seen in between. */
async function passing(clock: ManualClock, holds: () => boolean, stepMs = 50): Promise<void> {
  while (!holds()) {
    await clock.advance(stepMs)
    await new Promise(resolve => setImmediate(resolve))
  }
}

async function stop({ io, done, clock }: Running): Promise<void> {
  io.abort()
  await passing(clock, () => io.stderr.includes('wattzup: clients: '))
  expect(await done).toBe(0)
}

const read = (register: number, count: number, serials = {}) =>
  dataFrame(4, register, bytesOf([count]), { protocol: 1, address: 0, ...serials })

describe('simulate dongle', () => {
  test('greets with settings, then bursts every two minutes with a heartbeat between', async () => {
    const dongle = await start([])
    const client = new Client(dongle.port)
    await client.has(1)
    expect(client.frames[0]).toMatchObject({ type: 'hold', register: 0, datalog: 'DEMODONGLE', inverter: 'DEMO000001' })
    await passing(dongle.clock, () => client.frames.length >= 4)
    const begun = dongle.clock.now()
    expect(client.frames.slice(1).map(({ register }) => register)).toEqual([0, 127, 254])
    await passing(dongle.clock, () => client.frames.length >= 5, 500)
    expect(client.frames[4]).toMatchObject({ type: 'heartbeat' })
    await passing(dongle.clock, () => client.frames.length >= 8, 500)
    expect(Math.abs(dongle.clock.now() - begun - 120_000)).toBeLessThan(1500)
    client.socket.destroy()
    await stop(dongle)
    expect(dongle.io.stderr).toMatch(/127\.0\.0\.1:\d+ connected\n/)
    expect(dongle.io.stderr).toMatch(/clients: 1; good frames: 8; requests answered: 0, not answered: 0\n$/)
  })

  test('lives as many times as fast as it is told', async () => {
    const dongle = await start(['--speed', '600', '--model', 'lxp'])
    const client = new Client(dongle.port)
    const begun = dongle.clock.now()
    await passing(dongle.clock, () => client.frames.filter(({ register }) => register === 80).length === 10, 20)
    const elapsed = dongle.clock.now() - begun
    expect(elapsed).toBeGreaterThan(1800) // nine times 0.2 s
    expect(elapsed).toBeLessThan(3000)
    expect(client.frames.every(({ protocol }) => protocol === 2)).toBe(true)
    await stop(dongle)
  })

  test('answers a read and a write, on one connection with its pushes', async () => {
    const dongle = await start(['--serial', 'INVERTER01', '--datalog', 'DONGLE0001'])
    const client = new Client(dongle.port)
    const serials = { inverter: 'INVERTER01', datalog: 'DONGLE0001' }
    await client.has(1)
    const write = dataFrame(6, 67, bytesOf([91]), { protocol: 1, address: 0, ...serials })
    const stream = Buffer.concat([read(0, 40, serials), write, read(0, 40)])
    client.socket.write(stream.subarray(0, 50)) // cut where no frame ends
    await until(() => client.socket.bytesWritten >= 50)
    client.socket.write(stream.subarray(50))
    await passing(dongle.clock, () => client.frames.length >= 3)
    const [, ...answers] = client.frames.filter(
      ({ count, type }) => count === 40 || type === 'write_single' || type === 'hold',
    )
    expect(answers).toMatchObject([
      { type: 'input', register: 0, count: 40, inverter: 'INVERTER01', datalog: 'DONGLE0001' },
      { type: 'write_single', register: 67 },
    ])
    await stop(dongle)
    expect(dongle.io.stderr).toContain('requests answered: 2, not answered: 1')
  })

  test('a second client ends the first', async () => {
    const dongle = await start([])
    const first = new Client(dongle.port)
    await first.has(1)
    const second = new Client(dongle.port)
    await until(() => first.ended !== '')
    await second.has(1)
    expect(second.ended).toBe('')
    await stop(dongle)
    expect(dongle.io.stderr).toMatch(/:\d+ has to go: another client came/)
  })

  test('a second client is refused, if so wanted', async () => {
    const dongle = await start(['--single-client', 'refuse'])
    const first = new Client(dongle.port)
    await first.has(1)
    const second = new Client(dongle.port)
    await until(() => second.ended !== '')
    expect({ first: first.ended, second: second.bytes.length }).toEqual({ first: '', second: 0 })
    await stop(dongle)
    expect(dongle.io.stderr).toMatch(/:\d+ refused: there is a client/)
  })

  test('several clients get the same bursts, if so wanted', async () => {
    const dongle = await start(['--single-client', 'off'])
    const clients = [new Client(dongle.port), new Client(dongle.port), new Client(dongle.port)]
    for (const client of clients) await client.has(1)
    await passing(dongle.clock, () => clients.every(({ frames }) => frames.length >= 4))
    const bursts = clients.map(({ hex }) => hex.slice(1, 4))
    expect(bursts[1]).toEqual(bursts[0])
    expect(bursts[2]).toEqual(bursts[0])
    await stop(dongle)
  })

  test('sends the same bytes every time, however late its client comes', async () => {
    const first = async (late: number) => {
      const dongle = await start([
        '--speed',
        '60',
        '--seed',
        '5',
        '--faults',
        'corrupt=0.2,garbage=0.2,short=0.2,drop=0.2',
      ])
      await dongle.clock.advance(late)
      const client = new Client(dongle.port)
      await passing(dongle.clock, () => client.bytes.length > 5000, 10)
      await stop(dongle)
      return client.bytes.subarray(0, 5000).toString('hex')
    }
    expect(await first(77_777)).toBe(await first(0))
  })

  test('a reset in the middle of a frame is one for the client, who can come again', async () => {
    const dongle = await start(['--faults', 'reset=1'])
    const client = new Client(dongle.port)
    await passing(dongle.clock, () => client.ended !== '')
    expect(client.ended).toBe('ECONNRESET')
    const again = new Client(dongle.port)
    await passing(dongle.clock, () => again.ended !== '')
    await stop(dongle)
    expect(dongle.io.stderr).toMatch(/clients: 2; .*; faults: 2 reset\n$/)
  })

  test('silence is silence, and ends', async () => {
    const dongle = await start(['--faults', 'silence=0.05', '--interval', '20'])
    const client = new Client(dongle.port)
    const times: number[] = []
    client.socket.on('data', () => times.push(dongle.clock.now()))
    const longest = () => Math.max(0, ...times.slice(1).map((at, i) => at - times[i]!))
    await passing(dongle.clock, () => longest() >= 60_000, 1000) // bursts and heartbeats come every 10 s
    await stop(dongle)
    expect(dongle.io.stderr).toMatch(/faults: \d+ silence/)
  })

  test('frames that follow one another at once are glued', async () => {
    const dongle = await start(['--faults', 'glue=1', '--model', 'lxp'])
    const client = new Client(dongle.port)
    const sizes: number[] = []
    client.socket.on('data', data => sizes.push(data.length))
    await passing(dongle.clock, () => client.frames.length >= 4)
    await stop(dongle)
    expect(sizes).toContain(3 * 117)
  })

  test('a client that sends nonsense does no harm', async () => {
    const dongle = await start([])
    const client = new Client(dongle.port)
    await client.has(1)
    client.socket.write(Buffer.concat([Buffer.alloc(70_000, 0xa1), Buffer.from('GET / HTTP/1.1\r\n\r\n'), read(0, 1)]))
    await passing(dongle.clock, () => client.frames.some(({ count }) => count === 1))
    await stop(dongle)
  })
})

describe('the journal', () => {
  const journalOf = ({ io }: Running) =>
    Buffer.from(io.files.contents.get('sent.jsonl')!)
      .toString()
      .trim()
      .split('\n')
      .map(line => JSON.parse(line) as { time: string; to: string; hex: string })

  test('has every good frame that a client can find, once and in order, whatever goes wrong', async () => {
    const dongle = await start([
      '--speed',
      '600',
      '--journal',
      'sent.jsonl',
      '--faults',
      'all=0.15,silence=0,reset=0.02',
    ])
    const clients: Client[] = []
    // answers to requests are in it too; whoever is thrown out comes again
    while (clients.flatMap(({ frames }) => frames).length < 250) {
      const client = new Client(dongle.port)
      clients.push(client)
      client.socket.on('connect', () =>
        client.socket.write(Buffer.concat([read(0, 40), read(40, 40), read(5002, 120)])),
      )
      await passing(dongle.clock, () => client.ended !== '' || client.frames.length > 120, 20)
    }
    await stop(dongle)
    await until(() => clients.every(({ ended }) => ended !== ''))
    expect(journalOf(dongle).map(({ hex }) => hex)).toEqual(clients.flatMap(({ hex }) => hex))
    expect(journalOf(dongle).length).toBeGreaterThan(200)
    const made = /faults: (.*)\n$/.exec(dongle.io.stderr)![1]!
    for (const fault of ['split', 'glue', 'garbage', 'corrupt', 'length', 'drop', 'foreign', 'slow'])
      expect(made).toContain(fault)
  }, 30_000)

  test('is not written over a file that exists, unless forced', async () => {
    const world = { files: { 'sent.jsonl': 'mine' } }
    const io = fakeIo(['simulate', 'dongle', '--port', '0', '--journal', 'sent.jsonl'], world)
    expect(await main(io)).toBe(1)
    expect(io.stderr).toContain('cannot write sent.jsonl: it exists')
    const dongle = await start(['--journal', 'sent.jsonl', '--force'], world)
    const client = new Client(dongle.port)
    await client.has(1)
    await stop(dongle)
    expect(journalOf(dongle)).toMatchObject([{ time: '2026-06-01T10:00:00.000Z', hex: client.hex[0] }])
  })

  test('ends the run when it cannot be written', async () => {
    const clock = new ManualClock()
    const io = fakeIo(['simulate', 'dongle', '--port', '0', '--journal', 'sent.jsonl'], { clock })
    const full = () => {
      throw new TransportError('cannot write sent.jsonl: no space left')
    }
    const files = { ...io.files, exists: () => false, create: () => ({ write: full, truncate: full, close: () => {} }) }
    const done = main(Object.create(io, { files: { value: files } }) as FakeIo)
    await until(() => io.stderr.includes('listening on'))
    const client = new Client(Number(/listening on [\d.]+:(\d+)/.exec(io.stderr)![1]))
    expect(await done).toBe(1)
    expect(io.stderr).toContain('wattzup: cannot write sent.jsonl: no space left\n')
    await until(() => client.ended !== '')
  })

  test('can be replayed: the same frames in the same time, and then the run ends', async () => {
    const dongle = await start(['--speed', '60', '--journal', 'sent.jsonl'])
    const client = new Client(dongle.port)
    await passing(dongle.clock, () => client.frames.length >= 12)
    await stop(dongle)
    const files = { 'sent.jsonl': dongle.io.files.contents.get('sent.jsonl')! }
    const again = await start(['--speed', '60', '--replay', 'sent.jsonl'], { files })
    expect(again.io.stderr).toContain('dongle DEMODONGLE of inverter DEMO000001, protocol 5')
    const second = new Client(again.port)
    await passing(again.clock, () => second.ended !== '')
    expect(await again.done).toBe(0)
    expect(second.hex.slice(1)).toEqual(client.hex) // after the greeting, which is what the recording has of it
    expect(second.hex[0]).toBe(client.hex[0])
  })
})

describe('a replay', () => {
  const packets = {
    '2026-0301-100000.192_0_2_7.0001.bin': block(3, 19, [38]),
    '2026-0301-100200.192_0_2_7.0001.bin': block(4, 0, [1, 2, 3]),
    '2026-0301-100201.192_0_2_7.0002.bin': block(4, 3, [4, 5, 6]),
  }

  test('of saved packets keeps their distances, and answers from them', async () => {
    const dongle = await start(['--replay', ...Object.keys(packets).reverse()], { files: packets })
    const client = new Client(dongle.port)
    await until(() => client.socket.readyState === 'open')
    await passing(dongle.clock, () => client.frames.length >= 1)
    client.socket.write(read(1, 4))
    await passing(dongle.clock, () => client.frames.length >= 3)
    expect([...client.frames[1]!.data]).toEqual(bytesOf([2, 3, 4, 5]))
    const begun = dongle.clock.now()
    await passing(dongle.clock, () => client.frames.length >= 4)
    expect(Math.abs(dongle.clock.now() - begun - 120_000)).toBeLessThan(3000)
    await passing(dongle.clock, () => client.ended !== '')
    expect(await dongle.done).toBe(0)
    expect(client.hex.slice(2)).toEqual(Object.values(packets).map(bytes => bytes.toString('hex')))
  })

  test('says what is no frame, and goes on with the others', async () => {
    const files = {
      'a.jsonl': `nonsense\n{"hex":"${block(4, 0, [1]).toString('hex')}"}\n`,
      'b.bin': Buffer.from('nothing'),
    }
    const dongle = await start(['--replay', 'a.jsonl', 'b.bin'], { files })
    await stop(dongle)
    expect(dongle.io.stderr).toContain('a.jsonl: 1 of 2 lines are no frames')
    expect(dongle.io.stderr).toContain('1 rejected: 1 length (magic)')
  })

  test.each([
    [['--replay', 'none.bin'], '1 of the files could not be read', 1],
    [['--replay', 'empty.bin'], 'the recording has no good frame', 1],
    [['--replay', 'empty.bin', '--model', 'lxp'], 'cannot be used with option', 2],
  ])('of %j fails', async (args, message, code) => {
    const io = fakeIo(['simulate', 'dongle', '--port', '0', ...args], { files: { 'empty.bin': '' } })
    expect(await main(io)).toBe(code)
    expect(io.stderr).toContain(message)
  })
})

describe('usage', () => {
  test.each([
    [['--port', '70000'], 'It must be a whole number from 0 to 65535.'],
    [['--serial', 'SHORT'], '10 letters and digits'],
    [['--speed', '0'], 'from 0.1 to 10000'],
    [['--speed', '20000'], 'from 0.1 to 10000'],
    [['--protocol', '3'], 'Allowed choices are 2, 5'],
    [['--start', 'yesterday'], '--start: yesterday is no time'],
    [['--faults', 'smoke'], 'there is no fault smoke; there are split, '],
    [['--faults', 'drop=2'], 'drop=2 needs a rate from 0 to 1, as in drop=0.01'],
    [['--single-client', 'maybe'], 'Allowed choices are kick, refuse, off'],
  ])('%j is wrong', async (args, message) => {
    const io = fakeIo(['simulate', 'dongle', '--port', '0', ...args])
    expect(await main(io)).toBe(2)
    expect(io.stderr).toContain(message)
  })

  test('a port that is taken is said in one line', async () => {
    const dongle = await start([])
    const io = fakeIo(['simulate', 'dongle', '--port', String(dongle.port)])
    expect(await main(io)).toBe(1)
    expect(io.stderr).toMatch(/^wattzup: cannot listen on 127\.0\.0\.1:\d+: .+\n$/)
    await stop(dongle)
  })

  test('the run ends after its duration', async () => {
    const dongle = await start(['--duration', '5'])
    await passing(dongle.clock, () => dongle.io.stderr.includes('wattzup: clients: '))
    expect(await dongle.done).toBe(0)
  })
})

test('modbus collect saves what the dongle sent, every frame once', async () => {
  const world = new LiveWorld()
  const faults = ['--faults', 'split=0.3,glue=0.3,garbage=0.3,corrupt=0.1,length=0.1,drop=0.1,foreign=0.1,slow=0.1']
  const dongle = fakeIo(['simulate', 'dongle', '--speed', '60', '--journal', 'sent.jsonl', ...faults], world)
  const collect = fakeIo(
    ['modbus', 'collect', '--hosts', '127.0.0.1', '--output-dir', 'packets', '--max-packets', '60'],
    world,
  )
  const served = main(dongle)
  await world.while(until(() => dongle.stderr !== ''))
  expect(await world.while(main(collect))).toBe(0)
  dongle.abort()
  expect(await world.while(served)).toBe(0)
  const saved = [...collect.files.contents].filter(([path]) => path.endsWith('.bin'))
  const lines = Buffer.from(dongle.files.contents.get('sent.jsonl')!).toString().trim().split('\n')
  const sent = lines.map(line => (JSON.parse(line) as { hex: string }).hex)
  const isData = (hex: string) => hex.slice(14, 16) !== 'c1' // heartbeats are not saved
  expect(saved).toHaveLength(60)
  expect(saved.map(([, bytes]) => Buffer.from(bytes).toString('hex'))).toEqual(sent.filter(isData).slice(0, 60))
}, 30_000)
