import { describe, expect, test } from 'vitest'
import { main } from '../../src/cli/main.ts'
import { TransportError } from '../../src/core/errors.ts'
import { type FakeIo, fakeIo } from '../fake-io.ts'
import { frame, payload } from '../protocols/myenergi/frames.ts'
import { until } from '../until.ts'
import { CaptureWorld, MemoryCapture } from './energi-capture.ts'

const POWERS = frame(payload(0x22, [0x22, 'i16', 2715], [0x1e, 'i32', -64], [0x32, 'i16', 1790]))
const DEVICE = frame(payload(0x2b, [0x22, 'u16', 5001], [0x2c, 'u16', 412]))
const CUT = POWERS.subarray(0, 50)
const NOW = Date.UTC(2026, 2, 1, 10) / 1000
const VALUES = { serial: 14_725_836, gen_pwr: 2715, grid_pwr: -64, divert_pwr: 1790 }

interface Run {
  readonly io: FakeIo
  readonly ended: Promise<number>
}

function sniff(world: CaptureWorld, ...options: readonly string[]): Run {
  const { clock, network } = world
  const io = fakeIo(['energi', 'sniff', '--iface', 'eth7', ...options], { clock, network })
  return { io, ended: main(io) }
}

const lines = (text: string) => text.split('\n').filter(line => line !== '')
const readings = (io: FakeIo) => lines(io.stdout).map(line => JSON.parse(line))
const printed = (io: FakeIo, count: number) => until(() => lines(io.stdout).length >= count)
const said = (io: FakeIo, text: string) => until(() => io.stderr.includes(text))

test('frames are printed as they come, until the run is ended', async () => {
  const capture = new MemoryCapture()
  const { io, ended } = sniff(new CaptureWorld(capture))
  capture.send(NOW, POWERS)
  await printed(io, 1)
  capture.send(NOW + 1, DEVICE, CUT)
  capture.send(NOW + 2, POWERS)
  await printed(io, 2)
  io.abort()
  expect(await ended).toBe(0)
  expect(readings(io)).toEqual(
    ['2026-03-01T10:00:00.000Z', '2026-03-01T10:00:02.000Z'].map(time => {
      return { time, family: 'myenergi', device: '14725836', message: '0x22', values: VALUES }
    }),
  )
  expect(lines(io.stderr)).toEqual([
    'wattzup: capturing on eth7 with tcpdump',
    'wattzup: 4 packets, not decoded: 1 cut off',
    'wattzup: 2 readings',
  ])
  expect(capture.disposed).toBe(true)
})

test('only frames of the family are captured, also behind VLAN tags, and no more of them than needed', async () => {
  const world = new CaptureWorld(new MemoryCapture())
  const { io, ended } = sniff(world)
  await until(() => world.asked.length > 0)
  io.abort()
  await ended
  const filter = 'ether proto 0x88b5 or (vlan and (ether proto 0x88b5 or (vlan and ether proto 0x88b5)))'
  expect(world.asked).toEqual([{ iface: 'eth7', filter, snapLength: 512 }])
})

describe('an interface', () => {
  test('that disappears is reported once and waited for', async () => {
    const [first, second] = [new MemoryCapture(), new MemoryCapture()]
    const gone = () => new TransportError('cannot capture on eth7: no such interface', { trouble: 'no_interface' })
    const world = new CaptureWorld(first, gone(), gone(), gone(), second)
    const { io, ended } = sniff(world)
    first.send(NOW, POWERS)
    await printed(io, 1)
    first.lose(3)
    await said(io, 'lost eth7')
    second.send(NOW + 60, POWERS)
    await world.clock.advance(60_000)
    await printed(io, 2)
    second.dropped = 4
    io.abort()
    expect(await ended).toBe(0)
    expect(lines(io.stderr)).toEqual([
      'wattzup: capturing on eth7 with tcpdump',
      'wattzup: lost eth7: the interface has disappeared; waiting for it',
      'wattzup: cannot capture on eth7: no such interface; waiting for it',
      'wattzup: now capturing on eth7',
      'wattzup: 7 frames dropped by the kernel: they came too fast',
      'wattzup: 2 packets',
      'wattzup: 2 readings',
    ])
    expect(first.disposed && second.disposed).toBe(true)
  })

  test('that is there and down from the beginning is waited for', async () => {
    const down = () => new TransportError('cannot capture on eth7: the interface is down', { trouble: 'down' })
    const capture = new MemoryCapture()
    const world = new CaptureWorld(down(), down(), capture)
    const { io, ended } = sniff(world)
    await said(io, 'the interface is down; waiting for it')
    await world.clock.advance(2000)
    await said(io, 'now capturing on eth7')
    io.abort()
    expect(await ended).toBe(0)
  })

  test.each(['no_interface', 'forbidden', 'missing', 'other'])(
    'that cannot be had, %s, ends the run with one line',
    async trouble => {
      const { io, ended } = sniff(new CaptureWorld(new TransportError('cannot capture on eth7: alas', { trouble })))
      expect(await ended).toBe(1)
      expect(io.stderr).toBe('wattzup: cannot capture on eth7: alas\n')
    },
  )

  test('on which nothing is heard for a minute is worth a hint', async () => {
    const capture = new MemoryCapture()
    const world = new CaptureWorld(capture)
    const { io, ended } = sniff(world)
    await said(io, 'capturing')
    await world.clock.advance(59_000)
    expect(io.stderr).not.toContain('nothing heard')
    await world.clock.advance(1000)
    expect(io.stderr).toContain('wattzup: nothing heard on eth7 yet; are the devices on this network segment? ')
    io.abort()
    expect(await ended).toBe(0)
  })
})

describe('a run', () => {
  test('ends after --count readings', async () => {
    const capture = new MemoryCapture()
    const { io, ended } = sniff(new CaptureWorld(capture), '--count', '2')
    capture.send(NOW, DEVICE, POWERS, POWERS, POWERS)
    expect(await ended).toBe(0)
    expect(readings(io)).toHaveLength(2)
    expect(capture.disposed).toBe(true)
  })

  test('ends with status 3 where nothing has come after --timeout', async () => {
    const world = new CaptureWorld(new MemoryCapture())
    const { io, ended } = sniff(world, '--timeout', '5')
    await said(io, 'capturing')
    await world.clock.advance(5000)
    expect(await ended).toBe(3)
    expect(io.stderr).toContain('wattzup: nothing came within 5 s\n')
  })

  test('with --strict has failed where a frame was broken', async () => {
    const capture = new MemoryCapture()
    const { ended } = sniff(new CaptureWorld(capture), '--strict', '--count', '1')
    capture.send(NOW, CUT, POWERS)
    expect(await ended).toBe(1)
  })

  test('with --trace-bytes shows the frames that were rejected', async () => {
    const capture = new MemoryCapture()
    const { io, ended } = sniff(new CaptureWorld(capture), '--trace-bytes', '--count', '1')
    capture.send(NOW, CUT, POWERS)
    await ended
    expect(io.stderr).toContain(`wattzup: rejected from eth7: myenergi: cut off: ${CUT.toString('hex')}\n`)
  })

  test('logs the frames in a file that gives the same readings', async () => {
    const capture = new MemoryCapture()
    const { io, ended } = sniff(new CaptureWorld(capture), '--log', 'log', '--debug-keys')
    capture.send(NOW, POWERS, CUT)
    capture.send(NOW + 1, DEVICE)
    await printed(io, 2)
    io.abort()
    await ended
    const [path, bytes] = [...io.files.contents].find(([name]) => name.startsWith('log/'))!
    expect(path).toBe('log/eth7.20260301-100000.pcap')
    const again = fakeIo(['energi', 'sniff', '--pcap', path, '--debug-keys'], { files: { [path]: bytes } })
    expect(await main(again)).toBe(0)
    expect(again.stdout).toBe(io.stdout)
    expect(again.stderr).toContain('3 packets, not decoded: 1 cut off')
  })

  test('keeps the newest values of each device in a file', async () => {
    const capture = new MemoryCapture()
    const world = new CaptureWorld(capture)
    const { io, ended } = sniff(world, '--json-file', 'now.json', '--debug-keys')
    capture.send(NOW, POWERS, DEVICE)
    await printed(io, 2)
    io.abort()
    expect(await ended).toBe(0)
    const { devices } = JSON.parse(io.files.readText('now.json'))
    // the debugging key divert_pwr of 0x2B came last
    expect(Object.values(devices)).toMatchObject([{ values: { ...VALUES, divert_pwr: 0, frequency: 50.01 } }])
  })
})
