import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { UsageError } from '../../../src/core/errors.ts'
import { type Change, checkChange, parseChange } from '../../../src/protocols/lxp/change.ts'
import { parseZone } from '../../../src/protocols/lxp/local-time.ts'
import { MODELS, type Model } from '../../../src/protocols/lxp/model.ts'
import { hasCaptures, lxpStructs, plainCsv, protocolFile } from './captures.ts'

// What may be written is what section 5 of the protocol page says, copied here by hand.

const context = (force = false) => ({ structs: lxpStructs, force, zone: 0 })
const NOW = Date.UTC(2026, 2, 1, 10, 0, 0)

/** The word that a change makes of `before`. */
function wordOf(change: Change, before = 0, cap?: number): number {
  const request = change.request([before], NOW, cap)
  if (request.type !== 'write_single') throw new Error('not one register')
  return request.value
}

function word(text: string, model: Model = 'hybrid', before = 0): number {
  return wordOf(parseChange(text, model, context()), before)
}

function refusal(text: string, model: Model = 'hybrid', force = false): string {
  try {
    parseChange(text, model, context(force))
  } catch (error) {
    if (error instanceof UsageError) return error.message
    throw error
  }
  return 'accepted'
}

/** Least and greatest value in the unit of the register list, and the step. */
type Limits = readonly [least: number, most: number, step?: number]

const EVERYWHERE: Readonly<Record<string, Limits>> = {
  charge_power_percent: [0, 100],
  discharge_power_percent: [0, 100],
  ac_charge_soc_limit: [0, 101],
  charge_priority_soc_limit: [0, 100],
  forced_discharge_soc_limit: [0, 100],
  discharge_cutoff_soc: [10, 90],
  ac_charge_start_soc: [0, 90],
  ac_charge_end_soc: [20, 100],
}

const EG4: Readonly<Record<string, Limits>> = {
  ...EVERYWHERE,
  ac_charge_power: [0, 10, 0.1],
  charge_priority_power: [0, 15, 0.1],
  forced_discharge_power: [0, 25.5, 0.1],
  system_charge_soc_limit: [10, 101],
}

const NUMBERS: Readonly<Record<Model, Readonly<Record<string, Limits>>>> = {
  lxp: { ...EVERYWHERE, ac_charge_power: [0, 100], charge_priority_power: [0, 100], forced_discharge_power: [0, 100] },
  hybrid: EG4,
  offgrid: EG4,
}

describe.each(MODELS)('a number of %s', model => {
  test.each(Object.entries(NUMBERS[model]))('%s has its limits', (name, [least, most, step = 1]) => {
    expect(word(`${name}=${least}`, model)).toBe(Math.round(least / step))
    expect(word(`${name}=${most}`, model)).toBe(Math.round(most / step))
    for (const beyond of [least - step, most + step]) {
      expect(refusal(`${name}=${beyond.toFixed(1)}`, model, true)).not.toBe('accepted')
    }
  })
})

test('the registers are those of the page', () => {
  const registers = (names: readonly string[]) =>
    names.map(name => parseChange(`${name}=20`, 'lxp', context()).register)
  expect(registers(Object.keys(EVERYWHERE))).toEqual([64, 65, 67, 75, 83, 105, 160, 161])
  const power = ['ac_charge_power', 'charge_priority_power', 'forced_discharge_power']
  expect(registers(power)).toEqual([66, 74, 82])
  expect(parseChange('system_charge_soc_limit=50', 'hybrid', context()).register).toBe(227)
  expect(refusal('system_charge_soc_limit=50', 'lxp')).toBe(
    'system_charge_soc_limit is a setting of hybrid models, not of lxp',
  )
})

const WINDOWS = ['ac_charge', 'charge_priority', 'forced_discharge', 'ac_first'].flatMap(use =>
  [1, 2, 3].flatMap(n => [`${use}_start_${n}`, `${use}_end_${n}`]),
)

describe('a time of day', () => {
  test('has the hour in the low byte, the minute in the high one', () => {
    expect(word('ac_charge_start_1=23:59')).toBe(0x3b17)
    expect(word('ac_charge_end_1=7:05')).toBe(0x0507)
    expect(word('ac_charge_end_1=00:00')).toBe(0)
  })

  test('is in the registers of the windows', () => {
    const registers = WINDOWS.map(name => parseChange(`${name}=12:30`, 'lxp', context()).register)
    const spans = [68, 76, 84, 152].flatMap(first => Array.from({ length: 6 }, (_, i) => first + i))
    expect(registers).toEqual(spans)
  })

  test.each(['24:00', '12:60', '12', '1200', '12:5', '-1:00', 'noon', ''])('is not "%s"', text => {
    expect(refusal(`ac_charge_start_1=${text}`)).toBe(
      `ac_charge_start_1 cannot be ${text}; write a time of day like 07:30`,
    )
  })
})

describe('a switch', () => {
  const name = 'function_enable_ac_charge_enable'

  test('changes its own bit and no other', () => {
    expect(word(`${name}=on`, 'hybrid', 0xf355)).toBe(0xf3d5)
    expect(word(`${name}=off`, 'hybrid', 0xf3d5)).toBe(0xf355)
    fc.assert(
      fc.property(fc.nat(0xffff), before => {
        expect(word('function_enable_forced_discharge_enable=on', 'lxp', before)).toBe(before | 0x0400)
        expect(word('function_enable_charge_priority_enable=off', 'offgrid', before)).toBe(before & ~0x0800)
      }),
    )
  })

  test('is on or off', () => {
    expect(refusal(`${name}=2`)).toBe(`${name} cannot be 2; it is on or off`)
    expect(refusal(`${name}=constructor`)).toBe(`${name} cannot be constructor; it is on or off`)
  })

  test('that is not known to be safe needs force, then keeps all other bits too', () => {
    expect(refusal('function_enable_power_on=off')).toBe(
      'function_enable_power_on (hold 21) can damage the device or cut it off; it is written only with --force',
    )
    const off = parseChange('function_enable_power_on=off', 'hybrid', context(true))
    expect(wordOf(off, 0xffff)).toBe(0xfdff)
    expect(wordOf(parseChange('function_enable_1_ct_sample_ratio=2', 'lxp', context(true)), 0xffff)).toBe(0xffdf)
  })

  test('is not written together with all others', () => {
    for (const word of ['function_enable', 'function_enable_1', 'system_enable', 'function_enable_2']) {
      expect(refusal(`${word}=0`, 'hybrid', true)).toMatch(/is many switches in one/)
    }
  })
})

describe('a value', () => {
  test.each([
    ['ac_charge_power=3.5', 35],
    ['ac_charge_power=3.5 kW', 35],
    ['ac_charge_power=3.5kW', 35],
    ['ac_charge_soc_limit=95%', 95],
    [' ac_charge_soc_limit = 95 ', 95],
  ])('%s is understood', (text, expected) => expect(word(text)).toBe(expected))

  test.each([
    ['ac_charge_soc_limit', /^ac_charge_soc_limit: write NAME=VALUE, such as/],
    ['=5', /write NAME=VALUE/],
    ['ac_charge_power=3500 W', /^ac_charge_power cannot be 3500 W; its unit is kW$/],
    ['ac_charge_power=3.55', /^ac_charge_power cannot be 3.55; it goes in steps of 0.1 kW$/],
    ['ac_charge_power=11', /^ac_charge_power may be 0 kW to 10 kW$/],
    ['ac_charge_soc_limit=-1', /^ac_charge_soc_limit cannot be -1; it holds 0% to 65535%$/],
    ['ac_charge_soc_limit=0x20', /^ac_charge_soc_limit cannot be 0x20; its unit is %$/],
    ['ac_charge_soc_limit=1e2', /unit is %/],
    ['ac_charge_soc_limit=', /cannot be ; write a number/],
    ['ac_charge_soc_limt=95', /^there is no setting ac_charge_soc_limt; did you mean "ac_charge_soc_limit"\?$/],
    ['battery_voltage=50', /^battery_voltage is measured, not a setting$/],
    ['serial=AB00000001', /^serial takes more than one register and cannot be written$/],
    ['time_hour=12', /^time_hour is a part of hold 13: set the clock as a whole, clock=now$/],
    ['__proto__=1', /^there is no setting __proto__/],
  ])('%s is refused with a reason', (text, reason) => expect(refusal(text)).toMatch(reason))
})

/** The dangerous list of the page, without switches; 2-6, the serial number, is never written. */
const span = (first: number, last: number) => Array.from({ length: last - first + 1 }, (_, i) => first + i)
const DANGEROUS = new Set(
  [...span(22, 63), ...span(90, 102), ...span(144, 149), ...span(180, 193)].concat([11, 15, 112, 113, 203, 205]),
)
const SWITCHES = new Set([21, 110, 120, 179])

describe('the settings of the definition', () => {
  const holds = (model: Model) => lxpStructs.message('hold', model)!.layout.fields

  test.each(MODELS)('of %s are safe, dangerous or refused, as the page says', model => {
    const safe = new Set([...Object.keys(NUMBERS[model]), ...WINDOWS, 'eps_discharge_cutoff_soc'])
    const free = ['ac_charge_enable', 'forced_discharge_enable', 'charge_priority_enable'].map(
      n => `function_enable_${n}`,
    )
    for (const { name, at, bits } of holds(model)) {
      const register = at >> 1
      const values = ['1', '20', '12:30', 'on']
      const accepted = (force: boolean) =>
        values.some(value => refusal(`${name}=${value}`, model, force) === 'accepted')
      const isSafe = safe.has(name) || free.includes(name)
      const isForced = SWITCHES.has(register) ? bits < 16 : DANGEROUS.has(register) && bits === 16
      expect([name, accepted(false)]).toEqual([name, isSafe])
      expect([name, accepted(true)]).toEqual([name, isSafe || isForced])
    }
  })

  test.skipIf(!hasCaptures)(
    'that the register list calls safe are (skipped without the folder WATTZUP_CAPTURES)',
    () => {
      const rows = plainCsv(protocolFile('lxp-registers.csv'))
      const safe = rows.filter(
        row =>
          row[0] === 'hold' &&
          row
            .slice(12)
            .join(',')
            .match(/\bsafe(?! within)/),
      )
      expect(safe.length).toBeGreaterThan(10)
      for (const [, register, , name, , , , , , , models] of safe) {
        const model = models === 'lxp' ? 'lxp' : 'hybrid'
        expect(parseChange(`${name}=20`.replace(/power=20/, 'power=2'), model, context()).register).toBe(
          Number(register),
        )
      }
    },
  )
})

test('the cut-off off grid is no higher than the one on grid', () => {
  const change = parseChange('eps_discharge_cutoff_soc=25', 'hybrid', context())
  expect(change.cappedBy).toBe(105)
  expect(wordOf(change, 0, 25)).toBe(25)
  expect(() => wordOf(change, 0, 24)).toThrow('eps_discharge_cutoff_soc may be 0% to 24%')
  expect(refusal('eps_discharge_cutoff_soc=91', 'hybrid', true)).toBe('eps_discharge_cutoff_soc may be 0% to 90%')
})

test('a command is a whole register, needs force, and is not compared', () => {
  expect(refusal('reset_setting=128')).toMatch(/only with --force/)
  expect(refusal('reset_setting_reboot_inverter=on', 'hybrid', true)).toMatch(/part of hold 11/)
  expect(parseChange('reset_setting=128', 'hybrid', context(true)).isCommand).toBe(true)
})

test('a name of an enumeration is a value', () => {
  expect(wordOf(parseChange('output_priority=pv_first', 'offgrid', context(true)))).toBe(1)
  expect(refusal('output_priority=moon_first', 'offgrid', true)).toBe(
    'output_priority cannot be moon_first; write one of battery_first, pv_first, ac_first',
  )
})

test('what a model decides is checked when the model is known; before, what no model allows is refused', () => {
  expect(() => checkChange('ac_charge_power=50', undefined, context())).not.toThrow()
  expect(() => checkChange('ac_charge_power=50', 'hybrid', context())).toThrow('may be 0 kW to 10 kW')
  expect(() => checkChange('ac_charge_power=101', undefined, context())).toThrow(UsageError)
  expect(() => checkChange('grid_volt_conn_low=200', undefined, context())).toThrow('--force')
})

describe('the clock', () => {
  const clock = (text: string, zone = 'UTC') =>
    parseChange(`clock=${text}`, 'lxp', { ...context(), zone: parseZone(zone)! })
  const words = (change: Change, now = NOW) => {
    const request = change.request([0, 0, 0], now, undefined)
    return request.type === 'write_multi' ? [request.register, ...request.values] : []
  }

  test('is written as the page’s example: 2022-06-20 05:16:57', () => {
    expect(words(clock('2022-06-20T05:16:57'))).toEqual([12, 0x0616, 0x0514, 0x3910])
  })

  test.each([
    ['UTC', 0x0a01],
    ['+02:00', 0x0c01],
    ['America/New_York', 0x0501],
  ])('now, in %s, is the hour there', (zone, dayAndHour) => {
    expect(words(clock('now', zone))).toEqual([12, 0x031a, dayAndHour, 0])
  })

  test('is right within three seconds, and goes on while one waits', () => {
    const change = clock('2026-03-01T10:00:00')
    words(change)
    const at = (second: number) => [0x031a, 0x0a01, second << 8]
    expect([change.isIn(at(3), NOW), change.isIn(at(4), NOW), change.isIn(at(20), NOW + 20_000)]).toEqual([
      true,
      false,
      true,
    ])
    expect(change.isIn([0, 0, 0], NOW)).toBe(false)
    expect([change.show(at(7)), change.show([0, 0, 0])]).toEqual(['2026-03-01T10:00:07', null])
  })

  test.each(['', 'later', '2026-02-30T10:00:00', '2026-03-01', '2026-03-01T25:00:00', '2019-01-01T00:00:00'])(
    'is not "%s"',
    text => expect(() => clock(text)).toThrow(/clock cannot be/),
  )
})
