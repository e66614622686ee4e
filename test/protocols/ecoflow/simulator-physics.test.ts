import { describe, expect, test } from 'vitest'
import type { Values } from '../../../src/core/values.ts'
import { packPayloads } from '../../../src/protocols/ecoflow/simulator/messages-pack.ts'
import { kitPayloads } from '../../../src/protocols/ecoflow/simulator/messages-powerkit.ts'
import { streamPayloads } from '../../../src/protocols/ecoflow/simulator/messages-powerstream.ts'
import { kitPack } from '../../../src/protocols/ecoflow/simulator/modules.ts'
import { type Energy, Home } from '../../../src/protocols/ecoflow/simulator/physics.ts'
import { sunHeight } from '../../../src/protocols/ecoflow/simulator/sky.ts'
import { commandOf, definitions, type Packet, payloadOf, readLog, START, simulator, typOf } from './slow-reader.ts'

const STEP_US = 500_000
const STEPS_A_DAY = 172_800

const homeOf = (seed: number, at = START) => new Home(seed, at, { powerKit: true, powerStream: true, packs: 3 })
const sum = (values: readonly number[]): number => values.reduce((a, b) => a + b, 0)

describe.each([1, 7, 40_000_000_001])('a day of seed %i', seed => {
  const home = homeOf(seed)
  const { kit, stream } = home as Required<Home>
  const packs = [...kit!.bank.packs, ...stream!.bank.packs]
  const before = packs.map(({ soc }) => soc)
  const storedWh = () => packs.map(pack => pack.chargedWh - pack.dischargedWh)
  const storedBefore = storedWh()
  const surplus = ({ energy }: { energy: Energy }) => energy.pv + energy.bought - energy.sold - energy.load
  const surplusBefore = [surplus(kit!), surplus(stream!)] as const
  const facts = {
    imbalance: 0,
    nightPv: 0,
    darkSteps: 0,
    peakPv: 0,
    lowest: 1,
    highest: 0,
    split: 0,
    falling: 0,
    cells: 0,
  }
  const charged = packs.map(() => 0)
  const batteryWh = packs.map(() => 0)
  let counters: number[] = []

  for (let step = 1; step <= STEPS_A_DAY; step++) {
    home.advance(START + step * STEP_US)
    const dark = sunHeight(home.at) <= 0
    facts.darkSteps += Number(dark)
    for (const { flow } of [kit!, stream!]) {
      facts.imbalance = Math.max(facts.imbalance, Math.abs(flow.pv + flow.grid - flow.load - flow.battery))
      facts.peakPv = Math.max(facts.peakPv, flow.pv)
      if (dark) facts.nightPv = Math.max(facts.nightPv, flow.pv)
    }
    for (const [i, pack] of packs.entries()) {
      facts.lowest = Math.min(facts.lowest, pack.soc)
      facts.highest = Math.max(facts.highest, pack.soc)
      charged[i]! += (pack.amps * 0.5) / 3600
      batteryWh[i]! += (pack.volts * pack.amps * 0.5) / 3600
      if (step % 600 === 0) facts.cells = Math.max(facts.cells, Math.abs(sum(pack.cellMillivolts) - pack.volts * 1000))
    }
    facts.split = Math.max(
      facts.split,
      Math.abs(kit!.bank.watts - sum(kit!.bank.packs.map(pack => pack.volts * pack.amps))),
    )
    const energies = [kit!, stream!].flatMap(({ energy }) => Object.values(energy) as number[])
    const next = [...energies, kit!.dcWh, ...packs.flatMap(pack => [pack.chargedWh, pack.dischargedWh, pack.cycles])]
    facts.falling += next.filter((value, i) => value < (counters[i] ?? 0)).length
    counters = next
  }

  test('balances its powers at every instant', () => {
    expect(facts.imbalance).toBeLessThan(1e-6)
    expect(facts.split).toBeLessThan(1e-6)
  })

  test('balances its energies over the day', () => {
    expect(surplus(kit!) - surplusBefore[0]).toBeCloseTo(sum(batteryWh.slice(0, 3)), 3)
    expect(surplus(stream!) - surplusBefore[1]).toBeCloseTo(batteryWh[3]!, 3)
    for (const [i, wh] of storedWh().entries()) expect(wh - storedBefore[i]!).toBeCloseTo(batteryWh[i]!, 3)
  })

  test('keeps the state of charge within its limits, and moves it by the charge that flows', () => {
    expect(facts.lowest).toBeGreaterThan(0.05)
    expect(facts.highest).toBeLessThanOrEqual(1)
    for (const [i, pack] of packs.entries()) {
      expect((pack.soc - before[i]!) * pack.fullAh).toBeCloseTo(charged[i]!, 2)
      expect(Math.abs(pack.remainMah - pack.soc * pack.fullAh * 1000)).toBeLessThanOrEqual(0.5)
    }
  })

  test('generates by day and not at night', () => {
    expect(facts.darkSteps / STEPS_A_DAY).toBeGreaterThan(0.3) // June at 45° north
    expect(facts.nightPv).toBe(0)
    expect(facts.peakPv).toBeGreaterThan(1500)
  })

  test('counts energy upwards only, and cells up to the pack', () => {
    expect(facts.falling).toBe(0)
    expect(facts.cells).toBeLessThanOrEqual(0.5)
  })
})

test('an input that is switched off gives nothing, and the batteries take over', () => {
  const home = homeOf(1, START + 3 * 3_600_000_000)
  const { kit } = home
  home.advance(home.at + STEP_US)
  const { battery } = kit!.flow
  const [pv1] = kit!.pv
  const { watts } = pv1
  expect(watts).toBeGreaterThan(100)
  home.switchPv(0, false)
  expect([pv1.watts, pv1.amps, pv1.state]).toEqual([0, 0, 'off'])
  expect(pv1.volts).toBeGreaterThan(100)
  expect(battery - kit!.flow.battery).toBeGreaterThan(watts - 50) // beside the household's own flutter
  home.switchPv(0, true)
  expect(pv1.state).toBe('idle')
  for (let i = 1; i <= 20; i++) home.advance(home.at + STEP_US)
  expect(pv1.state).toBe('generating')
})

/** A payload as the definition reads it. */
function read(set: 'records' | 'messages', name: string, payload: Uint8Array): Values {
  return definitions[set].message(name)!.decode(payload, { guesses: true })
}

describe('payloads decode to what the model says', () => {
  const home = homeOf(3, START + 4 * 3_600_000_000)
  for (let i = 1; i <= 50; i++) home.advance(home.at + STEP_US)
  const { kit, stream } = home as Required<Home>
  const pack = kit!.bank.packs[1]!
  const module = kitPack(1)
  const packSays = packPayloads(definitions, home, pack, module)
  const kitSays = kitPayloads(definitions, home, kit!)

  test.each([
    ['status', 'pack_status', 128],
    ['cells', 'cell_report', 124],
    ['base', 'base_info', 132],
    ['live', 'battery_live', 53],
    ['management', 'bms_heartbeat', 188],
  ] as const)('battery: %s', (key, name, length) => {
    const payload = packSays[key]()
    const values = read('messages', name, payload)
    expect(payload.length).toBe(length)
    expect(values['soc']).toBe(Math.round(pack.percent))
    expect(values['vol']).toBeCloseTo(pack.volts, 3)
    expect(Math.abs((values['amp'] as number) - pack.amps)).toBeLessThanOrEqual(0.0005)
    if (values['serial'] !== undefined) expect(values['serial']).toBe('M101Z3B4DEMO0002')
    if (values['remainCap'] !== undefined) {
      expect(values['remainCap'] as number).toBeCloseTo(pack.soc * (values['fullCap'] as number), 2)
    }
    if (Array.isArray(values['cell'])) {
      const cells = values['cell'] as number[]
      expect(sum(cells)).toBeCloseTo(values['vol'] as number, 6)
      expect([Math.max(...cells), Math.min(...cells)]).toEqual([values['maxCellVol'], values['minCellVol']])
      expect(cells[values['maxCellIndex'] as number]).toBe(values['maxCellVol'])
      expect(values['f32Soc']).toBeCloseTo(((values['remainCap'] as number) / (values['fullCap'] as number)) * 100, 3)
    }
  })

  test('PowerKit', () => {
    const solar = read('records', 'C0', kitSays.solar())
    for (const [i, input] of kit!.pv.entries()) {
      expect(solar[`pv${i + 1}InVol`]).toBeCloseTo(input.volts, 2)
      expect(solar[`pv${i + 1}InCurr`]).toBeCloseTo(input.watts / input.volts, 2)
      expect(solar[`pv${i + 1}InWatt`]).toBe(Math.round(input.watts))
    }
    const inverter = read('records', 'F8', kitSays.inverter())
    expect([inverter['inWatts'], inverter['outWatts']]).toEqual([kit!.gridWatts, kit!.household.watts])
    const panel = read('records', '6A', kitSays.acPanel())
    const circuits = [0, 1, 2, 3, 4, 5].map(i => panel[`acChWatt${i}`] as number)
    expect(sum(circuits)).toBe(panel['acTotalWatt'])
    expect(panel['acTotalWatt']).toBe(inverter['outWatts'])
    const low = read('records', 'DB', kitSays.dcLow())
    expect((low['batCurr'] as number) * kit!.bank.volts).toBeCloseTo(kit!.household.watts - kit!.gridWatts, 0)
    const totals = read('messages', 'system_totals', kitSays.totals())
    const watts = (totals['totalInWatts'] as number) + (totals['totalOutWatts'] as number)
    expect(watts).toBe(Math.round(kit!.bank.watts))
    expect(totals['totChgDsgState']).toBe(watts > 0 ? 'charging' : 'discharging')
  })

  test('PowerStream, in protobuf', () => {
    const says = streamPayloads(definitions, home, stream!)
    const first = read('messages', 'powerstream_heartbeat', says.heartbeat())
    const [pv1, pv2] = stream!.pv
    expect(first['pv1InputWatts']).toBeCloseTo(pv1.watts, 1)
    expect(first['pv2InputVolt']).toBeCloseTo(pv2.volts, 1)
    expect(first['invOutputWatts']).toBeCloseTo(stream!.feedWatts, 1)
    const pv = (first['pv1InputWatts'] as number) + (first['pv2InputWatts'] as number)
    expect(Math.abs(pv + (first['batInputWatts'] as number) - (first['invOutputWatts'] as number))).toBeLessThan(0.21)
    expect(first['utcTime']).toBe(home.at / 1e6)
    const second = read('messages', 'powerstream_heartbeat_2', says.secondHeartbeat())
    const [own] = stream!.bank.packs
    expect(second['vol']).toBeCloseTo(own!.volts, 2)
    expect(second['soc']).toBe(Math.round(own!.percent))
    expect(second['geneWatt']).toBe(first['invOutputWatts'])
  })
})

test('what a log says adds up: sun, mains, loads and batteries, and the packs behind them', () => {
  const texts: string[] = []
  for (const { at, id, length, data } of simulator(120, { rate: 4, scenario: 'powerkit', seed: 5 }).frames()) {
    const micros = String(at % 1e6).padStart(6, '0')
    const body = Buffer.from(data.subarray(0, length)).toString('hex')
    texts.push(
      `(${Math.floor(at / 1e6)}.${micros}) can0 ${id.toString(16).padStart(8, '0')}#${body}`
        .toUpperCase()
        .replace('CAN', 'can'),
    )
  }
  const byStep = new Map<number, Packet[]>()
  for (const packet of readLog(texts.join('\n')).packets) {
    const step = Math.floor((packet.at - START - 50_000) / STEP_US) // what was queued before a step comes just after it
    const late = (packet.at - START) % STEP_US < 50_000
    if (!late) byStep.set(step, [...(byStep.get(step) ?? []), packet])
  }
  let complete = 0
  for (const packets of byStep.values()) {
    const last = (typ: string, nid?: string) =>
      packets.findLast(packet => typOf(packet) === typ && (nid === undefined || packet.nid === nid))
    const switched = packets.some(packet => commandOf(packet) === '0506')
    const needed = [last('C0:21'), last('F8:21'), last('28:21')]
    const packs = ['03001', '03002', '03003'].map(nid => last('68:21', nid))
    if (switched || needed.includes(undefined) || packs.includes(undefined)) continue
    complete++
    const [solar, inverter, dcOut] = needed.map((packet, i) =>
      read('records', ['C0', 'F8', '28:21'][i]!, payloadOf(packet!)),
    )
    const status = packs.map(packet => read('messages', 'pack_status', payloadOf(packet!)))
    const number = (values: Values | undefined, name: string) => values![name] as number
    const battery = sum(status.map(values => number(values, 'inWatts') + number(values, 'outWatts')))
    const pv = number(solar, 'pv1InWatt') + number(solar, 'pv2InWatt')
    const load = number(inverter, 'outWatts') + number(dcOut, 'batWatts')
    expect(Math.abs(pv + number(inverter, 'inWatts') - load - battery)).toBeLessThanOrEqual(3) // six roundings
    for (const values of status) {
      const watts = number(values, 'vol') * number(values, 'amp')
      expect(Math.abs(watts - number(values, 'inWatts') - number(values, 'outWatts'))).toBeLessThan(0.6)
    }
  }
  expect(complete).toBeGreaterThan(100)
})
