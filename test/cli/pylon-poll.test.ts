import { afterEach, describe, expect, test } from 'vitest'
import { main } from '../../src/cli/main.ts'
import type { Values } from '../../src/core/values.ts'
import { type FakeIo, fakeIo } from '../fake-io.ts'
import { LiveWorld } from '../live-world.ts'
import { until } from '../until.ts'

interface Result {
  readonly status: number
  readonly out: string
  readonly err: string
  readonly io: FakeIo
}

/** Programs that run until the end of a test. */
const running: { readonly io: FakeIo; readonly done: Promise<number> }[] = []

afterEach(async () => {
  for (const { io } of running) io.abort()
  await Promise.all(running.splice(0).map(({ done }) => done))
})

function start(world: LiveWorld, line: string): FakeIo {
  const io = fakeIo(line.split(' '), { clock: world.clock, network: world.network })
  running.push({ io, done: main(io) })
  return io
}

async function run(world: LiveWorld, line: string): Promise<Result> {
  const io = fakeIo(line.split(' '), { clock: world.clock, network: world.network })
  const status = await world.while(main(io))
  return { status, out: io.stdout, err: io.stderr, io }
}

/** A stack at TCP port 4196, and one run of `pylon poll` against it. */
async function poll(stack: string, options: string): Promise<Result> {
  const world = new LiveWorld()
  const simulator = start(world, `simulate pylon --tcp 4196 ${stack}`)
  await until(() => simulator.stderr.includes('listening on'))
  return run(world, `pylon poll --port tcp://127.0.0.1:4196 ${options}`)
}

const lines = (text: string) => text.trimEnd().split('\n')
const packsOf = (document: unknown) => (document as { readonly packs: Values[] }).packs

describe('pylon poll --once --json', () => {
  test('prints the snapshot, one document, and exits 0', async () => {
    const { status, out } = await poll('--packs 3 --kind us2000,us5000', '--once --json')
    expect(status).toBe(0)
    const document = JSON.parse(out)
    // the keys of the protocol page, in its order; what newer firmware adds comes last
    expect(Object.keys(document)).toEqual([
      ...['pack_count', 'totals', 'packs', 'system', 'device_name', 'software_version', 'manufacturer'],
      'protocol_version',
    ])
    expect(Object.keys(packsOf(document)[0]!)).toEqual([
      ...['pack', 'group', 'address', 'serial', 'firmware', 'cell_count', 'cell_voltages', 'temp_count'],
      ...['temperatures', 'current', 'voltage', 'remaining_ah', 'total_ah', 'cycles', 'power', 'soc', 'cell_min'],
      ...['cell_max', 'cell_delta_mv', 'alarm', 'management', 'updated_at', 'stale', 'error'],
    ])
    expect(packsOf(document).map(({ address, total_ah }) => [address, total_ah])).toEqual([[2, 50], [3, 100], [4, 50]]) // biome-ignore format: pairs
  })

  test('is the same as --format json', async () => {
    const { out } = await poll('--packs 1', '--once --format json')
    expect(JSON.parse(out)).toMatchObject({ pack_count: 1, packs: [{ address: 2 }] })
  })

  test('exits 0 with a module that fails, and 1 with --strict', async () => {
    const { status, out, err } = await poll('--packs 3 --silent 2', '--once --json')
    expect(status).toBe(0)
    expect(packsOf(JSON.parse(out)).map(({ stale }) => stale)).toEqual([false, true, false])
    expect(err).toContain('module 0/3: timeout\n')
    expect(await poll('--packs 3 --silent 2', '--once --strict')).toMatchObject({ status: 1 })
    expect(await poll('--packs 3', '--once --strict')).toMatchObject({ status: 0 })
  })

  test('prints nothing where nothing was read: 3 for silence, 1 for rubbish', async () => {
    const silent = await poll('--packs 1 --silent 1', '--once --json')
    expect(silent).toMatchObject({ status: 3, out: '' })
    expect(silent.err).toContain('nothing answers on tcp://127.0.0.1:4196: check speed')
    const damaged = await poll('--packs 1 --faults checksum=1', '--once --json')
    expect(damaged).toMatchObject({ status: 1, out: '' })
    expect(damaged.err).toMatch(/module 0\/2: (checksum|length checksum|not hex)\n/)
    expect(damaged.err).toMatch(/rejected: .*\d+ checksum/)
  })

  test('fails when the bridge is not there, in one line', async () => {
    const { status, err } = await run(new LiveWorld(), 'pylon poll --port tcp://127.0.0.1:4196 --once')
    expect(status).toBe(1)
    expect(err).toMatch(/wattzup: cannot connect to 127\.0\.0\.1:\d+: connection refused, nothing listens there\n$/)
  })

  test('has the layout of the program before it with --compat', async () => {
    const { out } = await poll('--packs 2 --kind us5000 --silent 1', '--once --json --compat')
    const document = JSON.parse(out)
    expect(Object.keys(document)).toEqual(['analog', 'alarm', 'charge_info'])
    expect([document.analog[0], document.alarm[0], document.charge_info[0]]).toEqual([null, null, null])
    expect(document.analog[1]).toMatchObject({ mah_total: 100_000, voltages: expect.any(Array) })
    expect(document.alarm[1]).toMatchObject({ status2: 14, status2_bits: '00001110' })
    expect(document.charge_info[1]).toMatchObject({ charge_status: 192, charge_status_bits: '11000000' })
  })

  test('masks serial numbers with --redact', async () => {
    expect((await poll('--packs 2', '--once --json')).out).toContain('"serial":"DEMO')
    expect((await poll('--packs 2', '--once --json --redact')).out).toContain('"serial":"XXXXXXXXXXXXXXXX"')
  })

  test('reads several groups behind a hub into one document', async () => {
    const { out } = await poll('--packs 2 --group 1', '--once --json --groups 0,1')
    expect(JSON.parse(out)).toMatchObject({ pack_count: 2, packs: [{ group: 1 }, { group: 1, pack: 2 }] })
  })

  test('reads the console', async () => {
    const { status, out } = await poll('--packs 2 --console', '--once --json --console')
    expect(status).toBe(0)
    expect(JSON.parse(out)).toMatchObject({ pack_count: 2, packs: [{ address: 1, cell_count: 15 }, { address: 2 }] })
    expect(await poll('--packs 2 --silent 1,2 --console', '--once --json --console')).toMatchObject({ status: 3 })
  })
})

describe('pylon poll', () => {
  test('prints one line of NDJSON per round of a stack', async () => {
    const { status, out } = await poll('--packs 3', '--interval 5 --count 3 --json')
    expect(status).toBe(0)
    const readings = lines(out).map(line => JSON.parse(line))
    expect(readings).toHaveLength(3)
    for (const reading of readings) {
      expect(Object.keys(reading)).toEqual(['time', 'family', 'device', 'message', 'values'])
      expect(reading).toMatchObject({
        family: 'pylontech',
        device: 'stack0',
        message: 'stack',
        values: { pack_count: 3 },
      })
    }
    const [first, second, third] = readings.map(({ time }) => Date.parse(time))
    expect(third! - second!).toBeCloseTo(5000, -3)
    expect(second! - first!).toBeLessThan(5500)
  })

  test('keeps the snapshot in a file', async () => {
    const { io } = await poll('--packs 2 --silent 1', '--count 2 --json-file stack.json --format csv')
    expect(JSON.parse(io.files.readText('stack.json'))).toMatchObject({
      pack_count: 2,
      packs: [{ stale: true, error: 'timeout' }, { stale: false }],
    })
  })

  test('logs the bytes of the line as pylon decode reads them', async () => {
    const { io } = await poll('--packs 2 --faults echo=0.5,noise=0.5', '--count 2 --log bytes')
    const [name] = io.files.list('bytes')
    const log = io.files.readText(`bytes/${name}`)
    const decoded = fakeIo(['pylon', 'decode', '-', '--strict', '--format', 'ndjson'], { stdin: log })
    expect(await main(decoded)).toBe(0)
    const messages = new Set(lines(decoded.stdout).map(line => JSON.parse(line).message))
    expect(messages).toContain('analog_all') // the first module answers for both
    expect(messages).toContain('manufacturer')
  })

  test('shows every frame that is rejected, as text', async () => {
    const { err } = await poll('--packs 2 --faults truncate=0.3', '--once --trace-bytes')
    expect(err).toMatch(/rejected from tcp:\/\/127\.0\.0\.1:4196: pylontech: truncated: 2002\w+\n/)
  })

  test('survives a connection that is reset, and publishes that the modules are stale', async () => {
    const world = new LiveWorld()
    const first = start(world, 'simulate pylon --tcp 4196')
    await until(() => first.stderr.includes('listening on'))
    const io = start(world, 'pylon poll --port tcp://127.0.0.1:4196 --interval 2 --json')
    const isSeen = (holds: (reading: { readonly values: unknown }) => boolean) =>
      world.while(
        until(() =>
          lines(io.stdout)
            .filter(line => line !== '')
            .some(line => holds(JSON.parse(line))),
        ),
      )
    await isSeen(({ values }) => packsOf(values).every(({ stale }) => stale === false))
    first.abort()
    await isSeen(({ values }) => packsOf(values).every(({ error }) => error === 'disconnected'))
    const second = start(world, 'simulate pylon --tcp 4196 --packs 3')
    await until(() => second.stderr.includes('listening on'))
    await isSeen(({ values }) => packsOf(values).length === 3 && packsOf(values).every(({ stale }) => stale === false))
    expect(io.stderr).toContain('next attempt in')
    expect(io.stderr).toContain('module 0/2 answers again')
  })

  test('ends with 3 when nothing has come in time', async () => {
    const { status, err } = await poll('--packs 1 --silent 1', '--timeout 60')
    expect(status).toBe(3)
    expect(err).toContain('nothing answers on')
    expect(err).toContain('nothing came within 60 s')
  })

  test.each([
    ['pylon poll', '--port'],
    ['pylon poll --port tcp://bridge', 'port'],
    ['pylon poll --port /dev/x --groups 8', 'numbers from 0 to 7'],
    ['pylon poll --port /dev/x --groups 1,1', 'numbers from 0 to 7'],
    ['pylon poll --port /dev/x --interval 0', '--interval'],
    ['pylon poll --port /dev/x --wake', '--wake needs --console'],
    ['pylon poll --port tcp://bridge:1 --console --wake', '--wake needs a serial port'],
    ['pylon poll --port /dev/x --compat --format text', '--compat is JSON'],
    ['pylon poll --port /dev/x --format json', 'use it with --once'],
    ['simulate pylon --pty --tcp 1', 'one line at a time'],
    ['simulate pylon --silent 3', 'there are 2 modules'],
    ['simulate pylon --tcp x:y:z', '--tcp'],
  ])('%s is wrong usage', async (line, text) => {
    const { status, err } = await run(new LiveWorld(), line)
    expect(status).toBe(2)
    expect(err).toContain(text)
  })
})
