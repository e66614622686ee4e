import { describe, expect, test } from 'vitest'
import { main } from '../../src/cli/main.ts'
import { SCENARIO_NAMES, type ScenarioName } from '../../src/protocols/batgw/simulator/scenarios/scenarios.ts'
import { localNetwork } from '../../src/transport/local-network.ts'
import { fakeIo } from '../fake-io.ts'
import { ManualClock } from '../manual-clock.ts'
import {
  AttoOnBus,
  type Both,
  EXTENDED,
  HvsOnBus,
  type InverterOnBus,
  judge,
  LowVoltageOnBus,
  Mg4OnBus,
  type OnBus,
  OPEN_AGAIN_MS,
  type PackOnBus,
  PylonOnBus,
  type Verdict,
} from '../protocols/batgw/inverter-rules.ts'
import { GatewayYard, type Pairing, type SimulatedGateway } from './simulated-gateway.ts'

interface Pair extends Pairing {
  readonly pack: () => PackOnBus
  readonly sun: () => InverterOnBus
  readonly openAgainMs?: number
}

const BYD = 'protocol byd'
/** Contactors have to be told to close for 1.15 s at least. */
const MANAGED_MS = OPEN_AGAIN_MS + 1200
const atto = () => new AttoOnBus()
const hvs = () => new HvsOnBus()
/** One gateway for each pairing, all at once. */
const PAIRS = {
  'byd to byd': { battery: BYD, inverter: BYD, pack: atto, sun: hvs },
  'byd to pylon': {
    battery: `${BYD} charge current 1 discharge limit 5000`,
    inverter: 'protocol pylon',
    pack: () =>
      new AttoOnBus({
        ...EXTENDED,
        ceilingDa: { charge: 10, discharge: 300 },
        userW: { charge: 10_000, discharge: 5000 },
      }),
    sun: () => new PylonOnBus('vendor'),
  },
  'byd to pylon, legacy': {
    battery: `${BYD} discharge current 18`,
    inverter: 'protocol pylon dialect "legacy" address 1',
    pack: () => new AttoOnBus({ ...EXTENDED, ceilingDa: { charge: 300, discharge: 180 } }),
    sun: () => new PylonOnBus('legacy'),
  },
  'byd to pylon, low voltage': {
    battery: BYD,
    inverter: 'protocol pylon dialect "low-voltage" voltage resolution "0.1"',
    pack: atto,
    sun: () => new LowVoltageOnBus(),
  },
  'mg4 to byd': { battery: 'protocol mg4 accept "no-cell-data"', inverter: BYD, pack: () => new Mg4OnBus(), sun: hvs },
  'mg4 to pylon': {
    battery: 'protocol mg4 accept "no-cell-data"',
    inverter: 'protocol pylon',
    pack: () => new Mg4OnBus(),
    sun: () => new PylonOnBus('vendor'),
  },
  'managed byd to byd': {
    battery: `${BYD} contactors managed`,
    inverter: BYD,
    args: '--write',
    openAgainMs: MANAGED_MS,
    pack: atto,
    sun: hvs,
  },
  'managed byd to pylon': {
    battery: `${BYD} contactors managed`,
    inverter: 'protocol pylon',
    args: '--write',
    openAgainMs: MANAGED_MS,
    pack: atto,
    sun: () => new PylonOnBus('vendor'),
  },
  'byd left alone to byd': { battery: `${BYD} contactors never`, inverter: BYD, pack: atto, sun: hvs },
} satisfies Record<string, Pair>

type PairName = keyof typeof PAIRS
const NAMES = Object.keys(PAIRS) as PairName[]

/** When each story is over, s. */
const LENGTHS: Readonly<Record<ScenarioName, number>> = {
  normal: 70,
  'silent-battery': 65,
  'silent-inverter': 96,
  cold: 75,
  hot: 75,
  'cell-spread': 75,
  full: 118,
  empty: 122,
  restart: 92,
}

/** What became of one gateway. */
interface Run extends Verdict {
  readonly pair: Pair
  readonly gateway: SimulatedGateway
  readonly code: number
  /** When it was told to stop, ms. */
  readonly stopped: number
}

async function play(
  scenario: string,
  names: readonly PairName[],
  seconds: number,
  files = {},
): Promise<Record<PairName, Run>> {
  const pairs = names.map((name): Pair => PAIRS[name])
  const yard = await GatewayYard.start(pairs, scenario, files)
  await yard.advance(seconds * 1000)
  const stopped = yard.clock.monotonic()
  const codes = await yard.stop()
  const runs = {} as Record<PairName, Run>
  for (const [i, name] of names.entries()) {
    const [gateway, pair] = [yard.gateways[i]!, pairs[i]!]
    // managed contactors that the pack has opened by itself are not closed again for a minute
    const openAgainMs = scenario === 'restart' && pair.args !== undefined ? Number.POSITIVE_INFINITY : pair.openAgainMs
    const verdict = judge(gateway.heard, pair.pack(), pair.sun(), stopped, openAgainMs)
    runs[name] = { ...verdict, pair, gateway, code: codes[i]!, stopped }
  }
  return runs
}

/** What holds at that second. */
function toldAt({ told }: Run, seconds: number): Both | undefined {
  return told.findLast(({ at }) => at <= seconds * 1000)
}

/** The least and the most that was told between two seconds. */
function toldBetween(run: Run, from: number, to: number, flow: keyof Both): [least: number, most: number] {
  const within = run.told.filter(({ at }) => at > from * 1000 && at <= to * 1000).map(both => both[flow])
  const all = [toldAt(run, from)?.[flow] ?? 0, ...within]
  return [Math.min(...all), Math.max(...all)]
}

/** Frames of a bus that begin like that, between two seconds. */
function frames(
  { gateway }: Run,
  side: OnBus['side'],
  begin: string,
  from = 0,
  to = Number.POSITIVE_INFINITY,
): OnBus[] {
  return gateway.heard.filter(
    frame => frame.side === side && frame.text.startsWith(begin) && frame.at >= from * 1000 && frame.at <= to * 1000,
  )
}

const seconds = (frame: OnBus | undefined) => (frame?.at ?? Number.NaN) / 1000
const WITH_CELLS: readonly PairName[] = [
  'byd to byd',
  'byd to pylon',
  'byd to pylon, legacy',
  'byd to pylon, low voltage',
]

/** What is expected of one story beyond the rules, which are checked at every moment. */
const STORIES: Readonly<Record<ScenarioName, (runs: Record<PairName, Run>) => void>> = {
  normal: runs => {
    for (const name of [...WITH_CELLS, 'mg4 to byd', 'mg4 to pylon'] as const) {
      expect(toldBetween(runs[name], 8, 69, 'charge')[0], name).toBeGreaterThanOrEqual(10)
      expect(toldBetween(runs[name], 8, 69, 'discharge')[0], name).toBeGreaterThanOrEqual(100)
    }
    expect(toldAt(runs['byd to byd'], 60)).toMatchObject({ charge: 236, discharge: 236 }) // 10 kW at 422 V
    expect(toldAt(runs['byd to pylon'], 60)).toMatchObject({ charge: 10, discharge: 118 }) // 1 A, 5 kW
    expect(toldAt(runs['byd to pylon, legacy'], 60)).toMatchObject({ charge: 236, discharge: 180 }) // 18 A
    expect(toldAt(runs['mg4 to byd'], 60)).toMatchObject({ charge: 152, discharge: 152 }) // 5 kW at 327 V
    const values = frames(runs['byd to byd'], 'inverter', '1D0#').map(({ text }) => text)
    expect(values[1]).toBe('1D0#107C001F00E60308') // the worked vector
  },
  'silent-battery': runs => {
    for (const name of [...WITH_CELLS, 'mg4 to byd', 'mg4 to pylon'] as const) {
      const run = runs[name]
      const last = seconds(frames(run, 'battery', '', 0, 40).findLast(({ text }) => isOfPack(text)))
      expect(last, name).toBeGreaterThan(19.5)
      const zero = run.told.find(({ at, charge }) => at > 20_000 && charge === 0)!.at / 1000
      expect(zero, name).toBeLessThanOrEqual(last + 10.1)
      expect(zero, name).toBeGreaterThan(last + 8) // 10 s for each value: those that come once a second are gone first
      const again = run.told.find(({ at, charge }) => at > zero * 1000 && charge > 0)!.at / 1000
      expect(again, name).toBeGreaterThanOrEqual(47)
      expect(again, name).toBeLessThanOrEqual(51)
    }
  },
  'silent-inverter': runs => {
    const run = runs['byd to byd']
    expect(toldAt(run, 79)).toMatchObject({ charge: 236, discharge: 236 })
    const left = gatewayFrames(run, 81, 89.9)
    expect(left).toEqual([]) // a minute after the last word of the inverter
    const [hello] = frames(run, 'inverter', '250#', 89.9)
    expect(seconds(hello)).toBeLessThan(91)
    expect(seconds(frames(run, 'inverter', '110#', 89.9)[0])).toBeLessThan(91)
    expect(gatewayFrames(runs['byd to pylon'], 21, 89.9).filter(({ text }) => !text.startsWith('0000422'))).toEqual([])
  },
  cold: runs => {
    for (const name of WITH_CELLS) {
      const run = runs[name]
      expect(toldBetween(run, 8, 35, 'charge')[0], name).toBeGreaterThan(0)
      expect(toldBetween(run, 37, 53, 'charge'), name).toEqual([0, 0]) // -26 degrees from 35.7 s to 51.9 s
      expect(toldBetween(run, 37, 53, 'discharge'), name).toEqual([0, 0])
      expect(toldAt(run, 60)?.charge, name).toBeGreaterThan(0)
    }
    runs['byd to byd'].gateway.when('no current may flow: battery is too cold')
    expect(toldBetween(runs['mg4 to byd'], 8, 74, 'charge')[0]).toBe(152) // it does not know better
  },
  hot: runs => {
    for (const name of WITH_CELLS) {
      const run = runs[name]
      expect(toldBetween(run, 8, 36, 'discharge')[0], name).toBeGreaterThan(0)
      expect(toldBetween(run, 37.5, 55, 'discharge'), name).toEqual([0, 0]) // 51 degrees from 36.3 s to 55 s
      expect(toldAt(run, 64)?.discharge, name).toBeGreaterThan(0)
    }
    runs['byd to byd'].gateway.when('no current may flow: battery is too hot')
  },
  'cell-spread': runs => {
    for (const name of WITH_CELLS) {
      const run = runs[name]
      expect(toldBetween(run, 8, 38.9, 'charge')[0], name).toBeGreaterThan(0)
      expect(toldBetween(run, 40.3, 52.9, 'charge'), name).toEqual([0, 0]) // 230 mV from 39.1 s to 50.9 s
      expect(toldBetween(run, 40.3, 52.9, 'discharge'), name).toEqual([0, 0])
      expect(toldAt(run, 60)?.charge, name).toBeGreaterThan(0)
    }
    runs['byd to byd'].gateway.when('no current may flow: battery cell voltage difference is too high')
  },
  full: runs => {
    for (const name of WITH_CELLS) {
      const run = runs[name]
      const [from, to] = [toldAt(run, 19)!.charge, toldAt(run, 59)!.charge]
      expect(from, name).toBeGreaterThanOrEqual(name === 'byd to pylon' ? 10 : 230)
      expect(to, name).toBeLessThan(30) // 3.50 V leaves 1 A
      expect(to, name).toBeGreaterThanOrEqual(10)
      expect(falls(run, 20, 60, 'charge'), name).toBe(true)
      expect(toldBetween(run, 70, 109, 'charge'), name).toEqual([0, 0])
      expect(toldBetween(run, 8, 117, 'discharge')[0], name).toBeGreaterThan(0)
      expect(toldAt(run, 117)?.charge, name).toBeGreaterThan(0)
    }
    const { gateway } = runs['byd to byd']
    expect(gateway.when('no charging: pack voltage is too high')).toBeLessThan(
      gateway.when('no charging: maximum cell voltage is too high'),
    )
    // the voltage of an MG4 is all that is known: above 359.0 V it is not plausible
    expect(toldBetween(runs['mg4 to byd'], 50, 90, 'charge')).toEqual([0, 0])
    expect(toldBetween(runs['mg4 to byd'], 50, 90, 'discharge')).toEqual([0, 0])
  },
  empty: runs => {
    for (const name of WITH_CELLS) {
      const run = runs[name]
      expect(toldBetween(run, 8, 36, 'discharge')[0], name).toBeGreaterThan(100)
      expect(toldBetween(run, 45, 95, 'discharge'), name).toEqual([0, 0])
      expect(toldBetween(run, 8, 117, 'charge')[0], name).toBeGreaterThan(0)
      expect(toldAt(run, 121)?.discharge, name).toBeGreaterThan(0)
    }
    expect(toldBetween(runs['mg4 to byd'], 80.5, 98, 'discharge')).toEqual([0, 0]) // 0 % from 80 s, 1 % from 100 s
    expect(toldBetween(runs['mg4 to byd'], 8, 117, 'charge')[0]).toBeGreaterThan(0)
  },
  restart: runs => {
    for (const name of WITH_CELLS) {
      const run = runs[name]
      for (const [from, to] of [
        [24.3, 26],
        [50.2, 57],
      ] as const)
        expect(toldBetween(run, from, to, 'charge'), name).toEqual([0, 0])
      expect(toldAt(run, 35)?.charge, name).toBeGreaterThan(0)
      expect(toldAt(run, 65)?.charge, name).toBeGreaterThan(0)
    }
    const { gateway } = runs['byd to byd']
    gateway.when('no current may flow: battery contactors are open', 23_900)
    gateway.when('no current may flow: battery is not running', 45_000)
    // the inverter is on again at 85 s, says so, and is greeted
    const [hello] = frames(runs['byd to byd'], 'inverter', '151#01', 80)
    expect(seconds(hello)).toBeGreaterThanOrEqual(85)
    expect(seconds(hello)).toBeLessThan(85.2)
    expect(seconds(frames(runs['byd to byd'], 'inverter', '250#', 80)[0])).toBeLessThan(85.2)
  },
}

/** Whether a frame of the battery's bus is the pack's own. */
function isOfPack(text: string): boolean {
  return !/^(12D|441|7E7|4F3|047)#/.test(text)
}

/** Frames of the inverter's bus that the inverter did not send. */
function gatewayFrames(run: Run, from: number, to: number): OnBus[] {
  return frames(run, 'inverter', '', from, to).filter(({ text }) => !/^(091|0D1|111|151|191|00004200)#/.test(text))
}

/** Whether a limit never rises between two seconds. */
function falls({ told }: Run, from: number, to: number, flow: keyof Both): boolean {
  const values = told.filter(({ at }) => at >= from * 1000 && at <= to * 1000).map(both => both[flow])
  return values.every((value, i) => i === 0 || value <= values[i - 1]!)
}

/** The whole order in which managed contactors open: on the buses, and as the pack itself has it. */
function openedInOrder(run: Run, from: number): void {
  const zero =
    run.told.find(({ at, charge, discharge }) => at >= from * 1000 && charge === 0 && discharge === 0)!.at / 1000
  const shutdown = seconds(frames(run, 'battery', '12D#A02802600431', zero)[0])
  const opened = run.gateway.when('simulated battery: contactors open', zero * 1000) / 1000
  expect(shutdown).toBeGreaterThanOrEqual(zero + 4.9)
  expect(shutdown).toBeLessThan(zero + 10.1)
  expect(opened).toBeGreaterThan(shutdown)
  expect(opened).toBeLessThan(shutdown + 2)
  const amperes = frames(run, 'battery', '444#', zero, shutdown).map(
    ({ text }) => Number.parseInt(text.slice(10, 12) + text.slice(8, 10), 16) - 5000,
  )
  expect(Math.abs(amperes.at(-1)!)).toBeLessThan(25) // none was flowing any more
  expect(seconds(frames(run, 'battery', '12D#501402100431', shutdown)[0])).toBeGreaterThan(opened + 2.4)
}

describe.each(SCENARIO_NAMES)('a gateway between a simulated battery and a simulated inverter, %s', scenario => {
  test('tells no inverter more than the battery bears', { timeout: 120_000 }, async () => {
    const runs = await play(scenario, NAMES, LENGTHS[scenario])
    for (const name of NAMES) {
      const run = runs[name]
      expect(run.problems, name).toEqual([])
      expect(run.told.length, name).toBeGreaterThan(0)
      for (const flow of ['charge', 'discharge'] as const)
        expect(toldBetween(run, 0, 1e6, flow)[1], name).toBeLessThanOrEqual(300)
      expect(run.code, name).toBe(0)
    }
    STORIES[scenario](runs)
    managed(runs, scenario)
    leftAlone(runs['byd left alone to byd'])
    for (const name of NAMES) endsWithNothing(runs[name], name.startsWith('managed') ? 13 : 1)
  })
})

/** Contactors are closed before current flows, and opened in order when it is unsafe and at the end. */
function managed(runs: Record<PairName, Run>, scenario: ScenarioName): void {
  for (const name of ['managed byd to byd', 'managed byd to pylon'] as const) {
    const run = runs[name]
    const first = run.told.find(({ charge, discharge }) => charge > 0 || discharge > 0)!.at
    expect(run.gateway.when('simulated battery: contactors closed'), name).toBeLessThan(first)
    const from = { cold: 35, hot: 36, 'cell-spread': 38 }[scenario as string]
    if (from !== undefined) openedInOrder(run, from)
    const before = run.told.findLast(({ at }) => at <= run.stopped)!
    if (before.charge > 0 || before.discharge > 0) openedInOrder(run, run.stopped / 1000)
    expect(
      run.gateway.said.findLast(({ line }) => line.includes('simulated battery: contactors'))!.line,
      name,
    ).toContain('open')
  }
}

/** Where nobody closes contactors nothing flows, and the gateway does not even speak of them. */
function leftAlone(run: Run): void {
  expect(toldBetween(run, 0, 1e6, 'charge')).toEqual([0, 0])
  expect(toldBetween(run, 0, 1e6, 'discharge')).toEqual([0, 0])
  expect(frames(run, 'battery', '12D#')).toEqual([])
  expect(frames(run, 'battery', '441#')).toEqual([])
  expect(frames(run, 'battery', '7E7#').length).toBeGreaterThan(100)
}

/** Whoever stops it: the last word is 0 A. */
function endsWithNothing({ pair, gateway, stopped }: Run, withinSeconds: number): void {
  const inverter = pair.sun()
  for (const { side, text } of gateway.heard) if (side === 'inverter') inverter.take(text)
  expect(inverter.told).toEqual({ charge: 0, discharge: 0 })
  expect(gateway.endedAt! - stopped).toBeLessThanOrEqual(withinSeconds * 1000)
}

describe('a story of its own', () => {
  test('plays with contactors that somebody else has closed', async () => {
    const file = JSON.stringify({
      title: 'mine',
      battery: { state: { contactors: 'stay closed', voltage: 400 } },
      inverter: { state: { current: -9 } },
    })
    const names = ['byd left alone to byd'] as const
    const run = (await play('my.json', names, 15, { 'my.json': file }))['byd left alone to byd']
    expect(run.problems).toEqual([])
    expect(toldAt(run, 14.9)).toMatchObject({ charge: 250, discharge: 250 }) // 10 kW at 400 V
    expect(frames(run, 'battery', '12D#')).toEqual([])
    expect(frames(run, 'battery', '444#', 14).at(-1)!.text.slice(8, 12)).toBe('E213') // what the inverter takes: 9 A, raw 5090
    expect(frames(run, 'inverter', '091#', 10).at(-1)!.text).toBe('091#0FA0FFA601020000')
  })
})

describe('--simulate', () => {
  const VIRTUAL_CONF =
    'battery { protocol byd interface "virtual:a" }\ninverter { protocol byd interface "virtual:b" }\n'

  async function refused(scenario: string, conf = VIRTUAL_CONF, files: Record<string, string> = {}) {
    const clock = new ManualClock()
    const world = { clock, network: localNetwork(clock), files: { 'x.conf': conf, ...files } }
    const io = fakeIo(['batgw', 'bridge', '-f', 'x.conf', '--simulate', scenario], world)
    const code = await main(io)
    await clock.advance(0)
    expect([clock.sleeping, io.stdout]).toEqual([0, '']) // nothing goes on behind the error
    return [code, io.stderr]
  }

  test('refuses buses that are real, or recordings', async () => {
    const conf = VIRTUAL_CONF.replace('virtual:b', 'can1')
    expect(await refused('cold', conf)).toEqual([
      2,
      'wattzup: --simulate: the inverter is on can1; simulations run on virtual:NAME\n',
    ])
    expect((await refused('cold', VIRTUAL_CONF.replace('virtual:a', 'file:x.log')))[0]).toBe(2)
  })

  test('refuses a scenario that does not exist, or does not fit', async () => {
    expect(await refused('cald')).toEqual([
      2,
      expect.stringContaining('there is no scenario cald; did you mean "cold"?'),
    ])
    const file = '{ "title": "x", "inverter": { "state": { "currant": 5 } } }'
    expect(await refused('./my.json', VIRTUAL_CONF, { './my.json': file })).toEqual([
      1,
      'wattzup: ./my.json: inverter.state: this device has no setting "currant"; did you mean "current"?\n',
    ])
  })

  test('with --dry-run shows what would be sent, and the battery hears none of it', async () => {
    const yard = await GatewayYard.start([{ battery: BYD, inverter: BYD, args: '--dry-run' }], 'normal')
    await yard.advance(20_000)
    expect(await yard.stop()).toEqual([0])
    const [gateway] = yard.gateways
    expect(gateway!.heard.filter(({ text }) => /^(12D|441|7E7|110|250)#/.test(text))).toEqual([])
    expect(gateway!.io.stdout).toMatch(/ pack0 12D#A02802A00C71/)
    expect(gateway!.io.stdout).toMatch(/ {2}sun0 110#11260EEC00000000\n/)
    expect(gateway!.io.stdout).not.toMatch(/110#11260EEC00EC/) // contactors that nobody closes
  })

  test('leaves nothing running, and says what its devices did', async () => {
    const yard = await GatewayYard.start([{ battery: BYD, inverter: BYD }], 'normal')
    await yard.advance(10_000)
    await yard.stop()
    expect(yard.clock.sleeping).toBe(0)
    const lines = yard.gateways[0]!.io.stderr.split('\n')
    expect(lines[0]).toBe('wattzup: simulated: all is well; the inverter charges, later it discharges')
    expect(lines).toContain('wattzup: simulated battery: contactors closed')
    expect(lines).toContain('wattzup: simulated inverter: may charge 23.6 A, discharge 23.6 A')
  })
})
