import { expect, test } from 'vitest'
import type { Reading } from '../../../src/core/reading.ts'
import { lxp } from '../../../src/protocols/lxp/lxp.ts'
import { modelNamed, modelOf } from '../../../src/protocols/lxp/model.ts'
import { ReadingStream } from '../../../src/reading-stream.ts'
import { block, bytesOf, dataFrame, frame, heartbeat, INVERTER } from './build-frame.ts'
import { lxpStructs } from './captures.ts'

/** Readings that frames give, in order. */
async function readingsOf(frames: readonly Uint8Array[], options = {}) {
  const readings: Reading[] = []
  const sink = { write: (reading: Reading) => void readings.push(reading), close: () => {} }
  const stream = new ReadingStream(lxp(lxpStructs, options), sink, { guesses: false })
  for (const data of frames) await stream.push({ data, at: 1000, origin: 'test' })
  await stream.end()
  return { readings, tally: stream.tally }
}

test('a block becomes a reading of its inverter, with what follows from it', async () => {
  const words = Array.from({ length: 40 }, () => 0)
  words.splice(4, 2, 512, (99 << 8) | 77) // battery 51.2 V, SOC in the low byte and SOH in the high one
  words.splice(7, 5, 1200, 800, 0, 300, 0)
  words.splice(26, 2, 150, 20)
  const { readings } = await readingsOf([block(4, 0, words)])
  expect(readings).toHaveLength(1)
  expect(readings[0]).toMatchObject({ time: 1000, family: 'lxp', device: INVERTER, message: 'input' })
  expect(readings[0]!.values).toMatchObject({ battery_voltage: 51.2, soc: 77, soh: 99, pv_power: 2000 })
  expect(readings[0]!.values).toMatchObject({ battery_power: 300, grid_power: -130, pv_energy_today: 0 })
  expect(readings[0]!.values).not.toHaveProperty('pv_energy_total') // its registers are in the next block
  expect(readings[0]!.fields.find(({ name }) => name === 'grid_power')).toMatchObject({ unit: 'W', kind: 'power' })
})

test('half a pair is never published', async () => {
  const { readings } = await readingsOf([block(4, 39, [3120, 7]), block(4, 41, [1, 5, 0])])
  expect(readings.map(({ values }) => values)).toEqual([{ bus_voltage_2: 312 }, { pv2_energy_total: 0.5 }])
})

test('register 19 says for each inverter which model it is', async () => {
  const currents = [2000, 1500] // input 81 and 82
  const other = { inverter: 'DEMO000002' }
  const frames = [block(4, 81, currents), block(3, 19, [12]), block(4, 81, currents), block(4, 81, currents, other)]
  const { readings } = await readingsOf(frames)
  expect(readings.map(({ values }) => values['bms_max_charge_current'])).toEqual([200, undefined, 20, 200])
})

test('the block with register 19 is itself read by it, and a chosen model goes first', async () => {
  const words = Array.from({ length: 60 }, () => 0)
  words[19 - 10] = 2092
  words[66 - 10] = 30
  const hold = block(3, 10, words)
  const fallback = await readingsOf([hold], { fallback: 'lxp' })
  const chosen = await readingsOf([hold], { model: 'lxp' })
  expect(fallback.readings[0]!.values['ac_charge_power']).toBe(3)
  expect(chosen.readings[0]!.values['ac_charge_power']).toBe(30)
})

test('a confirmed write says what the setting is now', async () => {
  const { readings } = await readingsOf([dataFrame(6, 67, bytesOf([85]))])
  expect(readings[0]).toMatchObject({ message: 'write_single', values: { ac_charge_soc_limit: 85 } })
})

test('each module of a battery is a reading of its own', async () => {
  const empty = Array.from({ length: 30 }, () => 0)
  const module = [...empty]
  module.splice(0, 2, 0xc002, 280)
  module.splice(6, 3, 5312, 0x10000 - 214, (99 << 8) | 64)
  module.splice(17, 4, 0x4544, 0x4f4d, 0x425f, 0x3031) // DEMO_B10
  const { readings } = await readingsOf([block(4, 5002, [...empty, ...module])])
  expect(readings.map(({ message }) => message)).toEqual(['input', 'battery_slot'])
  expect(readings[1]).toMatchObject({ device: `${INVERTER}-DEMO_B10` })
  expect(readings[1]!.values).toMatchObject({ voltage: 53.12, current: -21.4, soc: 64, soh: 99, capacity: 280 })
})

test('what an unfinished frame hid is read when the connection ends', async () => {
  const lying = Buffer.from(block(4, 0, [1]))
  lying.writeUInt16LE(1018, 4)
  const { readings, tally } = await readingsOf([Buffer.concat([lying, block(4, 4, [532])])])
  expect(readings.map(({ values }) => values)).toEqual([{ battery_voltage: 53.2 }])
  expect(tally.rejects).toEqual({ truncated: 1 })
})

test('what carries no registers gives no reading; only what nobody knows is counted', async () => {
  const update = frame(new Uint8Array(5), { tcpFunction: 0xc7 })
  const silent = [heartbeat(), dataFrame(0x83, 240, [2]), dataFrame(16, 12, [3, 0]), update]
  const { readings, tally } = await readingsOf(silent)
  expect(readings).toEqual([])
  expect(tally).toEqual({ readings: 0, unknown: 1, rejects: {} })
})

test('faults are a number and a list of codes; a missing sensor is null', async () => {
  const { readings } = await readingsOf([block(4, 60, [0, 8, 1, 1, 20, 20, 20, 127])])
  const { values } = readings[0]!
  expect(values).toMatchObject({ fault_code: 1 << 19, fault_code_text: ['E019'], battery_temp: null })
  expect(values).toMatchObject({ warning_code: 65_537, warning_code_text: ['W000', 'W016'] })
})

test('models go by device type, by its low byte, and by the name on the housing', () => {
  expect([4, 12, 38, 54, 44, 2092, 10284, 0x2226, 50].map(modelOf)).toEqual([
    ...['lxp', 'lxp', 'offgrid', 'offgrid', 'hybrid', 'hybrid', 'hybrid', 'offgrid', undefined],
  ])
  expect(['12kPV', '6000XP', 'hybrid', 'LXP-EU 12K', 'toaster'].map(modelNamed)).toEqual([
    ...['hybrid', 'offgrid', 'hybrid', 'lxp', undefined],
  ])
})

test('the parts of the model are published with the whole of it only', async () => {
  const { readings } = await readingsOf([block(3, 0, [0x9fff]), block(3, 1, [9]), block(3, 0, [0x8240, 0x109])])
  expect(readings.map(({ values }) => Object.keys(values).length)).toEqual([7])
  expect(readings[0]!.values).toMatchObject({ model: 0x1098240, model_battery_type: 2, model_power_rating_high: true })
})
