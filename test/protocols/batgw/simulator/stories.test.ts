import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { bydAtto3 } from '../../../../src/protocols/batgw/batteries/byd-atto3/byd-atto3.ts'
import { AttoOnBus, HvsOnBus, judge, OPEN_AGAIN_MS, type Verdict } from '../inverter-rules.ts'
import { Duo } from './duo.ts'

const CONFIG = 'battery { protocol byd interface can0 }\ninverter { protocol byd interface can1 }\n'
const SECONDS = 60

function judged(duo: Duo, openAgainMs = OPEN_AGAIN_MS): Verdict {
  return judge(duo.heard, new AttoOnBus(), new HvsOnBus(), duo.at, openAgainMs)
}

/** What was told last until then. */
function toldAt({ told }: Verdict, seconds: number) {
  const both = told.findLast(({ at }) => at <= seconds * 1000)
  return both && [both.charge, both.discharge]
}

describe('a story of a battery, and what its inverter is told', () => {
  test('a temperature whose frames are damaged holds for 10 s, then nothing flows, within 0.1 s', () => {
    const events = [
      { at: 20, corrupt: ['cell_temperatures'] },
      { at: 20, silent: ['answers'] },
    ]
    const duo = new Duo(CONFIG, { battery: { events } }).advance(40_000)
    const verdict = judged(duo)
    expect(verdict.problems).toEqual([])
    const last = duo.heard.findLast(({ at, text }) => text.startsWith('447#') && at < 20_000)!.at
    expect(last).toBeGreaterThan(19_400)
    const zero = verdict.told.find(({ at, charge }) => at > 20_000 && charge === 0)!.at
    expect(zero).toBeGreaterThanOrEqual(last + 10_000)
    expect(zero).toBeLessThanOrEqual(last + 10_100)
  })

  test('what the pack answers stands in for broadcasts that have stopped', () => {
    const silent = ['cell_extremes', 'cell_temperatures', 'pack_voltage', 'pack_status', 'allowed_power']
    const duo = new Duo(CONFIG, { battery: { events: [{ at: 10, silent }] } }).advance(60_000)
    const verdict = judged(duo)
    expect(verdict.problems).toEqual([])
    expect(toldAt(verdict, 59)).toEqual([236, 236])
  })

  test('a critical cell stops everything until the program is started again', () => {
    const events = [
      { at: 10, set: { max_cell_voltage: 3.751 } },
      { at: 12, set: { max_cell_voltage: 3.35 } },
    ]
    const verdict = judged(new Duo(CONFIG, { battery: { events } }).advance(60_000))
    expect(verdict.problems).toEqual([])
    expect([9, 13, 60].map(at => toldAt(verdict, at))).toEqual([
      [236, 236],
      [0, 0],
      [0, 0],
    ])
  })

  test('an inverter that never asks is identified, too', () => {
    const duo = new Duo(CONFIG, { inverter: { state: { hello: 'never asks' } } }).advance(10_000)
    expect(duo.heard.some(({ text }) => text === '151#0100000000000000')).toBe(false)
    expect(duo.heard.some(({ text }) => text === '250#03290066025C0209')).toBe(true)
    expect(toldAt(judged(duo), 10)).toEqual([236, 236])
  })

  test('a pack whose contactors do not close gets nothing, and managed ones are given up after 15 s', () => {
    const state = { contactors: 'stay open' }
    const always = new Duo(CONFIG, { battery: { state } }).advance(30_000)
    expect(judged(always).told).toEqual([{ at: expect.any(Number), charge: 0, discharge: 0 }])
    const managed = new Duo(CONFIG.replace('byd interface', 'byd contactors managed interface'), { battery: { state } })
    managed.advance(30_000)
    expect(managed.events).toContainEqual({ type: 'contactors', state: 'failed' })
  })

  test('whatever happens to the battery, the inverter is told what the rules say, at every moment', () => {
    // where the rules have their edges: charge, cells, temperatures, pack, powers
    const set = fc.oneof(
      fc.constantFrom(0, 0.9, 1, 50, 98.9, 99, 99.9, 100).map(soc => ({ soc })),
      fc
        .constantFrom(
          ...[
            [3.2, 3.429],
            [3.2, 3.43],
            [3.4, 3.46],
            [3.38, 3.46],
            [3.415, 3.423],
            [3.6, 3.629],
            [3.6, 3.63],
            [3.6, 3.649],
          ],
          ...[
            [3.6, 3.651],
            [2.799, 2.93],
            [2.8, 2.93],
            [2.82, 2.9],
            [2.821, 2.9],
            [2.86, 2.93],
            [3.31, 3.3],
            [3.3, 3.75],
          ],
        )
        .map(([min_cell_voltage, max_cell_voltage]) => ({ min_cell_voltage, max_cell_voltage })),
      fc
        .constantFrom([22, 23], [35, 50], [36, 50], [37, 51], [-25, -20], [-26, -20], [24, 23])
        .map(([min_temperature, max_temperature]) => ({ min_temperature, max_temperature })),
      fc.constantFrom(441, 441.1, 439, 438.9, 422, 380, 379.9, 382, 382.1).map(voltage => ({ voltage })),
      fc.constantFrom(0, 100, 4000, 20_000).map(max_charge_power => ({ max_charge_power })),
      fc.constantFrom(0, 100, 4000, 20_000).map(max_discharge_power => ({ max_discharge_power })),
      fc.constantFrom('obey', 'stay open', 'stay closed').map(contactors => ({ contactors })),
    )
    const time = fc.integer({ min: 30, max: 550 }).map(tenths => tenths / 10)
    const some = fc.subarray(bydAtto3.simulator.messages as string[], { minLength: 1 })
    const lasting = fc.constantFrom(0.5, 3, 11, 20)
    const event = fc.oneof(
      { weight: 5, arbitrary: fc.record({ at: time, set }) },
      { weight: 2, arbitrary: fc.record({ at: time, over: fc.constantFrom(2, 15), set }) },
      { weight: 2, arbitrary: fc.record({ at: time, silent: fc.oneof(fc.constant(true), some), for: lasting }) },
      { weight: 2, arbitrary: fc.record({ at: time, corrupt: fc.oneof(fc.constant(true), some), for: lasting }) },
      { weight: 1, arbitrary: fc.record({ at: time, restart: fc.constantFrom(0, 2, 12) }) },
    )
    const kinds = fc.constantFrom('always', 'managed', 'never')
    const faults = fc.constantFrom({}, { drop: 0.1, repeat: 0.1 }, { corrupt: 0.2, short: 0.1 })
    fc.assert(
      fc.property(fc.array(event, { minLength: 3, maxLength: 14 }), kinds, faults, (events, contactors, wrong) => {
        const state = { voltage: 422, ...(contactors === 'never' ? { contactors: 'stay closed' } : {}) }
        const config = CONFIG.replace('byd interface', `byd contactors ${contactors} interface`)
        const duo = new Duo(config, { battery: { state, events } }, wrong).advance(SECONDS * 1000)
        expect(judged(duo, contactors === 'managed' ? Number.POSITIVE_INFINITY : OPEN_AGAIN_MS).problems).toEqual([])
      }),
      { numRuns: Number(process.env['STORIES'] ?? 20) },
    )
  }, 600_000)
})
