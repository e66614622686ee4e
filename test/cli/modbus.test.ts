import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { beforeAll, describe, expect, test } from 'vitest'
import { main } from '../../src/cli/main.ts'
import { type FakeIo, fakeIo, type World } from '../fake-io.ts'
import { block, bytesOf, dataFrame, frame, heartbeat } from '../protocols/lxp/build-frame.ts'
import { CAPTURES, hasCaptures } from '../protocols/lxp/captures.ts'

beforeAll(() => {
  process.env['TZ'] = 'Europe/Berlin'
})

const SAMPLES = join(import.meta.dirname, '../../samples/lxp')
const PACKET = '2026-0301-100000.192_0_2_7.0001.bin'
const sample = (name: string) => readFileSync(join(SAMPLES, name))

async function run(args: readonly string[], world: World = {}): Promise<{ io: FakeIo; status: number }> {
  const io = fakeIo(['modbus', ...args], world)
  const status = await main(io)
  return { io, status }
}

const BATTERY = block(4, 4, [532, (98 << 8) | 64])

describe('modbus analyze', () => {
  test('prints the document of one frame, sorted by label, with units', async () => {
    const { io, status } = await run(['analyze', 'a.bin'], { files: { 'a.bin': BATTERY } })
    const text = `{
  "datalog": "DEMODONGLE",
  "deviceFunction": 4,
  "inverterSerial": "DEMO000001",
  "startingRegister": 4,
  "valueLength": 4,
  "decodedValues": {
    "Battery Voltage": "53.2 V",
    "State of Charge": "64%",
    "State of Health": "98%"
  }
}
`
    expect([io.stdout, io.stderr, status]).toEqual([text, '', 0])
  })

  test('prints several frames as an array, whatever file they are in', async () => {
    const files = { 'a.bin': Buffer.concat([BATTERY, heartbeat()]), 'b.bin': dataFrame(0x86, 234, [3]) }
    const { io } = await run(['analyze', 'a.bin', 'b.bin'], { files })
    const documents = JSON.parse(io.stdout)
    expect(io.stdout).toBe(`${JSON.stringify(documents, null, 2)}\n`)
    expect(documents[1]).toEqual({ datalog: 'DEMODONGLE', type: 'heartbeat', payload: '00' })
    expect(documents[2]).toEqual({
      ...{ datalog: 'DEMODONGLE', deviceFunction: 6, inverterSerial: 'DEMO000001', type: 'exception' },
      ...{ register: 234, error: { code: 3, name: 'illegal_data_value' } },
    })
  })

  test('gives enumerations and bits as numbers, never null, and hides guesses', async () => {
    const files = {
      'a.bin': block(4, 64, [38, 44, 41, 127, 5]),
      'b.bin': block(4, 0, [12]),
      'c.bin': block(3, 110, [3]),
    }
    const { io } = await run(['analyze', ...Object.keys(files)], { files })
    expect(JSON.parse(io.stdout).map((document: Record<string, unknown>) => document['decodedValues'])).toEqual([
      { 'Internal Temperature': '38 °C', 'Radiator Temperature 1': '44 °C', 'Radiator Temperature 2': '41 °C' },
      { 'Inverter Status': 12 },
      { 'Function Enable 1': 3 },
    ])
    const { io: guesses } = await run(['analyze', 'a.bin', '--guesses'], { files })
    expect(JSON.parse(guesses.stdout).decodedValues['Battery Control Temperature']).toBe('0.5 °C')
  })

  test('prints a line per frame with --format ndjson, and the same with --json', async () => {
    const files = { '/data/2026-0301-110000.192_0_2_7.0001.bin': BATTERY }
    const { io } = await run(['analyze', Object.keys(files)[0]!, '--format', 'ndjson'], { files })
    const line = {
      ...{ time: '2026-03-01T10:00:00.000Z', family: 'lxp', device: 'DEMO000001', message: 'input', protocol: 5 },
      ...{ datalog: 'DEMODONGLE', register: 4, count: 2, values: { battery_voltage: 53.2, soc: 64, soh: 98 } },
      fields: [
        { name: 'battery_voltage', label: 'Battery Voltage', register: 4, raw: 532, value: 53.2, unit: 'V' },
        { name: 'soc', label: 'State of Charge', register: 5, raw: 64, value: 64, unit: '%' },
        { name: 'soh', label: 'State of Health', register: 5, raw: 98, value: 98, unit: '%' },
      ],
    }
    expect(io.stdout).toBe(`${JSON.stringify(line)}\n`)
    expect((await run(['analyze', Object.keys(files)[0]!, '--json'], { files })).io.stdout).toBe(io.stdout)
  })

  test.each([
    [['--utc'], '2026-07-01T11:00:00.000Z'],
    [[], '2026-07-01T09:00:00.000Z'],
    [['--tz', 'America/New_York'], '2026-07-01T15:00:00.000Z'],
    [['--tz', '+05:30'], '2026-07-01T05:30:00.000Z'],
  ])('reads the time in a file name with %j', async (options, time) => {
    const name = '2026-0701-110000.dongle-2_lan.0012.bin'
    const { io } = await run(['analyze', name, '--json', ...options], { files: { [name]: BATTERY } })
    expect(JSON.parse(io.stdout).time).toBe(time)
  })

  test('has no time for other names', async () => {
    const { io } = await run(['analyze', '-', '--json'], { stdin: BATTERY })
    expect(JSON.parse(io.stdout)).not.toHaveProperty('time')
  })

  test('shows registers without a meaning, and halves of cut pairs, with --all', async () => {
    const world = { stdin: block(4, 75, [7, 9, 0]) }
    const { io } = await run(['analyze', '-', '--json', '--all'], world)
    expect(JSON.parse(io.stdout).fields.at(-1)).toEqual({ register: 76, raw: 9 })
    const { io: half } = await run(['analyze', '-', '--all'], { stdin: block(4, 39, [3121, 17]) })
    expect(JSON.parse(half.stdout).decodedValues).toEqual({ 'Bus Voltage 2': '312.1 V', 'Register 40': 17 })
  })

  test('reads what a client sent with --requests', async () => {
    const stdin = Buffer.concat([
      dataFrame(4, 40, [40, 0], { protocol: 1, address: 0 }),
      dataFrame(16, 12, [3, 0, 6, ...bytesOf([1, 2, 3])], { protocol: 2, address: 0 }),
    ])
    const { io } = await run(['analyze', '-', '--requests', '--json'], { stdin })
    expect(
      io.stdout
        .trim()
        .split('\n')
        .map(line => JSON.parse(line)),
    ).toMatchObject([
      { message: 'input', direction: 'request', register: 40, count: 40, values: {}, fields: [] },
      { message: 'write_multi', register: 12, count: 3, registers: { 12: 1, 13: 2, 14: 3 }, values: {} },
    ])
  })

  test('says what was rejected; only --strict makes it an error', async () => {
    const bad = Buffer.from(BATTERY)
    bad[36] = bad[36]! ^ 1
    const world = { files: { 'a.bin': Buffer.concat([bad, BATTERY, BATTERY.subarray(0, 30)]) } }
    const { io, status } = await run(['analyze', 'a.bin'], world)
    expect(JSON.parse(io.stdout).startingRegister).toBe(4)
    expect(io.stderr).toBe(
      'wattzup: 2 rejected: 1 checksum (crc), 1 length (truncated); the first: a.bin: lxp: a wrong checksum at byte 0\n',
    )
    expect(status).toBe(0)
    expect((await run(['analyze', 'a.bin', '--strict'], world)).status).toBe(1)
  })

  test('fails where no frame is good', async () => {
    const { io, status } = await run(['analyze', 'a.bin'], { files: { 'a.bin': 'no frame at all' } })
    expect([io.stdout, status]).toEqual(['', 1])
    expect(io.stderr).toMatch(/rejected: 1 length \(magic\).*\n.*no good frame in a\.bin/)
  })

  test('goes on after a file that is not there, and fails', async () => {
    const { io, status } = await run(['analyze', 'nowhere.bin', 'a.bin'], { files: { 'a.bin': BATTERY } })
    expect(JSON.parse(io.stdout).startingRegister).toBe(4)
    expect(io.stderr).toContain('nowhere.bin')
    expect(status).toBe(1)
  })

  test.each([
    [['analyze']],
    [['analyze', '-']],
    [['analyze', 'a', '--model', 'toaster']],
    [['analyze', 'a', '--tz', 'x/y']],
  ])('calls %j wrong usage', async args => expect((await run(args, { stdinIsTerminal: true })).status).toBe(2))

  test('reads a long stream in memory that does not grow', async () => {
    const chunk = Buffer.concat([BATTERY, heartbeat(), Buffer.from('noise')])
    const times = 20_000
    let left = times
    let most = 0
    const stdin = {
      ...{ name: '-', size: 0, live: true, close: () => {} },
      read(into: Uint8Array, at: number): number {
        if (left-- <= 0) return 0
        into.set(chunk, at)
        if (left % 1000 === 0) most = Math.max(most, process.memoryUsage().arrayBuffers)
        return chunk.length
      },
    }
    const before = process.memoryUsage().arrayBuffers
    const io = fakeIo(['modbus', 'analyze', '-', '--json'], { stdin })
    let printed = 0
    const write = (bytes: Uint8Array | string) => {
      printed += bytes.length
    }
    const out = { write, isTerminal: false, columns: 80 }
    expect(await main(Object.create(io, { out: { value: out } }) as FakeIo)).toBe(0)
    expect(printed).toBeGreaterThan(times * 100)
    expect(most - before).toBeLessThan(64e6)
  }, 60_000)
})

describe('modbus compare', () => {
  const files = { [PACKET]: sample(PACKET), 'portal.csv': sample('portal.csv') }
  const utc = ['--utc', '--tz', 'UTC']

  test('prints a table of differences with the nearest row', async () => {
    const { io, status } = await run(['compare', PACKET, 'portal.csv', ...utc], { files })
    expect(io.stdout.split('\n').slice(0, 9)).toEqual([
      'packet 2026-03-01T10:00:00.000Z, row 2026-03-01T10:00:25.000Z, 25 s apart',
      '',
      'HEADER    VALUE              PACKET    CSV  DIFFERENCE  UNIT  RESULT',
      'vpv1      pv1_voltage         341.2  341.2           0  V     ok',
      'vpv2      pv2_voltage         338.8  338.8           0  V     ok',
      'vBat (V)  battery_voltage      53.2   53.2           0  V     ok',
      'soc       soc                    64    64%           0  %     ok',
      'ppv1      pv1_power            2110   2144         -34  W     moved',
      'pCharge   charge_power         2504   2504           0  W     ok',
    ])
    expect(io.stdout).toContain('\n10 values: 9 ok, 0 differ, 1 moved (power)\n')
    expect(io.stdout).toContain('not compared: Serial number, Comment\n')
    expect([io.stderr, status]).toEqual(['', 0])
  })

  const csv = (...lines: readonly string[]) => ['Time,Battery Voltage (V),SOC [%],ppv1', ...lines].join('\r\n')
  const compare = (text: string, ...options: readonly string[]) =>
    run(['compare', PACKET, 'x.csv', '--json', '--utc', ...options], { files: { ...files, 'x.csv': text } })

  test('exits with 3 where values differ, and not for powers that moved', async () => {
    const { io, status } = await compare(csv('2026-03-01 10:00:10,53.1,64 %,900'), '--tz', 'UTC')
    const document = JSON.parse(io.stdout)
    expect(document).toMatchObject({ skew: 10, compared: 3, ok: 1, differs: 1, moved: 1 })
    expect(document.fields[0]).toMatchObject({
      name: 'battery_voltage',
      packet: 53.2,
      difference: 0.1,
      verdict: 'differs',
    })
    expect(status).toBe(3)
  })

  test('takes powers at their word within five seconds', async () => {
    const { io, status } = await compare(csv('2026-03-01 10:00:04,53.2,64,900'), '--tz', 'UTC')
    expect(JSON.parse(io.stdout).fields[2]).toMatchObject({ name: 'pv1_power', verdict: 'differs' })
    expect(status).toBe(3)
  })

  test('allows half a digit of the column, or what --tolerance says', async () => {
    expect(
      (await compare(csv('2026-03-01 10:00:10,53,64,', '2026-03-01 10:20:10,53.1,64,'), '--tz', 'UTC')).status,
    ).toBe(3)
    expect((await compare(csv('2026-03-01 10:00:10,53,64,'), '--tz', 'UTC')).status).toBe(0)
    expect((await compare(csv('2026-03-01 10:00:10,53.1,64,'), '--tz', 'UTC', '--tolerance', '0.1')).status).toBe(0)
  })

  test.each([
    ['Europe/Berlin', '2026-03-01 11:00:00'],
    ['local', '2026-03-01 11:00:00'],
    ['-05:00', '2026-03-01T05:00:00'],
    ['UTC', '2026-03-01T12:00:00+02:00'],
    ['UTC', '2026/3/1 10:00'],
  ])('reads a time in %s: %s', async (zone, time) => {
    const { io } = await compare(csv('2026-03-01 03:00:00,1,1,1', `${time},53.2,64,2110`), '--tz', zone)
    expect(JSON.parse(io.stdout)).toMatchObject({ rowTime: '2026-03-01T10:00:00.000Z', skew: 0, ok: 3 })
  })

  test('refuses a row that is too far away', async () => {
    const far = csv('2026-03-01 10:06:00,53.2,64,2110')
    const { io, status } = await compare(far, '--tz', 'UTC')
    expect([io.stdout, status]).toEqual(['', 1])
    expect(io.stderr).toContain('no row within 300 s of 2026-03-01T10:00:00.000Z in x.csv')
    expect((await compare(far, '--tz', 'UTC', '--max-skew', '360')).status).toBe(0)
  })

  test('leaves out rows whose time cannot be read, and says so', async () => {
    const { io, status } = await compare(
      csv('yesterday,1,1,1', '2026-02-30 10:00:00,1,1,1', '2026-03-01 10:00:00,53.2,64,'),
      '--tz',
      'UTC',
    )
    expect(io.stderr).toContain('x.csv: 2 rows left out')
    expect(status).toBe(0)
    expect((await compare(csv('yesterday,1,1,1'))).status).toBe(1)
    expect((await compare('')).status).toBe(1)
  })

  test('matches headers by a table of the user, and keeps those that stand twice apart', async () => {
    const text = 'Zeit;Akku;Akku;Ladung\n2026-03-01 10:00:00;53,2;99;64 %\n'
    const map = JSON.stringify({ Zeit: 'time', akku: 'battery_voltage', Ladung: 'soc' })
    const world = { files: { ...files, 'x.csv': text, 'map.json': map } }
    const { io } = await run(['compare', PACKET, 'x.csv', ...utc, '--json', '--map', 'map.json'], world)
    expect(JSON.parse(io.stdout)).toMatchObject({ compared: 2, ok: 2, unmatched: ['Akku.1'] })
    expect((await run(['compare', PACKET, 'x.csv', ...utc], world)).io.stderr).toContain('no column "Time"')
    const broken = { files: { ...world.files, 'map.json': '[1]' } }
    expect((await run(['compare', PACKET, 'x.csv', ...utc, '--map', 'map.json'], broken)).status).toBe(1)
  })

  test('compares texts and names too', async () => {
    const text =
      'Time,Inverter Status,Inverter Serial,Battery Com Type\n2026-03-01 10:00:00,PV charge on grid,DEMO000001,0\n'
    const { io } = await compare(text, '--tz', 'UTC')
    expect(JSON.parse(io.stdout)).toMatchObject({ compared: 3, ok: 3 })
  })

  test('merges the packets of a burst', async () => {
    const next = PACKET.replace('0001', '0002')
    const text = 'Time,vBat,EPS L1 Voltage\n2026-03-01 10:00:00,53.2,120.6\n'
    const world = { files: { ...files, [next]: sample(next), 'x.csv': text } }
    const { io, status } = await run(['compare', PACKET, next, 'x.csv', ...utc, '--json'], world)
    expect(JSON.parse(io.stdout)).toMatchObject({ compared: 2, ok: 2, unmatched: [] })
    expect(status).toBe(0)
  })

  test('refuses packets of two inverters, packets without values or a time, and a single file', async () => {
    const other = block(4, 4, [500], { inverter: 'DEMO000002' })
    const world = { files: { ...files, 'b.bin': other, 'c.bin': heartbeat(), 'd.bin': frame(Buffer.alloc(20)) } }
    const status = async (...names: readonly string[]) => (await run(['compare', ...names], world)).status
    expect(await status(PACKET, 'b.bin', 'portal.csv')).toBe(2)
    expect(await status('b.bin', 'portal.csv')).toBe(2)
    expect(await status('portal.csv')).toBe(2)
    expect(await status('c.bin', 'portal.csv', '--time', '2026-03-01T10:00:00Z')).toBe(1)
    expect(await status('d.bin', 'portal.csv', '--time', '2026-03-01T10:00:00Z')).toBe(1)
    expect(await status('b.bin', 'portal.csv', '--time', '2026-03-01T10:00:00Z', '--tz', 'UTC')).toBe(3)
  })
})

describe.skipIf(!hasCaptures)('captures (skipped without the folder WATTZUP_CAPTURES)', () => {
  const folder = join(CAPTURES, 'frames')
  const packets = hasCaptures ? readdirSync(folder).map(name => join(folder, name)) : []

  test('every saved packet is one good frame', async () => {
    const { io, status } = await run(['analyze', ...packets, '--json', '--utc'])
    const lines = io.stdout.trim().split('\n')
    expect([lines.length, io.stderr, status]).toEqual([16, '', 0])
    expect(JSON.parse(lines[1]!)).toMatchObject({ time: '2025-03-21T01:43:18.000Z', values: { soc: 25 } })
  })

  test.each(packets.filter(path => path.endsWith('0001.bin')).slice(1))('%s says what the portal says', async path => {
    const csv = join(CAPTURES, '12kpv_portal_style.csv')
    const { io } = await run(['compare', path, csv, '--json', '--utc', '--tz', 'UTC', '--max-skew', '2'])
    expect(JSON.parse(io.stdout)).toMatchObject({ compared: 20, ok: 20, unmatched: ['Serial number'] })
  })
})

test.each([['analyze'], ['compare']])('modbus %s has help with three examples', async name => {
  const { io, status } = await run([name, '--help'])
  expect(io.stdout.match(/^ {2}\$ wattzup modbus /gm)).toHaveLength(3)
  expect(status).toBe(0)
})

test('--model auto is the same as no --model', async () => {
  // hold 19 says that it is an LXP-EU 12K; input 98 is in 0.01 A there, in 0.1 A elsewhere
  const stream = Buffer.concat([block(3, 19, [12]), block(4, 98, [1000])])
  const printed = async (...args: string[]) => {
    const { io, status } = await run(['analyze', 'x.bin', '--json', ...args], { files: { 'x.bin': stream } })
    expect(status).toBe(0)
    return io.stdout
  }
  expect(await printed('--model', 'auto')).toBe(await printed())
  expect(await printed('--model', 'auto')).toContain('"battery_current":10}')
  expect(await printed('--model', 'auto')).not.toBe(await printed('--model', 'hybrid'))
})

test('the document rounds halves upwards, by the digits that a value has', async () => {
  // input 101 is in millivolts; doubles are a little below 1.005 and 0.285, a little above 1.015
  const stream = Buffer.concat([1005, 285, 1015, 3234, 1005].map(raw => block(4, 101, [raw])))
  const { io } = await run(['analyze', 'x.bin'], { files: { 'x.bin': stream } })
  const shown = JSON.parse(io.stdout).map(({ decodedValues }: { decodedValues: object }) =>
    Object.values(decodedValues),
  )
  expect(shown).toEqual([['1.01 V'], ['0.29 V'], ['1.02 V'], ['3.23 V'], ['1.01 V']])
})
