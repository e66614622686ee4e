import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { main } from '../../src/cli/main.ts'
import { localNetwork } from '../../src/transport/local-network.ts'
import { type FakeIo, fakeIo } from '../fake-io.ts'
import { ManualClock } from '../manual-clock.ts'
import { BYD_CONFIG } from '../protocols/batgw/rig.ts'
import { Bench, VIRTUAL } from './batgw-bench.ts'

const CAPTURES = process.env['WATTZUP_CAPTURES']

async function run(args: string, files: Record<string, string> = {}): Promise<FakeIo> {
  const io = fakeIo(['batgw', 'bridge', ...args.split(' ')], { files })
  io.status.code = await main(io)
  return io
}

describe('batgw bridge -n', () => {
  test('prints the configuration, macros of the command line before those of the file', async () => {
    const files = { 'x.conf': `BUS = can5\n${BYD_CONFIG.replace('can0', '$BUS')}` }
    const io = await run('-f x.conf -n -D BUS=can7', files)
    expect(io.status.code).toBe(0)
    expect(io.stdout).toBe(
      'battery {\n\tprotocol "byd"\n\tinterface "can7"\n}\n\ninverter {\n\tprotocol "byd"\n\tinterface "can1"\n}\n',
    )
  })

  test('prints what holds by default with -v, which may be joined', async () => {
    const io = await run('-nvf x.conf', { 'x.conf': BYD_CONFIG })
    expect(io.stdout).toContain('\tcharge limit 10000 max 10000\n')
  })

  test('covers passwords', async () => {
    const files = { 'x.conf': `mqtt { host broker user me pass secret }\n${BYD_CONFIG}` }
    const io = await run('-f x.conf -n', files)
    expect(io.stdout).toContain('username "me" password "********"')
    expect(io.stdout + io.stderr).not.toContain('secret')
  })

  test('says every problem with file and line, and what was expected', async () => {
    const files = {
      'x.conf': 'battery {\n protocol byd\n interface can0\n charge limit 20000\n}\ninverter { protocl byd }\n',
    }
    const io = await run('-f x.conf -n', files)
    expect(io.status.code).toBe(1)
    expect(io.stdout).toBe('')
    expect(io.stderr).toMatch(/^x\.conf:4: .*charge limit/m)
    expect(io.stderr).toMatch(/^x\.conf:6: .*protocl.*expected/m)
    expect(io.stderr).toMatch(/^wattzup: x\.conf was not understood as a whole, so nothing was started$/m)
  })

  test('says where a bus is none, and where both are one by another name', async () => {
    const none = await run('-f x.conf -n', { 'x.conf': BYD_CONFIG.replace('can0', '"tcp:can0"') })
    expect(none.stderr).toMatch(/^x\.conf:1: battery interface: tcp:can0 is no CAN bus; write can0, /)
    const one = await run('-f x.conf -n', { 'x.conf': BYD_CONFIG.replace('can1', '"socketcan:can0"') })
    expect(one.stderr).toMatch(/^x\.conf:2: battery and inverter are both on can0; expected two buses\n/)
    expect([none.status.code, one.status.code]).toEqual([1, 1])
  })

  test('reads files that are included from beside the one that includes them', async () => {
    const files = { 'etc/x.conf': 'include "side.conf"\n', 'etc/side.conf': BYD_CONFIG }
    expect((await run('-f etc/x.conf -n', files)).status.code).toBe(0)
    const missing = await run('-f etc/x.conf -n', { 'etc/x.conf': 'include "side.conf"\n' })
    expect(missing.status.code).toBe(1)
    expect(missing.stderr).toMatch(/^etc\/x\.conf:1: .*etc\/side\.conf/)
  })

  test('refuses options that it does not understand', async () => {
    for (const args of ['-n -D foo', '-n -c maybe', '-n --format']) {
      expect((await run(`-f x.conf ${args}`, { 'x.conf': BYD_CONFIG })).status.code, args).toBe(2)
    }
  })
})

describe('a running bridge', () => {
  async function flowing(args = ''): Promise<Bench> {
    const bench = await Bench.on(args)
    await bench.talk(4000)
    bench.hello()
    await bench.talk(2500)
    return bench
  }

  test('lets current flow, and says 0 A at SIGTERM', async () => {
    const bench = await flowing()
    expect(bench.limits).toBe('110#11260EEC00EC00EC')
    bench.io.abort()
    expect(await bench.ended).toBe(0)
    await bench.clock.advance(0)
    expect(bench.limits).toBe('110#11260EEC00000000')
  })

  test('says 0 A when the program crashes, and nothing else after that', async () => {
    const bench = await flowing()
    bench.io.crash()
    await bench.talk(5000)
    expect(bench.limits).toBe('110#11260EEC00000000')
    bench.io.abort()
    await bench.ended
  })

  test('says why nothing flows at each change', async () => {
    const bench = await flowing()
    await bench.clock.advance(10_500)
    expect(bench.limits).toBe('110#11260EEC00000000')
    const lines = bench.io.stderr.split('\n')
    expect(lines[0]).toBe('wattzup: battery byd on virtual:pack, inverter byd on virtual:sun')
    expect(lines).toContain('wattzup: current may flow again')
    expect(lines).toContain('wattzup: the inverter is there')
    expect(lines.filter(line => line.startsWith('wattzup: no current may flow: ')).length).toBeGreaterThanOrEqual(2)
    expect(bench.io.stderr).not.toContain('limits:')
    bench.io.abort()
    await bench.ended
  })

  test('says limits with -v and frames with -vv', async () => {
    const bench = await flowing('-vv')
    expect(bench.io.stderr).toContain('limits: 23.6 A to charge, 23.6 A to discharge')
    expect(bench.io.stderr).toContain('wattzup: i 0x151 [8] 01 00 00 00 00 00 00 00\n')
    expect(bench.io.stderr).toContain('wattzup: 0x438 [8] 55 55 ')
    bench.io.abort()
    await bench.ended
  })

  test('lets nothing flow with -c off', async () => {
    const bench = await flowing('-c off')
    expect(bench.limits).toBe('110#11260EEC00000000')
    bench.io.abort()
    await bench.ended
  })

  test('transmits nothing when it is dry or listens only, and prints what it would send', async () => {
    for (const option of ['--dry-run', '--listen-only']) {
      const bench = await flowing(option)
      bench.io.abort()
      expect(await bench.ended).toBe(0)
      expect(bench.heard, option).toEqual([])
      expect(bench.io.stdout).toMatch(/^\(1772359201\.000000\) pack 12D#/)
      expect(bench.io.stdout).toMatch(/^\(\d+\.\d{6}\) {2}sun 110#11260EEC00EC00EC$/m)
      expect(bench.io.stdout.trimEnd()).toMatch(/110#11260EEC00000000$/)
    }
  })

  test('prints readings, of each message one a second', async () => {
    const bench = await flowing('--json')
    bench.io.abort()
    await bench.ended
    const readings = bench.io.stdout
      .trimEnd()
      .split('\n')
      .map(line => JSON.parse(line) as Record<string, unknown>)
    const cells = readings.filter(({ message }) => message === 'cell_extremes')
    expect(cells).toHaveLength(7) // in 6.5 s
    expect(cells[0]).toMatchObject({ family: 'byd-atto3', device: 'battery', values: { max_cell_voltage: 3.328 } })
    expect(readings.some(({ family, device }) => family === 'byd-hvs' && device === 'inverter')).toBe(true)
  })

  test('keeps standard output for frames when it is dry', async () => {
    const bench = new Bench('--dry-run --json', VIRTUAL)
    expect(await bench.ended).toBe(2)
  })

  test('needs --write to open and close contactors', async () => {
    const config = VIRTUAL.replace('protocol byd', 'protocol byd contactors managed')
    const refused = await Bench.on('', config)
    expect(await refused.ended).toBe(2)
    expect(refused.io.stderr).toContain('allow it with --write')
    expect(refused.heard).toEqual([])
    const bench = await Bench.on('--write', config)
    bench.io.abort()
    expect(await bench.ended).toBe(0)
  })

  test('ends in order when it is stopped while a bus is being opened', async () => {
    const io: FakeIo = fakeIo(['batgw', 'bridge', '-f', 'x.conf'], {
      files: { 'x.conf': BYD_CONFIG },
      network: {
        ...localNetwork(new ManualClock()),
        openCan: (_at, _options, signal) =>
          new Promise((_, reject) => {
            signal.addEventListener('abort', () => reject(signal.reason))
            io.abort()
          }),
      },
    })
    expect(await main(io)).toBe(0)
    expect(io.stderr).toBe('')
  })

  test('does not run on recordings unless it is dry', async () => {
    const bench = new Bench('', BYD_CONFIG.replace('can0', '"file:a.log@can0"'))
    expect(await bench.ended).toBe(2)
    expect(bench.io.stderr).toContain('add --dry-run')
  })
})

describe.skipIf(CAPTURES === undefined)('a recording of another gateway, played', () => {
  test('gives the frames that it should have sent, at their times', async () => {
    const log = readFileSync(join(CAPTURES!, 'batgw/normal-start.candump.log'), 'utf8')
    const config = BYD_CONFIG.replace('can0', '"file:start.log@can0"').replace('can1', '"file:start.log@can1"')
    const bench = new Bench('--dry-run', config, { 'start.log': log })
    await bench.until(() => bench.io.stderr.includes('nothing is sent'))
    for (let i = 0; i < 400 && !bench.isOver; i++) await bench.clock.advance(100)
    expect(await bench.ended).toBe(0)

    const theirs = framesOf(log)
    const ours = framesOf(bench.io.stdout)
    const start = theirs[0]!.ms
    const end = theirs.at(-1)!.ms // then it says 0 A
    expect(ours.at(-1)!.text).toBe('110#11260EEC00000000')
    expect(ours[0]!.ms - start).toBeCloseTo(1000, -1)
    const hello = theirs.find(({ text }) => text === '151#0100000000000000')!
    const greetings = ours.filter(({ text }) => text.startsWith('250'))
    expect(Math.abs(greetings[1]!.ms - hello.ms)).toBeLessThan(2) // a log is played to the millisecond
    const from = theirs.find(({ text }) => text.startsWith('250'))!.ms
    const mended = (text: string) => (text === '150#251C26AC008E0096' ? '150#251C2710059105DC' : text)
    for (const id of ['250', '290', '2D0', '3D0', '110', '150', '1D0', '210', '190']) {
      const of = (frames: typeof theirs, after: number) =>
        frames.filter(({ ms, text }) => ms >= after && ms < end && text.startsWith(id)).map(({ text }) => text)
      expect(of(ours, hello.ms - 2), id).toEqual(of(theirs, from).map(mended))
    }
    expect(bench.io.stderr).toContain('battery: of a recorded gateway: ')
  })
})

function framesOf(log: string): { readonly ms: number; readonly text: string }[] {
  return log
    .trim()
    .split('\n')
    .map(line => /^\((\d+)\.(\d{6})\) +\S+ (\S+)$/.exec(line)!)
    .map(([, seconds, micros, text]) => ({ ms: Number(seconds) * 1000 + Number(micros) / 1000, text: text! }))
}
