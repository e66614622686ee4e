import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { describe, expect, test } from 'vitest'
import { main } from '../../src/cli/main.ts'
import { ClosedPipe } from '../../src/core/errors.ts'
import { fakeIo } from '../fake-io.ts'
import { interfaceBlock, LITTLE, pcapHeader, pcapPacket, section, simple } from '../framing/capture-bytes.ts'
import { ManualClock } from '../manual-clock.ts'
import { frame, payload } from '../protocols/myenergi/frames.ts'
import { until } from '../until.ts'

const POWERS = frame(payload(0x22, [0x22, 'i16', 2715], [0x1e, 'i32', -64], [0x32, 'i16', 1790]))
const DEVICE = frame(payload(0x2b, [0x22, 'u16', 5001], [0x2c, 'u16', 412]))
const CAPTURE = Buffer.concat([
  pcapHeader(LITTLE),
  pcapPacket(LITTLE, 1_772_359_200, 123_456, POWERS),
  pcapPacket(LITTLE, 1_772_359_201, 0, DEVICE),
])
const VALUES = '"values":{"serial":14725836,"gen_pwr":2715,"grid_pwr":-64,"divert_pwr":1790}'

async function sniff(capture: Uint8Array, ...options: readonly string[]) {
  const io = fakeIo(['energi', 'sniff', '--pcap', '-', ...options], { stdin: capture })
  return { status: await main(io), out: io.stdout, err: io.stderr }
}

test('prints a line of NDJSON per frame that publishes something, and counts on stderr', async () => {
  expect(await sniff(CAPTURE)).toEqual({
    status: 0,
    out: `{"time":"2026-03-01T10:00:00.123Z","family":"myenergi","device":"14725836","message":"0x22",${VALUES}}\n`,
    err: 'wattzup: 2 packets\nwattzup: 1 reading\n',
  })
})

test('--debug-keys adds frames that only have those', async () => {
  const { out } = await sniff(CAPTURE, '--debug-keys')
  expect(out.split('\n')[1]).toBe(
    '{"time":"2026-03-01T10:00:01.000Z","family":"myenergi","device":"14725836","message":"0x2B",' +
      '"values":{"serial":14725836,"frequency":50.01,"diverted_kWh":4.12,"divert_pwr":0}}',
  )
})

test('--format csv and text', async () => {
  expect((await sniff(CAPTURE, '--format', 'csv')).out).toBe(
    'time,family,device,message,serial,gen_pwr,grid_pwr,divert_pwr\n' +
      '2026-03-01T10:00:00.123Z,myenergi,14725836,0x22,14725836,2715,-64,1790\n',
  )
  expect((await sniff(CAPTURE, '-f', 'text')).out.slice(23)).toBe(
    ' 14725836 0x22  serial 14725836  gen_pwr 2715 W  grid_pwr -64 W  divert_pwr 1790 W\n',
  )
})

test('a capture without times gives lines without time', async () => {
  const capture = Buffer.concat([section(LITTLE), interfaceBlock(LITTLE, 1), simple(LITTLE, POWERS)])
  const line = `{"family":"myenergi","device":"14725836","message":"0x22",${VALUES}}\n`
  expect((await sniff(capture)).out).toBe(line)
  expect((await sniff(capture, '-f', 'csv')).out.split('\n')[1]).toMatch(/^,myenergi,/)
  expect((await sniff(capture, '-f', 'text')).out).toMatch(/^- 14725836 0x22 {2}serial/)
})

describe('--strict', () => {
  const foreign = pcapPacket(LITTLE, 1, 0, frame(payload(0x22), '0800'))
  const unknown = pcapPacket(LITTLE, 1, 0, frame(payload(0x41)))
  const broken = pcapPacket(LITTLE, 1, 0, POWERS.subarray(0, 50))

  test.each([
    ['frames of others and unknown lengths are no errors', Buffer.concat([CAPTURE, foreign, unknown]), 0],
    ['a broken frame is', Buffer.concat([CAPTURE, broken]), 1],
    ['a capture that is cut off is', CAPTURE.subarray(0, -1), 1],
  ])('%s', async (_, capture, status) => {
    expect((await sniff(capture, '--strict')).status).toBe(status)
    expect((await sniff(capture)).status).toBe(0)
  })
})

test('a damaged capture is an error after what was good', async () => {
  const lie = Buffer.concat([LITTLE.u32(1), LITTLE.u32(0), LITTLE.u32(0xffffffff), LITTLE.u32(0xffffffff)])
  const { status, out, err } = await sniff(Buffer.concat([CAPTURE, lie, CAPTURE]))
  expect(status).toBe(1)
  expect(out).toContain(VALUES)
  expect(err).toBe(
    'wattzup: 2 packets\nwattzup: 1 reading\n' +
      'wattzup: cannot read -: the capture is damaged: a packet of 4294967295 bytes\n',
  )
})

test('what is no capture is refused', async () => {
  const { status, err } = await sniff(Buffer.from('(1700000000.0) can0 123#00\n'))
  expect(status).toBe(1)
  expect(err).toContain('cannot read -: no capture in pcap or pcapng format: it begins with 28313730\n')
})

test('a capture of something else than Ethernet is refused with its link type', async () => {
  const { status, err } = await sniff(Buffer.concat([pcapHeader(LITTLE, 227), pcapPacket(LITTLE, 1, 0, POWERS)]))
  expect(status).toBe(1)
  expect(err).toContain('cannot use -: link type 227 is no Ethernet')
})

test('gzip is unpacked', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'wattzup-energi-'))
  try {
    const path = join(folder, 'x.pcap.gz')
    writeFileSync(path, gzipSync(CAPTURE))
    const io = fakeIo(['energi', 'sniff', '--pcap', path])
    expect(await main(io)).toBe(0)
    expect(io.stdout).toContain(VALUES)
  } finally {
    rmSync(folder, { recursive: true })
  }
})

test.each([
  [[], {}, 'energi sniff needs --iface NIC, or --pcap FILE; see: ip link'],
  [['--iface', 'eth0', '--pcap', 'x.pcap'], {}, '--iface and --pcap are two sources; give one'],
  [['--iface', 'eth0', '--realtime'], {}, '--realtime is for --pcap'],
  [['--pcap', '-'], { stdinIsTerminal: true }, '--pcap -: standard input is a terminal, not a capture; pipe one in: '],
  [['--pcap', 'x.pcap', '--topic', 'house'], {}, '--topic needs --mqtt URL'],
])('energi sniff %j is wrong usage', async (options, world, text) => {
  const io = fakeIo(['energi', 'sniff', ...options], { files: { 'x.pcap': CAPTURE }, ...world })
  expect(await main(io)).toBe(2)
  expect(io.stderr).toContain(`wattzup: ${text}`)
  expect(io.stdout).toBe('')
})

test('--timeout ends the waiting for a pipe that says nothing', async () => {
  let close = () => {}
  const closed = new Promise<number>(resolve => {
    close = () => resolve(0)
  })
  const stdin = { name: '-', size: 0, live: true, read: () => closed, close }
  const clock = new ManualClock()
  const io = fakeIo(['energi', 'sniff', '--pcap', '-', '--timeout', '5'], { stdin, clock })
  const ended = main(io)
  await until(() => clock.sleeping > 0)
  await clock.advance(5000)
  expect(await ended).toBe(3)
  expect(io.stderr).toContain('wattzup: nothing came within 5 s\n')
})

test('--count ends the reading of a capture', async () => {
  const { out, err } = await sniff(CAPTURE, '--debug-keys', '--count', '1')
  expect(out.split('\n')).toHaveLength(2)
  expect(err).toContain('wattzup: 1 reading\n')
})

test('a capture feeds files as live frames do', async () => {
  const io = fakeIo(['energi', 'sniff', '--pcap', '-', '--json-file', 'now.json', '-f', 'text'], { stdin: CAPTURE })
  expect(await main(io)).toBe(0)
  expect(JSON.stringify(JSON.parse(io.files.readText('now.json')))).toContain(VALUES)
})

test('--trace-bytes shows what was rejected', async () => {
  const broken = POWERS.subarray(0, 50)
  const { err } = await sniff(Buffer.concat([CAPTURE, pcapPacket(LITTLE, 1, 0, broken)]), '--trace-bytes')
  expect(err).toContain(`wattzup: rejected from -: myenergi: cut off: ${broken.toString('hex')}\n`)
})

describe('--realtime', () => {
  /** Prints a capture with packets of the given times; gives when, after the first one, each line came, s. */
  async function arrivals(...times: readonly number[]): Promise<number[]> {
    const packets = times.map(time => pcapPacket(LITTLE, time, 0, POWERS))
    const clock = new ManualClock()
    const stdin = Buffer.concat([pcapHeader(LITTLE), ...packets])
    const io = fakeIo(['energi', 'sniff', '--pcap', '-', '--realtime'], { stdin, clock })
    const began = clock.now()
    const seen: number[] = []
    const out = { ...io.out, write: () => void seen.push((clock.now() - began) / 1000) }
    let over = false
    const ended = main({ ...io, out }).finally(() => {
      over = true
    })
    await until(() => seen.length > 0)
    while (!over) await clock.advance(500)
    expect(await ended).toBe(0)
    return seen
  }

  test('keeps the distances that the packets had', async () => {
    expect(await arrivals(100, 102, 102, 105)).toEqual([0, 2, 2, 5])
  })

  test('does not wait where the clock of the capture was set', async () => {
    expect(await arrivals(100, 1_772_359_200, 1_772_359_202, 50, 51)).toEqual([0, 0, 2, 2, 3])
  })
})

test('a closed pipe ends the run at once and says nothing', async () => {
  const io = fakeIo(['energi', 'sniff', '--pcap', '-'], { stdin: CAPTURE })
  const closed = () => {
    throw new ClosedPipe()
  }
  expect(await main({ ...io, out: { ...io.out, isTerminal: true, write: closed } })).toBe(0)
  expect(io.stderr).toBe('')
})

test('a missing file says so', async () => {
  const io = fakeIo(['energi', 'sniff', '--pcap', 'not-there.pcap'])
  expect(await main(io)).toBe(1)
  expect(io.stderr).toContain('cannot open not-there.pcap')
})

describe('the samples', () => {
  const folder = join(import.meta.dirname, '../../samples/myenergi')
  const readme = readFileSync(join(folder, 'README.md'), 'utf8')
  const commands = [...readme.matchAll(/^wattzup (simulate eddi .*)$/gm)].map(([, command]) => command!)

  test.each(commands)('are what their command writes: %s', async command => {
    const io = fakeIo(command.split(' '))
    expect(await main(io)).toBe(0)
    const [[path, bytes]] = [...io.files.contents] as [[string, Uint8Array]]
    expect(Buffer.compare(bytes, readFileSync(join(folder, '../..', path)))).toBe(0)
  })

  test('are two', () => expect(commands).toHaveLength(2))
})

describe('simulate eddi', () => {
  const simulate = async (...args: readonly string[]) => {
    const io = fakeIo(['simulate', 'eddi', ...args], { files: { 'old.pcap': 'old' } })
    return { status: await main(io), err: io.stderr, files: io.files.contents }
  }

  test('does not overwrite unless told to', async () => {
    const refused = await simulate('--pcap', 'old.pcap')
    expect(refused).toMatchObject({ status: 1, err: expect.stringContaining('it exists; --force overwrites it') })
    const forced = await simulate('--pcap', 'old.pcap', '--force', '--minutes', '0.1')
    expect(forced.status).toBe(0)
    expect(forced.files.get('old.pcap')!.length).toBeGreaterThan(24)
  })

  test.each([
    [['--pcap', 'x', '--start', 'noon']],
    [['--pcap', 'x', '--serial', '0']],
    [['--pcap', 'x', '--minutes', '-1']],
    [['--pcap', 'x', '--faults', 'lost']],
    [['--pcap', 'x', '--speed', '2']],
    [[]],
  ])('%j is wrong usage', async args => {
    expect((await simulate(...args)).status).toBe(2)
  })

  test('may start now', async () => {
    const { files } = await simulate('--pcap', 'x.pcap', '--start', 'now', '--minutes', '0.1')
    expect(Buffer.from(files.get('x.pcap')!).readUInt32LE(24)).toBe(Date.UTC(2026, 2, 1, 10) / 1000)
  })
})
