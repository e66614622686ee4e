import { describe, expect, test } from 'vitest'
import { UsageError } from '../../../src/core/errors.ts'
import { checkChange } from '../../../src/protocols/lxp/change.ts'
import { MODELS, type Model } from '../../../src/protocols/lxp/model.ts'
import { type WritableSetting, writableSettings } from '../../../src/protocols/lxp/writable.ts'
import { lxpStructs as structs } from './captures.ts'

const settingsOf = (model: Model, dangerous = false) => writableSettings(structs, model, dangerous)

function isAccepted(text: string, model: Model, force = false): boolean {
  try {
    checkChange(text, model, { structs, force, zone: 0 })
    return true
  } catch (error) {
    expect(error).toBeInstanceOf(UsageError)
    return false
  }
}

/** Values at the edges of a setting, and beyond them. */
function edges({ range }: WritableSetting): { good: readonly string[]; bad: readonly string[] } {
  switch (range.kind) {
    case 'number': {
      const { min, max, step } = range
      const beyond = (value: number) => String(Math.round(value * 1000) / 1000)
      return { good: [String(min), String(max)], bad: [beyond(min - step), beyond(max + step), beyond(min + step / 2)] }
    }
    case 'switch':
      return { good: ['on', 'off'], bad: ['2', 'maybe'] }
    case 'time':
      return { good: ['00:00', '23:59'], bad: ['24:00', '12:60', '7'] }
    case 'choice':
      return { good: range.names, bad: ['nothing of the kind'] }
    case 'clock':
      return { good: ['now', '2026-03-01T10:00:00'], bad: ['2026-02-30T10:00:00', 'noon'] }
  }
}

describe.each(MODELS)('settings of %s that may be written', model => {
  test('are accepted up to their limits and not beyond', () => {
    for (const setting of settingsOf(model)) {
      const { good, bad } = edges(setting)
      for (const value of good)
        expect([setting.name, value, isAccepted(`${setting.name}=${value}`, model)]).toContain(true)
      for (const value of bad)
        expect([setting.name, value, isAccepted(`${setting.name}=${value}`, model)]).toContain(false)
    }
  })

  test('are all that is accepted, without force and with it', () => {
    const names = structs.codec(['hold'], model)!.fields.map(({ name }) => name)
    const accepted = (force: boolean) => {
      const values = ['1', '10', '20', 'on', '12:00']
      return names.filter(name => values.some(value => isAccepted(`${name}=${value}`, model, force)))
    }
    for (const force of [false, true]) {
      const listed = settingsOf(model, force).filter(({ name }) => name !== 'clock')
      expect(listed.map(({ name }) => name).toSorted()).toEqual(accepted(force).toSorted())
    }
  })
})

test('limits are those of the vendor, in the unit of the model', () => {
  const find = (model: Model, name: string) => settingsOf(model).find(setting => setting.name === name)
  expect(find('lxp', 'ac_charge_power')).toMatchObject({ unit: '%', range: { min: 0, max: 100, step: 1 } })
  expect(find('hybrid', 'ac_charge_power')).toMatchObject({ unit: 'kW', range: { min: 0, max: 10, step: 0.1 } })
  expect(find('offgrid', 'forced_discharge_power')).toMatchObject({ unit: 'kW', range: { max: 25.5 } })
  expect(find('lxp', 'system_charge_soc_limit')).toBeUndefined()
  expect(find('hybrid', 'eps_discharge_cutoff_soc')).toMatchObject({
    range: { max: 90, atMost: 'discharge_cutoff_soc' },
  })
})

test('what can damage something is marked, and listed only when asked for', () => {
  const dangerous = settingsOf('hybrid', true).filter(({ isDangerous }) => isDangerous)
  const names = dangerous.map(({ name }) => name)
  expect(names).toEqual(expect.arrayContaining(['function_enable_power_on', 'grid_volt_conn_low', 'reset_setting']))
  expect(names).not.toContain('serial')
  expect(settingsOf('hybrid').some(({ isDangerous }) => isDangerous)).toBe(false)
})
