import { describe, expect, test } from 'vitest'
import { main } from '../../src/cli/main.ts'
import type { CanBus } from '../../src/core/can-bus.ts'
import { ClosedPipe, TransportError } from '../../src/core/errors.ts'
import { SCENARIO_NAMES, scenarioText } from '../../src/protocols/batgw/simulator/scenarios/scenarios.ts'
import { localNetwork } from '../../src/transport/local-network.ts'
import { type FakeIo, fakeIo, type World } from '../fake-io.ts'
import { ManualClock } from '../manual-clock.ts'
import { frameOf, textOf } from '../protocols/batgw/rig.ts'
import { until } from '../until.ts'

interface Ran {
  readonly io: FakeIo
  readonly code: number
  readonly lines: readonly string[]
}

async function run(args: readonly string[], world: World = {}): Promise<Ran> {
  const io = fakeIo(args, world)
  const code = await main(io)
  return { io, code, lines: io.stdout.split('\n').slice(0, -1) }
}

function simulate(args: string, ...more: string[]): Promise<Ran> {
  return run(['simulate', ...args.split(' '), ...more])
}

/** The readings that `batgw decode` makes of a log. */
async function decoded(log: string, ...options: string[]): Promise<Record<string, Record<string, unknown>[]>> {
  const { code, lines, io } = await run(['batgw', 'decode', '-', '--json', ...options], { stdin: log })
  expect([code, io.stderr]).toEqual([0, ''])
  const byMessage: Record<string, Record<string, unknown>[]> = {}
  for (const line of lines) {
    const { message, values } = JSON.parse(line) as { message: string; values: Record<string, unknown> }
    byMessage[message] = [...(byMessage[message] ?? []), values]
  }
  return byMessage
}

describe('a log of simulate battery and simulate inverter', () => {
  test('has the same bytes for the same seed on every run', async () => {
    const args = 'battery byd --duration 20 --faults all=0.1'
    const first = await simulate(args)
    expect(first.code).toBe(0)
    expect((await simulate(args)).io.stdout).toBe(first.io.stdout)
    expect((await simulate(`${args} --seed 2`)).io.stdout).not.toBe(first.io.stdout)
  })

  test('is one of candump, from --start on, for --duration, else a minute', async () => {
    const { lines } = await simulate('battery byd --duration 0.1 --start 2026-03-01T10:00:00.5Z')
    expect(lines[0]).toMatch(/^\(1772359200\.500000\) can0 344#/)
    expect(lines.every(line => /^\(177235920\d\.\d{6}\) can0 [0-9A-F]{3}#[0-9A-F]{16}$/.test(line))).toBe(true)
    expect(lines.at(-1)).toMatch(/^\(1772359200\.5[789]/)
    const minute = await simulate('battery byd')
    expect(minute.lines[0]).toMatch(/^\(1780293600\.000000\)/)
    expect(minute.lines.at(-1)).toMatch(/^\(1780293659\.9/)
    expect((await simulate('inverter byd --duration 1')).lines[0]).toMatch(/ can1 151#00474F4F44574500$/)
  })

  test('is understood by batgw decode, as what was set', async () => {
    const set = [
      '--set',
      'soc=41.5',
      '--set',
      'current=-7',
      '--set',
      'contactors=stay closed',
      '--set',
      'voltage=401.7',
    ]
    const byd = await decoded((await simulate('battery byd --duration 3', ...set)).io.stdout)
    expect(byd['pack_voltage']!.at(-1)).toMatchObject({ pack_voltage: 401.7 })
    expect(byd['cell_temperatures']!.at(-1)).toMatchObject({ soc: 41.5 })
    expect(byd['pack_status']!.at(-1)).toMatchObject({ current: 7 })
    expect(byd['contactors']!.at(-1)).toMatchObject({ main_closed: true })
    const mg4 = await decoded((await simulate('battery mg4 --duration 3', ...set)).io.stdout, '--battery', 'mg4')
    expect(mg4['pack_values']!.at(-1)).toMatchObject({ voltage: 401.75, current: 7 })
    expect(mg4['charge_state']!.at(-1)).toMatchObject({ soc: 41.5 })
    const hvs = await decoded(
      (await simulate('inverter byd --duration 3', '--set', 'brand=4711', '--set', 'voltage=400')).io.stdout,
    )
    expect(hvs['greeting']).toEqual([
      { request: 0, brand: '4711' },
      { request: 1, brand: '' },
    ])
    expect(hvs['inverter_values']!.at(-1)).toMatchObject({ voltage: 400, current: 0 })
    const pylon = await decoded((await simulate('inverter pylon --duration 2.5')).io.stdout, '--inverter', 'pylon')
    expect(pylon['request']!.map(({ request }) => request)).toEqual([
      'ensemble',
      'system',
      'ensemble',
      'system',
      'ensemble',
      'system',
    ])
  })

  test('takes options as the configuration has them', async () => {
    const { io } = await simulate('battery byd --duration 3', '--options', 'pack "standard"')
    expect((await decoded(io.stdout))['cells']!.find(({ index }) => index === 34)).toMatchObject({ cell_3: null })
    const low = await simulate('inverter pylon --duration 1.5', '--options', 'dialect "low-voltage"')
    expect(low.lines.map(line => line.split(' ')[2])).toEqual(['305#0000000000000000', '305#0000000000000000'])
  })

  test('plays a scenario, a built-in one or that of a file', async () => {
    const cold = await decoded((await simulate('battery byd --duration 45 --scenario cold')).io.stdout)
    expect(cold['cell_temperatures']!.at(-1)).toMatchObject({ min_temperature: -27, max_temperature: -22 })
    const file = JSON.stringify({ title: 'mine', battery: { events: [{ at: 1, silent: ['cells'] }] } })
    const mine = await run(['simulate', 'battery', 'byd', '--duration', '5', '--scenario', 'my.json'], {
      files: { 'my.json': file },
    })
    expect((await decoded(mine.io.stdout))['cells']).toHaveLength(20)
    const piped = await run(['simulate', 'battery', 'byd', '--duration', '5', '--scenario', '-'], { stdin: file })
    expect(piped.io.stdout).toBe(mine.io.stdout)
  })

  test('says what faults were made, and nothing where there were none', async () => {
    const { io, lines } = await simulate('battery byd --duration 10 --faults drop=0.2,short=0.1')
    const [, frames, dropped, short] =
      /^wattzup: (\d+) frames; faults: (\d+) drop, (\d+) short\n$/.exec(io.stderr) ?? []
    expect(lines).toHaveLength(Number(frames))
    expect(lines.filter(line => line.split('#')[1]!.length === 14)).toHaveLength(Number(short))
    expect(Number(dropped)).toBeGreaterThan(50)
    expect((await simulate('battery byd --duration 10')).io.stderr).toBe('')
  })

  test('ends quietly when nobody reads it any more, and at a signal', async () => {
    const io = fakeIo(['simulate', 'battery', 'byd', '--duration', '1000000000'])
    let blocks = 0
    io.out.write = () => {
      if (++blocks === 3) throw new ClosedPipe()
    }
    expect([await main(io), io.stderr, blocks]).toEqual([0, '', 3])
    const other = fakeIo(['simulate', 'battery', 'byd', '--duration', '1000000000'])
    const ended = main(other)
    await until(() => other.stdout !== '')
    other.abort()
    expect([await ended, other.stderr]).toEqual([0, ''])
    expect(other.stdout).toMatch(/\n$/)
  })
})

describe('--show', () => {
  test('prints every scenario as a file that plays the same', async () => {
    for (const name of SCENARIO_NAMES) {
      const { io, code } = await simulate(`battery byd --scenario ${name} --show`)
      expect([code, io.stdout]).toEqual([0, scenarioText(name)])
      const from = (scenario: string) =>
        run(['simulate', 'battery', 'byd', '--duration', '25', '--scenario', scenario], {
          files: { './x.json': io.stdout },
        })
      expect((await from('./x.json')).io.stdout).toBe((await from(name)).io.stdout)
    }
  })

  test('knows only those that come with the program', async () => {
    const { io, code } = await simulate('battery byd --scenario ./x.json --show')
    expect([code, io.stderr]).toEqual([
      2,
      `wattzup: --show: there is no scenario ./x.json; there are ${SCENARIO_NAMES.join(', ')}\n`,
    ])
  })
})

describe('what is wrong on the command line', () => {
  const CASES: readonly (readonly [args: readonly string[], status: number, text: string])[] = [
    [['byd', '--scenario', 'cald'], 2, 'there is no scenario cald; did you mean "cold"? For a file write ./cald'],
    [['byd', '--scenario', '__proto__'], 2, 'there is no scenario __proto__; there are normal, '],
    [['byd', '--scenario', './none.json'], 1, 'none.json'],
    [['byd', '--set', 'voltage=1e9'], 2, '--set: voltage: 1000000000 does not fit; expected 0 to 1000 V'],
    [['byd', '--set', 'current=-500.1'], 2, '--set: current: -500.1 does not fit; expected -500 to 500 A'],
    [['byd', '--set', 'soc=NaN'], 2, '--set: soc: "NaN" does not fit; expected 0 to 100 %'],
    [['byd', '--set', 'soc=Infinity'], 2, '--set: soc: "Infinity" does not fit; expected 0 to 100 %'],
    [['byd', '--set', 'soc=0x10'], 2, '--set: soc: "0x10" does not fit'],
    [['byd', '--set', 'soc='], 2, '--set: soc: "" does not fit'],
    [['byd', '--set', 'vlotage=1'], 2, '--set: this device has no setting "vlotage"; did you mean "voltage"?'],
    [['byd', '--set', '__proto__=1'], 2, '--set: this device has no setting "__proto__"; it has soc, '],
    [['byd', '--set', 'contactors=shut'], 2, 'expected obey, stay open, stay closed'],
    [['byd', '--set', 'soc'], 2, 'Write NAME=VALUE.'],
    [['byd', '--options', 'pack "small"'], 2, '"small" is unknown; expected "extended" or "standard"'],
    [
      ['byd', '--options', 'pak "standard"'],
      2,
      'found "pak" in battery, expected pack, contactors; did you mean "pack"?',
    ],
    [['byd', '--options', 'pack "standard" } foo {'], 2, 'battery ends before the text does'],
    [['byd', '--options', 'pack'], 2, 'expected'],
    [['byd', '--options', 'interface can0'], 2, 'found "interface" in battery'],
    [['byd', '--faults', 'rust'], 2, 'there is no fault rust; there are drop, corrupt, noise, short, repeat, all'],
    [['byd', '--faults', 'drop=2'], 2, 'needs a rate from 0 to 1'],
    [['byd', '--seed', '-1'], 2, 'whole number'],
    [['byd', '--duration', '0'], 2, 'above 0'],
    [['byd', '--start', 'noon'], 2, 'noon is no time'],
    [['tesla'], 2, 'Allowed choices are byd, mg4'],
    [['byd', 'file:drive.log'], 2, 'file:drive.log is a recording: nothing can be sent there'],
    [['byd', 'virtual:'], 2, 'virtual:'],
    [[], 2, "missing required argument 'kind'"],
  ]

  test.each(CASES)('%j', async (args, status, text) => {
    const { io, code } = await run(['simulate', 'battery', ...args])
    expect(io.stderr).toContain(text)
    expect([code, io.stdout, io.stderr.split('\n').length]).toEqual([status, '', 2])
  })

  test('is also what does not fit a file, which is said with its place', async () => {
    const files = { 'my.json': '{ "title": "x", "battery": { "events": [{ "at": 5, "set": { "soc": 101 } }] } }' }
    const { io, code } = await run(['simulate', 'battery', 'byd', '--scenario', 'my.json'], { files })
    expect([code, io.stderr]).toEqual([
      1,
      'wattzup: my.json: battery.events[0].set: soc: 101 does not fit; expected 0 to 100 %\n',
    ])
    const other = await run(['simulate', 'inverter', 'byd', '--scenario', 'my.json', '--duration', '1'], { files })
    expect(other.code).toBe(0) // of the other side it is not asked
  })
})

describe('on a bus', () => {
  async function onBus(args: string, ...more: string[]) {
    const clock = new ManualClock()
    const network = localNetwork(clock)
    const io = fakeIo(['simulate', ...args.split(' '), ...more], { clock, network })
    const heard: string[] = []
    const bus: CanBus = await network.openCan(
      { kind: 'virtual', name: 'x' },
      { random: Math.random },
      new AbortController().signal,
    )
    bus.listen({ frame: frame => void heard.push(textOf(frame)), event: () => {} })
    const ended = main(io)
    await until(() => io.stderr !== '')
    return { clock, io, heard, bus, ended }
  }

  test('a battery hears and answers, and says what it does', async () => {
    const { clock, io, heard, bus, ended } = await onBus('battery byd virtual:x --scenario cold')
    expect(io.stderr).toBe('wattzup: battery byd on virtual:x: the battery cools down to -27 °C and warms up again\n')
    await clock.advance(1000)
    bus.send(frameOf('7E7#0322000500000000'))
    for (let i = 0; i < 40; i++) {
      bus.send(frameOf('12D#A02802A00C71CF49'))
      bus.send(frameOf('441#983A8813A601FFEC'))
      await clock.advance(50)
    }
    expect(heard).toContain('7EF#046200053CAAAAAA')
    expect(heard.findLast(text => text.startsWith('344#'))).toMatch(/^344#82/)
    io.abort()
    expect(await ended).toBe(0)
    const lines = io.stderr.split('\n').slice(1)
    expect(lines[0]).toMatch(/^wattzup: 1\.\d s: contactors precharging$/)
    expect(lines[1]).toMatch(/^wattzup: 1\.\d s: contactors closed$/)
    expect(lines[2]).toBe(`wattzup: ${heard.length} frames`)
    expect(io.stdout).toBe('')
  })

  test('an inverter takes what it may', async () => {
    const { clock, io, heard, bus, ended } = await onBus('inverter byd virtual:x', '--set', 'current=20')
    for (let i = 0; i < 30; i++) {
      bus.send(frameOf('110#11260EEC00EC007B'))
      await clock.advance(100)
    }
    expect(heard.findLast(text => text.startsWith('091#'))).toBe('091#0000007B01020000')
    io.abort()
    expect(await ended).toBe(0)
    expect(io.stderr).toContain('wattzup: 0.0 s: may charge 12.3 A, discharge 23.6 A\n')
  })

  test('it stops after --duration', async () => {
    const { clock, io, ended } = await onBus('battery byd virtual:x --duration 5 --faults drop=0.5')
    await clock.advance(5000)
    expect(await ended).toBe(0)
    expect(io.stderr).toMatch(/^wattzup: \d+ frames; faults: \d+ drop$/m)
    expect(clock.sleeping).toBe(0)
  })

  test('frames that the bus does not take are counted, and what happens to it is said', async () => {
    const clock = new ManualClock()
    const network = localNetwork(clock)
    const events: ((down: boolean) => void)[] = []
    const refusing: CanBus = {
      name: 'can9',
      recorded: false,
      listen: ({ event }) => {
        events.push(down => event(down ? { type: 'down', error: new TransportError('can9: bus-off') } : { type: 'up' }))
      },
      send: () => false,
      [Symbol.asyncDispose]: async () => {},
    }
    const io = fakeIo(['simulate', 'battery', 'byd', 'can9'], {
      clock,
      network: { ...network, openCan: async () => refusing },
    })
    const ended = main(io)
    await until(() => events.length > 0)
    for (const event of events) event(true)
    await clock.advance(2000)
    for (const event of events) event(false)
    io.abort()
    expect(await ended).toBe(0)
    expect(io.stderr).toMatch(/^wattzup: can9: bus-off; waiting for it$/m)
    const [, sent, refused] = /^wattzup: (\d+) frames, (\d+) of them not taken by the bus$/m.exec(io.stderr) ?? []
    expect(Number(sent)).toBeGreaterThan(100)
    expect(refused).toBe(sent)
  })

  test('one that is not there is an error, unless it was stopped before', async () => {
    const network = {
      ...localNetwork(new ManualClock()),
      openCan: async () => {
        throw new TransportError('cannot open can9: no such interface; see: ip link')
      },
    }
    const { io, code } = await run(['simulate', 'battery', 'byd', 'can9'], { network })
    expect([code, io.stderr]).toEqual([1, 'wattzup: cannot open can9: no such interface; see: ip link\n'])
  })
})
