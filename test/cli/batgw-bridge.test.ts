import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { main } from '../../src/cli/main.ts'
import { TransportError } from '../../src/core/errors.ts'
import type { Network } from '../../src/core/network.ts'
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

/** A bridge that lets 23.6 A flow both ways, unless it is told not to. */
async function flowing(...args: Parameters<typeof Bench.on>): Promise<Bench> {
  const bench = await Bench.on(...args)
  await bench.talk(4000)
  bench.hello()
  await bench.talk(2500)
  return bench
}

describe('a running bridge', () => {
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
    expect(lines[1]).toBe('wattzup: battery byd on virtual:pack, inverter byd on virtual:sun')
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
    // of 290 all is a guess: it is sent, and nothing is said of it
    expect(bench.heard.some(text => text.startsWith('290#'))).toBe(true)
    expect(readings.filter(({ values }) => Object.keys(values as object).length === 0)).toEqual([])
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

describe('the end of a bridge', () => {
  const MANAGED = VIRTUAL.replace('protocol byd', 'protocol byd contactors managed')

  test('waits for contactors that it manages, and comes at once when it is told so twice', async () => {
    const bench = await flowing('--write', MANAGED)
    bench.io.abort()
    await bench.talk(3000)
    expect(bench.isOver).toBe(false)
    expect(bench.limits).toBe('110#11260EEC00000000')
    expect(bench.io.stderr).toContain('it ends when the contactors are open; a second signal ends it at once\n')
    const before = bench.heard.length
    bench.io.abort()
    expect(await bench.ended).toBe(0) // whose status the process makes that of the signal
    await bench.clock.advance(0)
    expect(
      bench.heard
        .slice(before)
        .filter(text => text.startsWith('110'))
        .at(-1),
    ).toBe('110#11260EEC00000000')
    expect(bench.io.stderr).toContain('ended at once: the contactors may be closed\n')
  })

  test('does not wait for contactors when it is dry', async () => {
    const bench = await flowing('--dry-run', MANAGED)
    bench.io.abort()
    expect(await bench.ended).toBe(0)
  })

  test('comes within a second, though a bus cannot be closed', async () => {
    const bench = await flowing('', VIRTUAL, ({ network }) => {
      const { openCan } = network
      Object.assign(network, {
        openCan: async (...args: Parameters<typeof openCan>) => {
          const bus = await openCan(...args)
          return Object.assign(bus, { [Symbol.asyncDispose]: () => new Promise(() => {}) })
        },
      })
    })
    bench.io.abort()
    await bench.clock.advance(999)
    expect(await bench.ended).toBe(0)
    expect(bench.limits).toBe('110#11260EEC00000000')
  })

  test('tells what did not count, of both buses', async () => {
    const bench = await flowing()
    bench.say('438#555501D647681000')
    bench.hello('151#01')
    await bench.talk(100)
    bench.io.abort()
    await bench.ended
    expect(bench.io.stderr).toContain('wattzup: inverter: not a data frame of 8 bytes: 1\n')
    expect(bench.io.stderr).toContain('wattzup: battery: checksum: 438: 1\n')
  })
})

describe('whoever watches a bridge', () => {
  const NO_SPACE = () => {
    throw new TransportError('cannot write it: no space left on device', { code: 'ENOSPC' })
  }
  const noSpace = async () => NO_SPACE()

  test('may fail alone: neither the gateway nor the others are harmed', async () => {
    const bench = await flowing('--json --json-file x.json', VIRTUAL, io => {
      const out = { write: NO_SPACE, drained: () => undefined, isTerminal: false, columns: 80 }
      Object.assign(io, { liveOutput: async () => out })
    })
    expect(bench.limits).toBe('110#11260EEC00EC00EC')
    expect(bench.io.stderr).toContain('wattzup: readings go out no more: cannot write it: no space left on device\n')
    expect(bench.io.files.readText('x.json')).toContain('"max_cell_voltage":3.328')
    bench.io.abort()
    expect(await bench.ended).toBe(0)
  })

  test('may have a disk that is full, and is told so once', async () => {
    const bench = await flowing('--json-file x.json', VIRTUAL, ({ files }) => {
      Object.assign(files, { replaceText: noSpace })
    })
    await bench.talk(10_000)
    expect(bench.limits).toBe('110#11260EEC00EC00EC')
    expect(bench.io.stderr.split('\n').filter(line => line.includes('no space left'))).toHaveLength(1)
    bench.io.abort()
    expect(await bench.ended).toBe(0)
  })

  test('is told what the inverter is told, also where the bytes alone do not say what they mean', async () => {
    const legacy = VIRTUAL.replace('inverter { protocol byd', 'inverter { protocol pylon dialect legacy')
    const bench = await Bench.on('--json', legacy)
    await bench.talk(4000)
    bench.hello('00004200#0000000000000000')
    await bench.talk(1000)
    bench.io.abort()
    await bench.ended
    const told = bench.io.stdout.split('\n').filter(line => line.includes('"message":"limits"'))
    expect(JSON.parse(told[0]!)).toMatchObject({
      family: 'pylon-can-legacy',
      device: 'inverter',
      values: { max_charge_voltage: 439, max_charge_current: 23.6, max_discharge_current: 23.6 },
    })
  })
})

describe('a bridge that cannot begin', () => {
  test('sends nothing when the port that it should serve at is taken', async () => {
    await using taken = await localNetwork(new ManualClock()).listen({ host: '127.0.0.1', port: 0 })
    const bench = await Bench.on(`--http ${taken.endpoint.port}`)
    await bench.talk(3000)
    expect(await bench.ended).toBe(1)
    expect(bench.io.stderr).toMatch(/^wattzup: cannot serve http:.*: port \d+ is in use; choose another one$/m)
    expect(bench.heard).toEqual([])
  })

  test('sends nothing on one bus when the other one is not there', async () => {
    const opened: string[] = []
    const network: Network = {
      ...localNetwork(new ManualClock()),
      openCan: async address => {
        if (address.kind === 'socketcan' && address.iface === 'can1')
          throw new TransportError('cannot open can1: no such interface')
        opened.push('can0')
        return {
          name: 'can0',
          recorded: false,
          listen: () => {},
          send: () => NOTHING(),
          [Symbol.asyncDispose]: async () => {},
        }
      },
    }
    const io = fakeIo(['batgw', 'bridge', '-f', 'x.conf'], { files: { 'x.conf': BYD_CONFIG }, network })
    expect(await main(io)).toBe(1)
    expect(io.stderr).toBe('wattzup: cannot open can1: no such interface\n')
    expect(opened).toEqual(['can0'])
  })
})

/** Nothing must be sent. */
function NOTHING(): never {
  throw new Error('something was sent')
}

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
