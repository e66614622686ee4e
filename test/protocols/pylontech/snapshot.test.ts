import { describe, expect, test } from 'vitest'
import type { Values } from '../../../src/core/values.ts'
import { EMPTY_STACK, type Reply, snapshot, withFailure, withReply } from '../../../src/protocols/pylontech/snapshot.ts'

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
})
