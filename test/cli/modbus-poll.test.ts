import { describe, expect, test } from 'vitest'
import { main } from '../../src/cli/main.ts'
import { type FakeIo, fakeIo } from '../fake-io.ts'
import { LiveWorld } from '../live-world.ts'
import { block, DATALOG, heartbeat, INVERTER } from '../protocols/lxp/build-frame.ts'
import { HELLO, obedient, refusal } from '../protocols/lxp/fake-dongle.ts'
import { until } from '../until.ts'
import { batteryOf, SimulatedDongle } from './simulated-dongle.ts'
import { type TcpAnswer, TcpDongle } from './tcp-dongle.ts'

const OTHER = 'DEMO000002'
const SERIALS = ['--datalog', DATALOG, '--inverter', INVERTER]

interface Polled {
  readonly code: number
  readonly io: FakeIo
  readonly readings: readonly { device: string; message: string; values: Record<string, unknown> }[]
}

type Host = Pick<TcpDongle, 'address'>

function start(
  { clock }: LiveWorld,
  { address }: Host,
  args: readonly string[],
): { io: FakeIo; done: Promise<Polled> } {
  const io = fakeIo(['modbus', 'poll', address, '--json', ...args], { clock })
  const done = main(io).then(code => ({ code, io, readings: linesOf(io).map(line => JSON.parse(line)) }))
  return { io, done }
}

function linesOf({ stdout }: FakeIo): string[] {
  return stdout.split('\n').filter(line => line !== '')
}

/** What tells the serial numbers. */
const hello = () => [HELLO]

const poll = (world: LiveWorld, host: Host, args: readonly string[]) => world.while(start(world, host, args).done)

describe('modbus poll', () => {
  test('asks for all blocks of 40, input first, and prints what comes', async () => {
    const world = new LiveWorld()
    await using dongle = await TcpDongle.open(world)
    dongle.registers.input.set(0, 4).set(4, 512).set(5, 0x634d)
    dongle.registers.hold.set(67, 85)
    const { code, readings, io } = await poll(world, dongle, ['--once', ...SERIALS])
    const starts = [0, 40, 80, 120, 160, 200]
    expect(dongle.heard).toEqual([...starts.map(first => [4, first, 40]), ...starts.map(first => [3, first, 40])])
    expect(code).toBe(0)
    const values = Object.assign({}, ...readings.map(reading => reading.values))
    expect(values).toMatchObject({ inverter_status: 'pv_on_grid', battery_voltage: 51.2, soc: 77, soh: 99 })
    expect(values).toMatchObject({ ac_charge_soc_limit: 85 })
    expect(new Set(readings.map(({ device }) => device))).toEqual(new Set([INVERTER]))
    expect(io.stderr).toContain('1 cycle: 12 blocks answered\n')
  })

  test('prints text unless told otherwise', async () => {
    const world = new LiveWorld()
    await using dongle = await TcpDongle.open(world, { greeting: hello })
    dongle.registers.input.set(4, 512)
    const io = fakeIo(['modbus', 'poll', dongle.address, '--once', '--registers', 'input:4'], { clock: world.clock })
    expect(await world.while(main(io))).toBe(0)
    expect(io.stdout).toMatch(/\d\d:\d\d:\d\d\.\d{3} DEMO000001 input {2}battery_voltage 51\.2 V\n/)
  })

  test('learns the serial numbers from what the dongle sends, says that it waits, and prints that too', async () => {
    const world = new LiveWorld()
    await using dongle = await TcpDongle.open(world)
    const { io, done } = start(world, dongle, ['--once', '--registers', 'input:0-9'])
    await world.while(until(() => io.stderr.includes('waiting')))
    expect(io.stderr).toMatch(
      /waiting until the dongle sends something, .*: two minutes or more; --datalog and --inverter/,
    )
    await world.clock.advance(120_000)
    expect(dongle.received).toEqual([])
    dongle.connections[0]!.push(block(4, 0, [1, 0, 0, 0, 480], { inverter: OTHER }))
    const { code, readings } = await world.while(done)
    expect(dongle.received.map(({ inverter }) => inverter)).toEqual([OTHER])
    expect([code, readings.length, readings[0]!.device]).toEqual([0, 2, OTHER])
    expect(readings[0]!.values).toMatchObject({ battery_voltage: 48 })
  })

  test('begins a cycle every interval, until there were enough', async () => {
    const world = new LiveWorld()
    const begun = world.clock.now()
    const times: number[] = []
    const answer: TcpAnswer = (request, self) => {
      times.push(Math.round((world.clock.now() - begun) / 1000))
      return obedient(request, self)
    }
    await using dongle = await TcpDongle.open(world, { answer })
    const { code, io } = await poll(world, dongle, [
      '--count',
      '3',
      '--interval',
      '30',
      '--registers',
      'input:0-9',
      ...SERIALS,
    ])
    expect([code, times]).toEqual([0, [0, 30, 60]])
    expect(io.stderr).toContain('3 cycles: 3 blocks answered\n')
  })

  test('asks for battery modules at once, and gives each a reading', async () => {
    const world = new LiveWorld()
    await using dongle = await TcpDongle.open(world)
    dongle.registers.input.set(5002, 0xc002).set(5008, 5210).set(5032, 0xc002).set(5038, 5230)
    const { readings } = await poll(world, dongle, ['--once', '--batteries', '--registers', 'hold:19', ...SERIALS])
    expect(dongle.heard).toEqual([
      [4, 5002, 120],
      [3, 19, 1],
    ])
    expect(readings.filter(({ message }) => message === 'battery_slot').map(({ device }) => device)).toEqual([
      `${INVERTER}-1`,
      `${INVERTER}-2`,
    ])
  })

  test('asks for larger blocks, and for small ones where the dongle does not give them', async () => {
    const world = new LiveWorld()
    const answer: TcpAnswer = (request, self) => (request.word > 40 ? [refusal(request, 3)] : obedient(request, self))
    await using dongle = await TcpDongle.open(world, { answer })
    const { io, code } = await poll(world, dongle, [
      '--once',
      '--block',
      '125',
      '--registers',
      'input:0-99',
      ...SERIALS,
    ])
    expect(dongle.heard.map(([, register, count]) => [register, count])).toEqual([
      [0, 100],
      [0, 40],
      [40, 40],
      [80, 20],
    ])
    expect(io.stderr).toContain(`input 0-99 of ${INVERTER}: illegal_data_value; asking for 40 registers at a time`)
    expect(code).toBe(0)
  })

  test('prints what others are told, and takes only its own answers for answers', async () => {
    const world = new LiveWorld()
    const answer: TcpAnswer = request => [
      block(4, 0, [9, 0, 0, 0, 400], { inverter: OTHER }),
      block(4, 40, [1, 2, 3]),
      heartbeat(),
      block(4, 0, [4, 0, 0, 0, 512, ...Array(request.word - 5).fill(0)]),
    ]
    await using dongle = await TcpDongle.open(world, { answer })
    const { readings, io } = await poll(world, dongle, ['--once', '--registers', 'input:0-9', ...SERIALS])
    expect(dongle.received).toHaveLength(1)
    const voltages = readings.map(({ device, values }) => [device, values['battery_voltage']])
    expect(voltages).toContainEqual([OTHER, 40])
    expect(voltages.at(-1)).toEqual([INVERTER, 51.2])
    expect(dongle.connections[0]!.heard.map(bytes => bytes.toString('hex'))).toContain(heartbeat().toString('hex'))
    expect(io.stderr).toContain('1 cycle: 1 block answered\n')
  })

  test('leaves heartbeats unanswered if so wanted', async () => {
    const world = new LiveWorld()
    await using dongle = await TcpDongle.open(world, { greeting: () => [heartbeat()] })
    await poll(world, dongle, ['--once', '--no-heartbeat', '--registers', 'input:0', ...SERIALS])
    expect(dongle.connections[0]!.heard).toHaveLength(1)
  })

  test('counts what is damaged, and shows it with --trace-bytes', async () => {
    const world = new LiveWorld()
    const damaged = block(4, 0, [1, 2, 3])
    damaged[40]! ^= 1
    const greeting = () => [Buffer.from('noise'), damaged, block(4, 0, [4])]
    await using dongle = await TcpDongle.open(world, { greeting })
    const { io, code } = await poll(world, dongle, ['--once', '--trace-bytes', '--registers', 'input:0', ...SERIALS])
    expect(io.stderr).toContain('wattzup: rejected: 1 checksum (crc)\n')
    expect(io.stderr).toMatch(/rejected from 127\.0\.0\.1:\d+: lxp: a wrong checksum at byte 5: a1 1a/)
    expect(code).toBe(0)
  })

  test('keeps the bytes as they came with --log, to be analyzed', async () => {
    const world = new LiveWorld()
    const greeting = () => [Buffer.from('noise'), block(4, 0, [4, 0, 0, 0, 512])]
    await using dongle = await TcpDongle.open(world, { greeting })
    const { io } = await poll(world, dongle, ['--once', '--log', 'logs', '--registers', 'input:4', ...SERIALS])
    const [[path, bytes] = ['', new Uint8Array(0)], ...others] = [...io.files.contents]
    expect([others, path.startsWith('logs/')]).toEqual([[], true])
    const expected = Buffer.concat([...greeting(), block(4, 4, [0])])
    expect(Buffer.from(bytes).toString('hex')).toBe(expected.toString('hex'))
  })
})

describe('modbus poll, when something is wrong,', () => {
  test('connects again after the connection is lost, and does the cycle that was broken off', async () => {
    const world = new LiveWorld()
    let lost = false
    const answer: TcpAnswer = (request, self) => {
      if (lost || request.register !== 40) return obedient(request, self)
      lost = true
      self.end.reset?.()
      return []
    }
    await using dongle = await TcpDongle.open(world, { answer })
    const { code, io } = await poll(world, dongle, ['--count', '1', '--registers', 'input:0-79', ...SERIALS])
    expect(dongle.heard.map(([, register]) => register)).toEqual([0, 40, 0, 40])
    expect(io.stderr).toMatch(/lost 127\.0\.0\.1:\d+: the connection was reset; next attempt in 1 s/)
    expect([code, io.stderr.includes('1 cycle: 2 blocks answered')]).toEqual([0, true])
  })

  test('does not make up a cycle of its own for a connection that was lost between two', async () => {
    const world = new LiveWorld()
    await using dongle = await TcpDongle.open(world)
    const { io, done } = start(world, dongle, [
      '--count',
      '2',
      '--interval',
      '600',
      '--registers',
      'input:0',
      ...SERIALS,
    ])
    await world.while(until(() => dongle.received.length === 1))
    const begun = world.clock.now()
    await world.clock.advance(10_000)
    dongle.connections[0]!.end.reset?.()
    await world.while(until(() => dongle.connections.length === 2))
    expect(dongle.received).toHaveLength(1)
    expect((await world.while(done)).code).toBe(0)
    expect(Math.round((world.clock.now() - begun) / 1000)).toBe(600)
    expect(io.stderr).toContain('2 cycles')
  })

  test('asks once more, then connects again, when the dongle does not answer', async () => {
    const world = new LiveWorld()
    const answer: TcpAnswer = (request, self) => (self === connections()[0] ? [] : obedient(request, self))
    await using dongle = await TcpDongle.open(world, { answer })
    const connections = () => dongle.connections
    const { code, io } = await poll(world, dongle, ['--count', '1', '--registers', 'input:0-9', ...SERIALS])
    expect(dongle.connections.map(({ received }) => received.length)).toEqual([2, 1])
    expect(io.stderr).toMatch(/no answer from 127\.0\.0\.1:\d+ to input 0-9 within 10 s; next attempt in 1 s/)
    expect(code).toBe(0)
  })

  test('with --once exits with 3 when nothing is answered, and says so once', async () => {
    const world = new LiveWorld()
    await using dongle = await TcpDongle.open(world, { answer: () => [] })
    const { code, io } = await poll(world, dongle, ['--once', '--registers', 'input:0-9', ...SERIALS])
    expect([code, dongle.received.length]).toEqual([3, 2])
    expect(io.stderr.match(/no answer/g)).toHaveLength(1)
    expect(io.stderr).not.toContain('next attempt')
  })

  test('with --once exits with 3 when the dongle says nothing at all', async () => {
    const world = new LiveWorld()
    await using dongle = await TcpDongle.open(world)
    const { code, io } = await poll(world, dongle, ['--once'])
    expect([code, io.stderr]).toEqual([3, expect.stringContaining('serial numbers within 300 s; say --datalog')])
  })

  test('exits with 3 when all blocks are refused', async () => {
    const world = new LiveWorld()
    await using dongle = await TcpDongle.open(world, { answer: request => [refusal(request, 4)] })
    const { code, io } = await poll(world, dongle, [
      '--count',
      '2',
      '--interval',
      '5',
      '--registers',
      'input:0-79',
      ...SERIALS,
    ])
    expect([code, io.stderr]).toEqual([3, expect.stringContaining('2 cycles: 0 blocks answered, 4 refused\n')])
  })

  test('with --once exits with 1 when nothing listens, or the connection is lost', async () => {
    const world = new LiveWorld()
    const absent = await TcpDongle.open(world)
    await absent[Symbol.asyncDispose]()
    const refused = await poll(world, absent, ['--once'])
    expect([refused.code, refused.io.stderr]).toEqual([
      1,
      expect.stringMatching(/^wattzup: 0 readings\nwattzup: cannot .*\n$/),
    ])
    const answer: TcpAnswer = (_, { end }) => {
      end.reset?.()
      return []
    }
    await using dongle = await TcpDongle.open(world, { answer })
    const { code, io } = await poll(world, dongle, ['--once', ...SERIALS])
    expect([code, io.stderr]).toEqual([1, expect.stringMatching(/wattzup: lost .*: the connection was reset\n$/)])
  })

  test('exits with 3 at --timeout when nothing has come', async () => {
    const world = new LiveWorld()
    await using dongle = await TcpDongle.open(world)
    const begun = world.clock.now()
    const { code, io } = await poll(world, dongle, ['--timeout', '20'])
    expect([code, io.stderr]).toEqual([3, expect.stringContaining('nothing came within 20 s')])
    expect(world.clock.now() - begun).toBeLessThan(21_000)
  })

  test('tells who gave another serial number than the dongle has', async () => {
    const world = new LiveWorld()
    await using dongle = await TcpDongle.open(world, { greeting: hello })
    const wrong = ['--datalog', 'DEMODONGL2', '--inverter', INVERTER]
    const { code, io } = await poll(world, dongle, ['--once', '--registers', 'input:40', ...wrong])
    const text = 'within 10 s; the dongle calls itself DEMODONGLE, not DEMODONGL2\n'
    expect([code, io.stderr]).toEqual([3, expect.stringContaining(text)])
  })

  test('says that a dongle sends no frames', async () => {
    const world = new LiveWorld()
    await using dongle = await TcpDongle.open(world, { greeting: () => [Buffer.alloc(600, 0x5a)] })
    const { io, done } = start(world, dongle, [])
    await world.while(until(() => dongle.connections.length === 1))
    await world.clock.advance(1000)
    io.abort()
    expect((await world.while(done)).code).toBe(0)
    expect(io.stderr).toContain('bytes came, but no frame; the newest dongles encrypt what they say')
  })

  test('goes on with one dongle when the other is not there', async () => {
    const world = new LiveWorld()
    const absent = await TcpDongle.open(world)
    await absent[Symbol.asyncDispose]()
    await using dongle = await TcpDongle.open(world, { greeting: hello })
    const { io, done } = start(world, absent, [dongle.address, '--interval', '10', '--registers', 'input:0'])
    await world.while(until(() => dongle.received.length === 3))
    io.abort()
    const { code } = await world.while(done)
    expect(code).toBe(0)
    expect(io.stderr).toContain(`cannot connect to ${absent.address}: connection refused`)
    expect(io.stderr).toContain(`${dongle.address}: 3 cycles`)
  })

  test.each<[string[], string]>([
    [['127.0.0.1:8000'], '127.0.0.1:8000 is named twice; a dongle serves one client'],
    [['b', '--inverter', INVERTER], '--datalog and --inverter are those of one dongle; name one'],
    [['--registers', 'input:5-1'], 'input:5-1: the last register comes before the first'],
    [['--inverter', 'short'], 'short is no serial number; they have 10 letters and digits'],
    [['--write'], '--write is for commands by MQTT and needs --mqtt URL; see also: wattzup modbus write'],
  ])('refuses %j', async (args, text) => {
    const io = fakeIo(['modbus', 'poll', '127.0.0.1', ...args])
    expect([await main(io), io.stderr]).toEqual([2, `wattzup: ${text}\n`])
  })

  test.each([
    ['--interval', '0.5'],
    ['--block', '50'],
    ['--once', '--count', '2'],
  ])('refuses %s %s %s', async (...args) => {
    const io = fakeIo(['modbus', 'poll', '127.0.0.1', ...args])
    expect(await main(io)).toBe(2)
  })
})

test('polls two dongles that do all that dongles do, one of which goes away for a while', async () => {
  const world = new LiveWorld()
  const faults = ['--faults', 'all=0.03,silence=0.002,garbage=0.1,corrupt=0.1']
  const first = await SimulatedDongle.start(world, ...faults, '--seed', '2')
  const serials = ['--serial', 'DEMO000007', '--datalog', 'DEMODONGL7']
  const second = await SimulatedDongle.start(world, ...faults, '--seed', '5', ...serials)
  const { io, done } = start(world, first, [second.address, '--interval', '30', '--registers', 'input:0-79,hold:0-39'])
  const polled = async (inverter: string, count: number) => {
    const part = `"device":"${inverter}"`
    while (io.stdout.split(part).length <= count) await pass(world, 10_000)
  }
  await polled('DEMO000007', 40)
  await second.stop()
  await polled('DEMO000001', 80)
  await second.start()
  await polled('DEMO000007', 120)
  await polled('DEMO000001', 120)
  io.abort()
  const { code, readings } = await world.while(done)
  await first.stop()
  await second.stop()
  expect(code).toBe(0)
  for (const [dongle, inverter] of [
    [first, 'DEMO000001'],
    [second, 'DEMO000007'],
  ] as const) {
    const sent = dongle.sent.filter(frame => frame.inverter === inverter).flatMap(frame => batteryOf(frame) ?? [])
    const got = readings
      .filter(({ device, message, values }) => device === inverter && message === 'input' && 'soc' in values)
      .map(({ values }) => ({ volts: values['battery_voltage'], soc: values['soc'] }))
    expect(isWithin(got, sent)).toBe(true)
    expect(got.length).toBeGreaterThan(25)
    expect(sent.length - got.length).toBeLessThan(5) // sent at the moment at which a connection ended
    expect(io.stderr).toMatch(
      new RegExp(`${dongle.address}: \\d+ cycles: \\d+ blocks answered, .*\\d+ asked a second time`),
    )
  }
  expect(io.stderr).toMatch(/rejected: .*\d+ checksum \(crc\)/)
  expect(io.stderr).toMatch(/\d+ length \(magic\)/)
  expect(io.stderr).toContain(`cannot connect to ${second.address}: connection refused`)
  expect(io.stderr).toMatch(/(the connection was reset|has closed the connection); next attempt/) // by what the system makes of it
}, 60_000)

/** Lets so much time pass, and the sockets have their say in it. */
async function pass(world: LiveWorld, ms: number): Promise<void> {
  const end = world.clock.now() + ms
  await world.while(until(() => world.clock.now() >= end))
}

/** Whether all of `part` stands in `whole`, in order and each once. */
function isWithin(part: readonly unknown[], whole: readonly unknown[]): boolean {
  let at = 0
  return part.every(item => {
    while (at < whole.length && JSON.stringify(whole[at]) !== JSON.stringify(item)) at++
    return at++ < whole.length
  })
}
