import { describe, expect, test } from 'vitest'
import { predecessorDocument } from '../../../../src/protocols/pylontech/predecessor.ts'
import { isSnapshot, readStack } from '../../../../src/protocols/pylontech/view/read-stack.ts'
import { totalsOf } from '../../../../src/protocols/pylontech/view/totals.ts'
import { NO_ALARM, NOW, pack, snapshotOf } from './snapshots.ts'

describe('a snapshot', () => {
  test('is read with whole millivolts', () => {
    const [module] = readStack(snapshotOf(1), NOW).modules
    expect(module!.cells.map(({ millivolts }) => millivolts).slice(0, 3)).toEqual([3303, 3304, 3302])
    expect(module!).toMatchObject({ number: 1, key: '2', place: '0/2', voltage: 49.545, current: -2.6, cycles: 31 })
    expect(module!.updatedAt).toBe(NOW - 4000)
  })

  test('has power of its own volts and amperes, and the sums of its worked example', () => {
    const { modules } = readStack(snapshotOf(3), NOW)
    expect(modules[0]!.power).toBe(-128.817) // 49.545 V x -2.6 A
    const totals = totalsOf(modules, NOW, 30_000)
    expect(totals).toMatchObject({ modules: 3, current: -7.8, remainingAh: 100.5, totalAh: 150, soc: 67, stale: 0 })
    expect(Math.trunc(totals.power!)).toBe(-386)
    expect(totals.lowest).toEqual({ value: 3297, module: 2, cell: 4 })
    expect(totals.highest).toEqual({ value: 3306, module: 1, cell: 13 })
  })

  test('keeps what did not answer apart from what is 0', () => {
    const [module] = readStack(
      snapshotOf([pack(1, { alarm: null, management: null, cycles: null, current: 0 })]),
      NOW,
    ).modules
    expect(module!.flags['module_under_voltage']).toBeNull()
    expect(module!.flags['charge_enable']).toBeNull()
    expect(module).toMatchObject({ cycles: null, current: 0, chargeCurrent: null })
  })

  test('may have its flags by name only', () => {
    const named = { status1: null, status2: null, status3: null, flags: { module_under_voltage: true, heater: false } }
    const [module] = readStack(snapshotOf([pack(1, { alarm: { ...NO_ALARM, ...named } })]), NOW).modules
    expect(module!.flags).toMatchObject({ module_under_voltage: true, heater: false, buzzer: null })
  })

  test('may have more modules, cells and sensors than any line, and is cut off', () => {
    const many = Array.from({ length: 5000 }, () => 3.3)
    const { modules } = readStack(
      snapshotOf(Array.from({ length: 5000 }, (_, i) => pack(i + 1, { cell_voltages: many }))),
      NOW,
    )
    expect(modules.length).toBeLessThanOrEqual(128)
    expect(modules[0]!.cells.length).toBeLessThanOrEqual(32)
  })
})

describe('the layout of the program before', () => {
  const alarm = { ...NO_ALARM, cells: [1, 0], status1: 0x80 }
  const native = snapshotOf([pack(1, { alarm }), pack(2)])
  const old = predecessorDocument(native)

  test('gives the same as the snapshot that it was made of', () => {
    const [a, b] = [readStack(native, NOW), readStack(old, NOW)]
    for (const [i, module] of b.modules.entries()) {
      const { cells, sensors, voltage, current, power, remainingAh, totalAh, cycles, flags, status, limits } =
        a.modules[i]!
      expect(module).toMatchObject({ cells, sensors, voltage, current, power, remainingAh, totalAh, cycles, status })
      expect(module.flags).toEqual(flags)
      expect(module.limits['charge_voltage_limit']).toBe(limits['charge_voltage_limit'])
      expect(module.updatedAt).toBe(NOW) // it has no times of its own
    }
  })

  test('may lack any of its lists, and any module in them', () => {
    expect(readStack({ analog: old['analog']! }, NOW).modules).toHaveLength(2)
    expect(readStack({ analog: old['analog']! }, NOW).modules[0]!.flags['buzzer']).toBeNull()
    const { modules } = readStack({ analog: [null, (old['analog'] as never[])[1]!], alarm: [] }, NOW)
    expect(modules.map(({ stale, voltage }) => [stale, voltage])).toEqual([[true, null], [false, 49.52]]) // biome-ignore format: pairs
    expect(readStack({ alarm: old['alarm']! }, NOW).modules).toHaveLength(2)
  })

  test('is told from documents about something else', () => {
    expect([native, old, { analog: [] }].map(isSnapshot)).toEqual([true, true, true])
    expect([{}, { devices: {} }, { packs: 3 }, { analog: { voltages: [] } }].map(isSnapshot)).toEqual([
      false,
      false,
      false,
      false,
    ])
  })
})
