import { describe, expect, test } from 'vitest'
import { parseFaultRates } from '../../../src/cli/fault-rates.ts'
import { type EddiFrame, eddiFrames } from '../../../src/protocols/myenergi/simulator/eddi.ts'
import { EDDI_FAULTS, type EddiFault } from '../../../src/protocols/myenergi/simulator/faults.ts'
import { packet, publish, WITH_STRUCTURE } from './frames.ts'

// What is decoded has to be what the model of the house says: two programs, one wire.

const MIDNIGHT = Date.UTC(2026, 5, 1)
const HOUR = 3600

function frames(seconds: number, { start = MIDNIGHT, seed = 1, faults = '' } = {}): EddiFrame[] {
  const options = { seed, start, seconds, serial: 4_000_000_001, faults: parseFaultRates(faults, EDDI_FAULTS, 0.01) }
  return [...eddiFrames(WITH_STRUCTURE, options)]
}

const packets = (sent: readonly EddiFrame[]) => sent.map(({ data, at }) => packet(data, { at }))
const day = frames(24 * HOUR)

test('all that is decoded of a day is what the house was like', async () => {
  const { readings, rejects, unknown, held } = await publish(packets(day), { structural: true, debugKeys: true })
  expect({ rejects, unknown, held, count: readings.length }).toEqual({
    rejects: {},
    unknown: 0,
    held: {},
    count: day.length,
  })
  const wrong = readings.filter((reading, i) => {
    const { at, message, state } = day[i]!
    const { values } = reading
    const truth: Readonly<Record<string, unknown>> = {
      serial: 4_000_000_001,
      gen_pwr: state.generation,
      grid_pwr: state.grid,
      divert_pwr: state.diverted,
      diverted_kWh: state.divertedToday / 100,
      frequency: state.frequency / 100,
      voltage: state.voltage / 10,
      heater1: state.heater === 1 ? 1 : 0,
      heater2: state.heater === 2 ? 1 : 0,
      active_heater: state.heater,
      boost: state.boost ? 1 : 0,
      stopped: state.stopped ? 1 : 0,
      'ct1/power': state.diverted,
      'ct2/power': state.grid,
      'ct3/power': state.generation,
      '0x36/v9': state.voltage,
      '0x36/v10': state.frequency,
      '0x36/v11': state.heatsink,
      '0x38/v3': state.frequency,
      '0x37/v1': state.diverted,
    }
    const same = Object.entries(values).every(([name, value]) => !Object.hasOwn(truth, name) || truth[name] === value)
    return reading.time !== at || reading.message !== message || !same
  })
  expect(wrong).toEqual([])
})

test('a day has all that an eddi does', () => {
  const states = day.map(({ state }) => state)
  expect(new Set(states.map(({ heater }) => heater))).toEqual(new Set([0, 1, 2]))
  for (const key of ['boost', 'stopped', 'hot'] as const) {
    expect(new Set(states.map(state => state[key]))).toEqual(new Set([false, true]))
  }
  expect(states[0]!.divertedToday).toBe(0)
  expect(states.at(-1)!.divertedToday).toBeGreaterThan(500)
  expect(states.some(({ generation }) => generation > 2500)).toBe(true)
  expect(states.some(({ generation }) => generation < 0)).toBe(true)
})

test.each(['0x1F', '0x20', '0x22', '0x27', '0x2B', '0x2C', '0x2D', '0x36', '0x37', '0x38', '0x39', '0x3A'])(
  'records %s come as often as they were seen to',
  message => {
    // s, docs/protocols/myenergi.md
    const every = { '0x22': 2, '0x36': 2, '0x27': 4, '0x1F': 24, '0x37': 30, '0x38': 30, '0x39': 60, '0x3A': 60 }
    const interval = Object.hasOwn(every, message) ? every[message as keyof typeof every] : 12
    expect(day.filter(frame => frame.message === message)).toHaveLength((24 * HOUR) / interval)
  },
)

test('the energy of today begins again at midnight', () => {
  const two = frames(26 * HOUR, { start: MIDNIGHT + 20 * HOUR * 1000 })
  expect(two.find(({ at }) => at >= MIDNIGHT + 24 * HOUR * 1000)!.state.divertedToday).toBe(0)
})

test('the same seed gives the same frames, another one others', () => {
  const hexes = (seed: number) =>
    frames(60, { seed, faults: 'all=0.1' }).map(({ data }) => Buffer.from(data).toString('hex'))
  expect(hexes(5)).toEqual(hexes(5))
  expect(hexes(5)).not.toEqual(hexes(6))
})

describe('a fault', () => {
  const noon = { start: MIDNIGHT + 11 * HOUR * 1000 }
  const seconds = 600
  const good = frames(seconds, noon)

  test.each<[EddiFault, object]>([
    ['zero', { held: { history: 300 } }],
    ['blank', { held: { firmware: 300 } }],
    ['magic', { rejects: { magic: good.length } }],
    ['cut', { rejects: { truncated: good.length } }],
    ['unknown', { unknown: good.length }],
    ['foreign', { rejects: { ethertype: good.length } }],
    ['vlan', { rejects: {}, unknown: 0, held: {} }],
    ['padding', { rejects: {}, unknown: 0, held: {} }],
  ])('%s in every frame is noticed as what it is', async (fault, counts) => {
    const sent = frames(seconds, { ...noon, faults: `${fault}=1` })
    expect(await publish(packets(sent), { structural: true, debugKeys: true })).toMatchObject(counts)
  })

  test('dropout now and then is held back', async () => {
    const sent = frames(seconds, { ...noon, faults: 'dropout=0.2' })
    const { held } = await publish(packets(sent), { structural: true })
    expect(held['ct']).toBeGreaterThan(0)
  })

  test('does not change what the house does', () => {
    const sent = frames(seconds, { ...noon, faults: 'all=0.2' })
    expect(sent.at(-1)!.state).toEqual(good.at(-1)!.state)
  })
})
