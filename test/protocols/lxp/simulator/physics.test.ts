import { describe, expect, test } from 'vitest'
import type { Model } from '../../../../src/protocols/lxp/model.ts'
import { lxpStructs } from '../captures.ts'
import { numbersOf, START, sceneOf, valuesOf } from './scene.ts'

/** The state of the inverter changes so often; powers of all steps therefore add up to the counters exactly. */
const STEP_S = 10
const HALF_DAY = 12 * 360
const NIGHT = Date.UTC(2026, 5, 1)
const NOON = Date.UTC(2026, 5, 1, 12)

/** Battery and inverter lose at most so much of what goes through them, and 3 W by rounding. */
const MOST_LOSS = 0.09

type Numbers = Readonly<Record<string, number>>

interface Sample {
  readonly at: number
  readonly status: unknown
  readonly is: Numbers
}

function halfDay(model: Model, start: number): Sample[] {
  const { dongle } = sceneOf({ model, start })
  return Array.from({ length: HALF_DAY }, (_, i) => {
    const at = start + i * STEP_S * 1000
    const values = valuesOf(dongle.burst(at), model)
    return { at, status: values['inverter_status'], is: numbersOf(values) }
  })
}

const KWH_PER_STEP = STEP_S / 3_600_000

/** Counters and the powers that they count, where the model has both. */
const COUNTED: readonly (readonly [counter: string, power: string])[] = [
  ['pv1_energy', 'pv1_power'],
  ['pv2_energy', 'pv2_power'],
  ['pv3_energy', 'pv3_power'],
  ['inverter_energy', 'output_power'],
  ['ac_charge_energy', 'ac_charging_power'],
  ['battery_charge_energy', 'charge_power'],
  ['battery_discharge_energy', 'discharge_power'],
  ['eps_energy', 'eps_power'],
  ['grid_export_energy', 'grid_export_power'],
  ['grid_import_energy', 'grid_import_power'],
  ['load_energy', 'load_power'],
  ['eps_l1_energy', 'eps_l1_power'],
  ['eps_l2_energy', 'eps_l2_power'],
]

describe.each([
  ['lxp', 'a June morning', NIGHT],
  ['hybrid', 'a June morning', NIGHT],
  ['hybrid', 'a June evening, beyond midnight', Date.UTC(2026, 5, 1, 12, 5)],
  ['offgrid', 'a December morning', Date.UTC(2026, 11, 1)],
] as const)('%s on %s', (model, _, start) => {
  const samples = halfDay(model, start)
  const first = samples[0]!.is
  const last = samples.at(-1)!.is
  const pv = (is: Numbers) => is['pv1_power']! + is['pv2_power']! + is['pv3_power']!
  const alone = (is: Numbers) => model === 'offgrid' && is['grid_import_power'] === 0
  /** Times at which something is not as it should be; none are expected. */
  const breaches = (isRight: (is: Numbers, sample: Sample, before: Numbers | undefined) => boolean) =>
    samples
      .filter((sample, i) => !isRight(sample.is, sample, samples[i - 1]?.is))
      .map(({ at }) => new Date(at).toISOString())

  test('has power on the grid port that adds up to the watt', () => {
    expect(
      breaches(is => {
        const used = is['grid_export_power']! + is['ac_charging_power']!
        // the load of an LXP is on no register: it is what is left, and it is never nothing
        const load = model === 'lxp' ? is['output_power']! + is['grid_import_power']! - used : is['load_power']!
        const byInverter = alone(is) ? is['eps_power']! : is['output_power']!
        return byInverter + is['grid_import_power']! === load + used && load > 150
      }),
    ).toEqual([])
    expect(breaches(is => is['eps_power'] === (model === 'offgrid' ? is['load_power'] : 0))).toEqual([])
  })

  test('gets out of panels, battery and grid what goes into house, battery and grid, less what conversion loses', () => {
    expect(
      breaches(is => {
        const into = pv(is) + is['discharge_power']! + is['ac_charging_power']!
        const out = is['charge_power']! + is['output_power']! + (alone(is) ? is['eps_power']! : 0)
        return into >= out && into - out <= into * MOST_LOSS + 3
      }),
    ).toEqual([])
  })

  test('never charges and discharges, buys and sells at once', () => {
    expect(breaches(is => is['charge_power'] === 0 || is['discharge_power'] === 0)).toEqual([])
    expect(breaches(is => is['grid_import_power'] === 0 || is['grid_export_power'] === 0)).toEqual([])
  })

  test('names the state that the powers show', () => {
    expect(samples.filter(({ status }) => typeof status !== 'string')).toEqual([]) // a number is one nobody knows
    expect(
      breaches((is, { status }) => /^(pv_)?ac_charge$/.test(`${status}`) === is['ac_charging_power']! > 0),
    ).toEqual([])
    expect(breaches((is, { status }) => /^(pv_)?battery_o/.test(`${status}`) === is['discharge_power']! > 0)).toEqual(
      [],
    )
    expect(breaches((is, { status }) => `${status}`.endsWith('off_grid') === alone(is))).toEqual([])
    expect(breaches((is, { status }) => !`${status}`.startsWith('pv_charge') || is['charge_power']! > 0)).toEqual([])
    expect(new Set(samples.map(({ status }) => status)).size).toBeGreaterThanOrEqual(4)
  })

  test('counts energy as the powers say', () => {
    for (const [counter, power] of COUNTED) {
      if (first[power] === undefined || first[`${counter}_total`] === undefined) continue
      const kwh = samples.slice(0, -1).reduce((sum, { is }) => sum + is[power]! * KWH_PER_STEP, 0)
      const counted = last[`${counter}_total`]! - first[`${counter}_total`]!
      expect(Math.abs(counted - kwh), counter).toBeLessThanOrEqual(0.1)
      if (start % 86_400_000 === 0) expect(Math.abs(last[`${counter}_today`]! - kwh), counter).toBeLessThanOrEqual(0.1)
    }
  })

  test('has totals that never fall, and counters of the day that fall at midnight only', () => {
    const totals = Object.keys(first).filter(name => name.endsWith('_total'))
    const days = Object.keys(first).filter(name => name.endsWith('_today'))
    expect(Math.min(totals.length, days.length)).toBeGreaterThanOrEqual(10)
    const grows = (names: readonly string[], is: Numbers, before: Numbers | undefined) =>
      before === undefined || names.every(name => is[name]! >= before[name]!)
    expect(breaches((is, _, before) => grows(totals, is, before))).toEqual([])
    const midnight = (at: number) => at % 86_400_000 === 0
    expect(breaches((is, { at }, before) => midnight(at) || grows(days, is, before))).toEqual([])
    expect(breaches((is, { at }) => !midnight(at) || days.every(name => is[name] === 0))).toEqual([])
  })

  test('has a battery whose state of charge, voltage and current follow from its power', () => {
    const charged = samples.reduce((sum, { is }) => sum + is['charge_power']! * 0.97 * KWH_PER_STEP, 0)
    const discharged = samples.reduce((sum, { is }) => sum + is['discharge_power']! * KWH_PER_STEP, 0)
    const share = (charged - discharged) / ((first['battery_capacity']! * 51.2) / 1000)
    expect(Math.abs(last['soc']! - first['soc']! - share * 100)).toBeLessThan(2)
    expect(
      breaches(is => {
        const watts = is['charge_power']! - is['discharge_power']!
        const product = is['battery_voltage']! * is['battery_current']!
        return Math.abs(product - watts) < 4 + Math.abs(watts) / 400 // both are known to a tenth
      }),
    ).toEqual([])
    expect(breaches(is => Math.abs(is['max_cell_voltage']! * 16 - is['battery_voltage']!) < 0.2)).toEqual([])
    expect(breaches(is => is['max_cell_voltage']! > is['min_cell_voltage']!)).toEqual([])
    expect(breaches(is => is['soc']! >= 19 && is['soc']! <= 100)).toEqual([])
  })

  test('stays within what is plausible', () => {
    const [volts, hertz] = model === 'lxp' ? [230, 50] : [240, 60]
    expect(breaches(is => Math.abs(is['grid_voltage_r']! - volts) < volts * 0.05)).toEqual([])
    expect(breaches(is => Math.abs(is['grid_frequency']! - hertz) < 0.2)).toEqual([])
    expect(breaches(is => is['battery_voltage']! > 45 && is['battery_voltage']! < 58)).toEqual([])
    const temperatures = ['internal_temp', 'radiator_temp_1', 'radiator_temp_2', 'battery_temp']
    expect(breaches(is => temperatures.every(name => is[name]! > 10 && is[name]! < 90))).toEqual([])
  })
})

/** What an inverter shows at the time at which its simulation begins. */
function numbersAt(start: number, seed = 1): Numbers {
  return numbersOf(valuesOf(sceneOf({ start, seed }).dongle.burst(start), 'hybrid'))
}

test('totals begin beyond 6553.5 kWh, so that a reader who takes one word of the two is found out', () => {
  const totals = [1, 2, 3].map(seed => numbersAt(NIGHT, seed)['pv1_energy_total']!)
  expect(Math.max(...totals)).toBeGreaterThan(6553.5)
})

test('a summer noon has sun, midnight has none, and winter has less', () => {
  const best = (start: number) => Math.max(...[1, 2, 3, 4, 5].map(seed => numbersAt(start, seed)['pv1_power']!))
  expect(best(NOON)).toBeGreaterThan(3000)
  expect(best(Date.UTC(2026, 11, 1, 12))).toBeLessThan(2500)
  expect(numbersAt(NIGHT)['pv1_power']).toBe(0)
  expect(numbersAt(NIGHT)['pv1_voltage']).toBeLessThan(10)
})

test('the same seed gives the same bytes, another seed others', () => {
  const hourOf = (seed: number) => {
    const { dongle } = sceneOf({ seed })
    return Buffer.concat(Array.from({ length: 30 }, (_, i) => dongle.burst(START + i * 120_000)).flat()).toString('hex')
  }
  expect(hourOf(7)).toBe(hourOf(7))
  expect(hourOf(7)).not.toBe(hourOf(8))
})

test('how often it is asked does not change what it says', () => {
  const often = sceneOf({ start: NIGHT }).dongle
  for (let i = 0; i < 360; i++) often.burst(NIGHT + i * 10_000)
  const seldom = sceneOf({ start: NIGHT }).dongle
  const at = NIGHT + 3_600_000
  expect(Buffer.concat(seldom.burst(at)).equals(Buffer.concat(often.burst(at)))).toBe(true)
})

describe('battery slots', () => {
  const slot = lxpStructs.codec(['battery_slot'])!
  const slotsOf = (model: Model, at: number) => {
    const { registers } = sceneOf({ model, start: at })
    const words = registers.read('input', 5002, 120, at)
    return Array.from({ length: 4 }, (_, i) => slot.decode(words!.subarray(i * 60, (i + 1) * 60)))
  }

  test('of three modules are one with a module each, the last one empty; together they are the battery', () => {
    const slots = slotsOf('hybrid', START)
    const is = numbersOf(valuesOf(sceneOf({ start: START }).dongle.burst(START), 'hybrid'))
    expect(slots.map(({ status }) => status)).toEqual([192, 192, 192, 0])
    expect(new Set(slots.slice(0, 3).map(({ serial }) => serial)).size).toBe(3)
    const amps = slots.slice(0, 3).reduce((sum, { current }) => sum + Number(current), 0)
    expect(Math.abs(amps - is['battery_current']!)).toBeLessThan(0.3)
    for (const { soc } of slots.slice(0, 3)) expect(Math.abs(Number(soc) - is['soc']!)).toBeLessThanOrEqual(2)
  })

  test('of five modules are taken by turns', () => {
    const serials = [0, 1, 2, 3, 4].map(i => slotsOf('offgrid', START + i * 10_000).map(({ serial }) => serial))
    for (const four of serials) expect(new Set(four).size).toBe(4)
    expect(new Set(serials.flat()).size).toBe(5)
  })

  test('are none at an LXP', () => {
    expect(sceneOf({ model: 'lxp' }).registers.read('input', 5002, 120, START)).toBeUndefined()
  })
})
