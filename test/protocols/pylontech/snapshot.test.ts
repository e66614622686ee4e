import { describe, expect, test } from 'vitest'
import type { Values } from '../../../src/core/values.ts'
import { predecessorDocument } from '../../../src/protocols/pylontech/predecessor.ts'
import { StackReadings } from '../../../src/protocols/pylontech/readings.ts'
import type { Reply } from '../../../src/protocols/pylontech/reply.ts'
import { joined, snapshot } from '../../../src/protocols/pylontech/snapshot.ts'
import {
  EMPTY_STACK,
  withFailure,
  withoutPart,
  withoutSerials,
  withReply,
} from '../../../src/protocols/pylontech/stack-state.ts'
import { structs } from './decoding.ts'

const TIME = Date.UTC(2026, 2, 1, 10, 0, 0, 123)
const HEADER = { ver: '2.0', adr: 2, rtn: 0, rtn_text: 'normal' }

// three modules of the worked example of the protocol page: -386.3 W in all, 49.523 V, 67 %
const worked: Values[] = [
  [49.545, -2.6],
  [49.52, -2.5],
  [49.504, -2.7],
].map(([voltage, current]) => ({
  cell_count: 1,
  cell_voltages: [voltage!],
  temp_count: 1,
  temperatures: [22],
  current: current!,
  voltage: voltage!,
  remaining_ah: 33.5,
  user_defined: 2,
  total_ah: 50,
  cycles: 31,
}))

const stackOf = (...replies: readonly Partial<Reply>[]) =>
  replies.reduce(
    (stack, { message = '', values = {}, time = TIME }) =>
      withReply(stack, { message, values: { ...HEADER, ...values }, time }),
    EMPTY_STACK,
  )

const packsOf = (document: Values) => document['packs'] as Values[]

describe('the snapshot of a stack', () => {
  test('adds up as the worked example does', () => {
    const document = snapshot(stackOf({ message: 'analog_all', values: { command_value: 3, packs: worked } }))
    expect(document['totals']).toEqual({
      voltage: 49.523,
      current: -7.8,
      power: -386.3,
      remaining_ah: 100.5,
      total_ah: 150,
      soc: 67,
    })
    expect(packsOf(document).map(({ pack, address, group }) => [pack, group, address])).toEqual([
      [1, 0, 2],
      [2, 0, 3],
      [3, 0, 4],
    ])
    expect(packsOf(document)[0]).toMatchObject({ updated_at: '2026-03-01T10:00:00.123Z', stale: false, error: null })
    expect(packsOf(document)[0]).not.toHaveProperty('user_defined')
  })

  test('has null for every part that did not answer', () => {
    const document = snapshot(stackOf({ message: 'serial', values: { adr: 3, serial: 'DEMO' } }))
    expect(document).toMatchObject({ pack_count: 1, totals: null, system: null, device_name: null })
    expect(packsOf(document)[0]).toMatchObject({
      address: 3,
      serial: 'DEMO',
      voltage: null,
      cell_voltages: null,
      alarm: null,
      management: null,
      updated_at: null,
    })
  })

  test('keeps the last values of a module that fails, and says why', () => {
    const read = stackOf({ message: 'analog', values: { packs: [worked[0]!] } })
    const failed = packsOf(snapshot(withFailure(read, 2, 'timeout')))[0]
    expect(failed).toMatchObject({ voltage: 49.545, stale: true, error: 'timeout' })
    const refused = withReply(read, { message: 'error', values: { ...HEADER, rtn: 0x91 }, time: TIME })
    expect(packsOf(snapshot(refused))[0]).toMatchObject({ voltage: 49.545, stale: true, error: 'RTN 91' })
    const again = withReply(refused, { message: 'analog', values: { ...HEADER, packs: [worked[1]!] }, time: TIME })
    expect(packsOf(snapshot(again))[0]).toMatchObject({ voltage: 49.52, stale: false, error: null })
  })

  test('takes the rest of the replies where it belongs', () => {
    const alarm = { cell_count: 1, cells: [0], temp_count: 1, temps: [0], status1: 0, flags: { buzzer: false } }
    const document = snapshot(
      stackOf(
        { message: 'alarm', values: { packs: [alarm] } },
        { message: 'management', values: { packs: [{ status: 192 }] } },
        { message: 'firmware', values: { manufacture_version: '2.3', mainline_version: '0.6.5' } },
        { message: 'system_parameters', values: { info_flag: 17, cell_high_voltage_limit: 3.65 } },
        { message: 'manufacturer', values: { device_name: 'X', software_version: '1.7', manufacturer: 'Y' } },
        { message: 'protocol_version' },
      ),
    )
    expect(document).toMatchObject({ device_name: 'X', software_version: '1.7', manufacturer: 'Y' })
    expect(document['system']).toEqual({ cell_high_voltage_limit: 3.65 })
    expect(packsOf(document)[0]).toMatchObject({
      firmware: '0.6.5',
      alarm: { cells: [0], temps: [0], status1: 0, flags: { buzzer: false } },
      management: { status: 192 },
    })
  })

  test('leaves out of the totals what is not known', () => {
    const known = { ...worked[0]!, remaining_ah: null, total_ah: null }
    const document = snapshot(stackOf({ message: 'analog_all', values: { packs: [known, worked[1]!] } }))
    expect(document['totals']).toMatchObject({ current: -5.1, remaining_ah: 33.5, total_ah: 50, soc: 67 })
    const none = snapshot(stackOf({ message: 'analog', values: { packs: [known] } }))
    expect(none['totals']).toMatchObject({ current: -2.6, remaining_ah: null, total_ah: null, soc: null })
  })

  test('has what newer firmware says of the whole stack at its end, and nothing of it otherwise', () => {
    const stack = stackOf(
      { message: 'protocol_version', values: { ver: '2.0' } },
      { message: 'system_alarm', values: { alarm1: ['cell_imbalance'] } },
    )
    expect(Object.entries(snapshot(stack)).slice(-2)).toEqual([
      ['protocol_version', '2.0'],
      ['system_alarm', { alarm1: ['cell_imbalance'] }],
    ])
  })

  test('of several groups is one, numbered through and added up', () => {
    const groups = [2, 0x12].map(adr => snapshot(stackOf({ message: 'analog', values: { adr, packs: [worked[0]!] } })))
    expect(joined(groups)).toMatchObject({ pack_count: 2, totals: { current: -5.2, power: -257.6, soc: 67 } })
    expect(packsOf(joined(groups)!).map(({ pack, group }) => [pack, group])).toEqual([[1, 0], [2, 1]]) // biome-ignore format: pairs
    expect(joined([])).toBeUndefined()
    expect(joined(groups.slice(1))).toBe(groups[1])
  })

  test('does not keep a part that was not answered, and shows no serial numbers that are masked', () => {
    const stack = stackOf(
      { message: 'management', values: { packs: [{ status: 192 }] } },
      { message: 'serial', values: { serial: 'DEMO12' } },
    )
    const [pack] = packsOf(snapshot(withoutSerials(withoutPart(stack, 2, 'management'))))
    expect(pack).toMatchObject({ management: null, serial: 'XXXXXX' })
    expect(packsOf(snapshot(withoutSerials(EMPTY_STACK)))).toEqual([])
  })
})

describe('the document of the program before this one', () => {
  // the keys, the figures and the bits are those of the protocol page
  const alarm = {
    ...{ cell_count: 2, cells: [0, 2], temp_count: 1, temps: [1], charge_current: 0, module_voltage: 2 },
    ...{ discharge_current: 1, status1: 0, status2: 14, status3: 64, status4: 0, status5: 128, flags: {} },
  }
  const limits = {
    ...{ charge_voltage_limit: 53.25, discharge_voltage_limit: 47, charge_current_limit: 25 },
    ...{ discharge_current_limit: -25, status: 192, charge_enable: true },
  }

  test('has three lists, in V, A, degrees and mAh', () => {
    const stack = stackOf(
      { message: 'analog', values: { packs: [{ ...worked[0]!, total_ah: 111, remaining_ah: 95.46 }] } },
      { message: 'alarm', values: { packs: [alarm] } },
      { message: 'management', values: { packs: [limits] } },
    )
    expect(predecessorDocument(snapshot(stack))).toEqual({
      analog: [
        {
          ...{ voltages: [49.545], temps: [22], current: -2.6, pack_voltage: 49.545 },
          ...{ mah_remain: 95_460, mah_total: 111_000, pack_cycles: 31 },
        },
      ],
      alarm: [
        {
          ...{ voltages: [0, 2], temps: [1], charge_current: 0, pack_voltage: 2, discharge_current: 1 },
          ...{ status1: 0, status2: 14, status3: 64, status4: 0, status5: 128 },
          ...{ status1_bits: '00000000', status2_bits: '00001110', status3_bits: '01000000' },
          ...{ status4_bits: '00000000', status5_bits: '10000000' },
        },
      ],
      charge_info: [
        {
          ...{ charge_voltage_limit: 53.25, discharge_voltage_limit: 47, charge_current_limit: 25 },
          ...{ discharge_current_limit: -25, charge_status: 192, charge_status_bits: '11000000' },
        },
      ],
    })
  })

  test('keeps the lists parallel where a module or a part did not answer', () => {
    const stack = stackOf(
      { message: 'serial', values: { adr: 2, serial: 'DEMO' } },
      { message: 'analog', values: { adr: 3, packs: [worked[0]!] } },
    )
    const { analog, alarm: alarms, charge_info } = predecessorDocument(snapshot(stack))
    expect([analog, alarms, charge_info]).toMatchObject([
      [null, { current: -2.6 }],
      [null, null],
      [null, null],
    ])
  })
})

describe('readings', () => {
  const readings = new StackReadings(structs)
  const stack = withFailure(
    stackOf({ message: 'analog_all', values: { packs: worked } }, { message: 'serial', values: { serial: 'DEMO' } }),
    3,
    'timeout',
  )

  test('are the snapshot of a stack', () => {
    const reading = readings.whole(2, stack, TIME)
    expect(reading).toMatchObject({ time: TIME, family: 'pylontech', device: 'stack2', message: 'stack' })
    expect(reading.values).toEqual(snapshot(stack))
  })

  test('are totals, and modules that have answered, in flat values with units', () => {
    const [totals, ...modules] = readings.parts(0, stack, TIME)
    expect(totals).toMatchObject({ device: 'stack0', values: { pack_count: 3, soc: 67, current: -7.8 } })
    expect(modules.map(({ device }) => device)).toEqual(['0/2', '0/4'])
    for (const { fields, values } of [totals!, ...modules]) {
      expect(Object.keys(values).filter(name => fields.every(field => field.name !== name))).toEqual([])
    }
    const unitOf = (name: string) => modules[0]!.fields.find(field => field.name === name)
    expect(unitOf('cell_voltages')).toMatchObject({ unit: 'V', array: true, kind: 'voltage' })
    expect(unitOf('soc')).toMatchObject({ unit: '%', kind: 'battery' })
    expect(unitOf('cycles')).toMatchObject({ state: 'total_increasing' })
  })

  test('are none but the snapshot when no module answers', () => {
    const silent = [2, 3, 4].reduce((state, address) => withFailure(state, address, 'timeout'), stack)
    expect(readings.parts(0, silent, TIME)).toEqual([])
  })
})
