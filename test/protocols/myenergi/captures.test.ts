import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { main } from '../../../src/cli/main.ts'
import { fakeIo } from '../../fake-io.ts'

// The shared captures of this family are synthetic: built from the published layout, with the answers of the original
// decoder (PeterTM/mqtt-energi). They are not in the repository; WATTZUP_CAPTURES names their folder.

const ROOT = process.env['WATTZUP_CAPTURES']
const FOLDER = join(ROOT ?? '', 'energi')
const missing = ROOT === undefined || !existsSync(FOLDER)
const NAME = missing
  ? 'the shared captures (skipped: WATTZUP_CAPTURES does not name their folder)'
  : 'the shared captures'
const AS_THE_ORIGINAL = ['--no-filter', '--compat-keys']

interface Line {
  readonly time?: string
  readonly device: string
  readonly message: string
  readonly values: Readonly<Record<string, unknown>>
}

interface Expected {
  readonly ts?: number
  readonly len_byte?: number
  readonly type?: number
  readonly normal: Readonly<Record<string, unknown>>
  readonly debug: Readonly<Record<string, unknown>>
}

async function sniff(file: string, ...options: readonly string[]) {
  const io = fakeIo(['energi', 'sniff', '--pcap', join(FOLDER, file), ...options])
  const status = await main(io)
  const lines = io.stdout.split('\n').filter(line => line !== '')
  return { status, err: io.stderr, lines: lines.map(line => JSON.parse(line) as Line) }
}

function published(expected: readonly Expected[], mode: 'normal' | 'debug'): Expected[] {
  return expected.filter(frame => Object.keys(frame[mode]).length > 0)
}

describe.skipIf(missing)(NAME, () => {
  const text = (file: string) => readFileSync(join(FOLDER, file), 'utf8')
  const vectors = () => JSON.parse(text('synthetic_vectors.json')) as Expected[]
  const run = () =>
    text('synthetic_eddi_run.expected.jsonl')
      .trim()
      .split('\n')
      .map(line => JSON.parse(line) as Expected)

  test.each([
    ['normal', []],
    ['debug', ['--debug-keys']],
  ] as const)('hand-made frames decode as the original does, %s', async (mode, options) => {
    const { lines } = await sniff('synthetic_vectors.pcap', ...AS_THE_ORIGINAL, ...options)
    const expected = published(vectors(), mode)
    expect(lines.map(({ values }) => values)).toEqual(expected.map(frame => frame[mode]))
    expect(lines.map(({ message }) => Number(message))).toEqual(expected.map(frame => frame.len_byte))
  })

  test.each([
    ['normal', []],
    ['debug', ['--debug-keys']],
  ] as const)('220 frames of an eddi decode as the original does, %s', async (mode, options) => {
    const { lines, err } = await sniff('synthetic_eddi_run.pcap', ...AS_THE_ORIGINAL, ...options)
    const expected = published(run(), mode)
    expect(run()).toHaveLength(220)
    expect(err).toBe(`wattzup: 220 packets\nwattzup: ${expected.length} readings\n`)
    expect(lines.map(({ values }) => values)).toEqual(expected.map(frame => frame[mode]))
    expect(lines.map(({ message }) => Number(message))).toEqual(expected.map(frame => frame.type))
    expect(lines.map(({ time }) => time)).toEqual(
      expected.map(({ ts }) => new Date(Math.floor((ts! * 1e6 + 0.5) / 1e3)).toISOString()),
    )
  })

  test.each([
    ['le_usec.pcap', 12],
    ['be_usec.pcap', 12],
    ['le_nsec.pcap', 12],
    ['le.pcapng', 12],
    ['be.pcapng', 12],
    ['nsec.pcapng', 12],
    ['simple_spb.pcapng', 12],
    ['sll2.pcap', 12],
    ['vlan.pcap', 12],
    ['truncated_tail.pcap', 11],
  ])('the container %s holds the first %i frames of the run', async (file, count) => {
    const { lines, err, status } = await sniff(`containers/${file}`, ...AS_THE_ORIGINAL, '--debug-keys')
    const expected = published(run().slice(0, count), 'debug')
    expect(lines.map(({ values }) => values)).toEqual(expected.map(({ debug }) => debug))
    const times = expected.map(({ ts }) => new Date(Math.floor((ts! * 1e6 + 0.5) / 1e3)).toISOString())
    expect(lines.map(({ time }) => time)).toEqual(file.includes('spb') ? expected.map(() => undefined) : times)
    expect(err.includes('1 last packet cut off')).toBe(count === 11)
    expect(status).toBe(0)
  })

  test('hostile frames are skipped for the reasons that are written beside them', async () => {
    const { lines, err, status } = await sniff('synthetic_hostile.pcap', '--debug-keys')
    // frames 0, 5, 13 and 14 are the same 0x22, 9 a 0x2B, 12 a 0x20; 8 and 10 are held back
    expect(lines.map(({ message }) => message)).toEqual(['0x22', '0x22', '0x2B', '0x20', '0x22', '0x22'])
    const powers = { gen_pwr: 2620, grid_pwr: -57, divert_pwr: 1834 }
    for (const i of [0, 1, 4, 5]) expect(lines[i]!.values).toEqual({ serial: 12345678, ...powers })
    expect(lines[3]!.values).toMatchObject({ divert_pwr: 1834, heater1: 1, boost: 1 })
    expect(err.split('\n')).toEqual([
      'wattzup: 15 packets, not decoded: 1 wrong magic, 1 another EtherType, 1 shorter than a record header, 1 cut off, ' +
        '1 shorter than an Ethernet header, 2 unknown length',
      'wattzup: held back as implausible: 1 serial number 0, 1 history of zeros; --no-filter shows them',
      'wattzup: 6 readings',
      '',
    ])
    expect(status).toBe(0)
    expect((await sniff('synthetic_hostile.pcap', '--strict')).status).toBe(1)
  })

  test('without the filter the two frames that it held back are printed', async () => {
    const { lines } = await sniff('synthetic_hostile.pcap', '--no-filter', '--debug-keys')
    const messages = ['0x22', '0x22', '0x1F', '0x2B', '0x36', '0x20', '0x22', '0x22']
    expect(lines.map(({ message }) => message)).toEqual(messages)
    expect(lines[2]!.values).toEqual({ serial: 0, frequency: 0, voltage: 0, diverted_kWh: 0 })
  })

  // expected: the lines "Structural:" of docs/protocols/myenergi.md's source, by index in synthetic_vectors.json
  test.each([
    [1, { max_power: 3000, divert_cur: 7.6, frequency: 49.98, 'ct1/power': 1834, 'ct1/current': 7.6, 'ct1/type': 1 }],
    [6, ct(2, -57, -0.24, 2, 3, 2620, 10.85, 3)],
    [7, { 'ct3/power': 0, 'ct2/power': -32768 }],
    [8, { serial: 12345678, frequency: 49.98, diverted_kWh: 4.12 }],
    [9, { serial: 12345678, frequency: 49.98, diverted_kWh: 4.12 }],
    [14, { serial: 12345678, frequency: 49.98, diverted_kWh: 4.12 }],
    [16, { serial: 23456789, grid_power: 6412, car_power: 7190, network_id: 'e5' }],
    [17, { serial: 23456789, frequency: 50.03, max_power: 7400, status: 0x0322, zappi_mode: 'eco+', 'ct3/power': 0 }],
    [17, ct(1, 6412, 27.02, 2, 2, -2310, -9.6, 4)],
    [18, { serial: 11223344, host_serial: 12345678, 'ct1/power': 1480, 'ct1/current': 6.18, 'ct2/power': 0 }],
  ])('structure of frame %i', async (index, values) => {
    const { lines } = await sniff('synthetic_vectors.pcap', '--no-filter', '--structural')
    const time = new Date(Date.UTC(2023, 10, 14, 22, 13, 20) + index * 1000).toISOString()
    expect(lines.find(line => line.time === time)!.values).toMatchObject(values)
  })
})

/** Two current transformers: input, W, A, type, twice. */
function ct(...[a, power, current, type, b, power2, current2, type2]: number[]) {
  return {
    ...{ [`ct${a}/power`]: power, [`ct${a}/current`]: current, [`ct${a}/type`]: type },
    ...{ [`ct${b}/power`]: power2, [`ct${b}/current`]: current2, [`ct${b}/type`]: type2 },
  }
}
