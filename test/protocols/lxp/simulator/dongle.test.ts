import { describe, expect, test } from 'vitest'
import { SimulatedDongle } from '../../../../src/protocols/lxp/simulator/dongle.ts'
import { bytesOf, DATALOG, frame, INVERTER } from '../build-frame.ts'
import { framesOf } from '../captures.ts'
import { requestOf, type SceneOptions, START, sceneOf, valuesOf } from './scene.ts'

/** The one frame of an answer, taken apart as any reader does. */
function answerTo(options: SceneOptions, request: ReturnType<typeof requestOf>, at = START) {
  return parsed(sceneOf(options).dongle.answer(request, at))
}

function parsed(answer: Uint8Array | undefined) {
  if (answer === undefined) return undefined
  const { frames, reasons } = framesOf(answer)
  expect(reasons).toEqual([])
  expect(frames).toHaveLength(1)
  return frames[0]!
}

const read = (code: 3 | 4, register: number, count: number) => requestOf(code, register, bytesOf([count]))
const old = { model: 'lxp', protocol: 2 } as const

describe('what a dongle says by itself', () => {
  test('begins with a block of settings that names the inverter, its model and its clock', () => {
    const { dongle } = sceneOf({ model: 'offgrid' })
    const [frame, ...more] = framesOf(Buffer.concat(dongle.greeting(START + 61_000))).frames
    expect(more).toEqual([])
    expect(frame).toMatchObject({
      type: 'hold',
      register: 0,
      count: 80,
      protocol: 5,
      datalog: DATALOG,
      inverter: INVERTER,
    })
    const values = valuesOf(dongle.greeting(START + 61_000), 'offgrid')
    expect(values).toMatchObject({ serial: INVERTER, device_type: '6000xp', language: 'english' })
    expect(values).toMatchObject({
      time_year: 26,
      time_month: 6,
      time_day: 1,
      time_hour: 1,
      time_minute: 1,
      time_second: 1,
    })
  })

  test.each([
    ['lxp', 'lxp_eu_12k'],
    ['hybrid', '12kpv_18kpv'],
    ['offgrid', '6000xp'],
  ] as const)('tells by setting 19 that it is %s', (model, device) => {
    expect(valuesOf(sceneOf({ model }).dongle.greeting(START), model)).toMatchObject({ device_type: device })
  })

  test.each([
    [{ model: 'lxp', protocol: 2 }, [[0, 40], [40, 40], [80, 40]], 117], // biome-ignore format: a table
    [{ model: 'lxp', protocol: 5 }, [[0, 127], [127, 127]], 291], // biome-ignore format: a table
    [{ model: 'hybrid', protocol: 5 }, [[0, 127], [127, 127], [254, 127]], 291], // biome-ignore format: a table
    [{ model: 'hybrid', protocol: 2 }, [[0, 40], [40, 40], [80, 40]], 117], // biome-ignore format: a table
  ] as const)('goes on with the blocks of %j', (options, blocks, size) => {
    const { dongle } = sceneOf(options)
    const { frames } = framesOf(Buffer.concat(dongle.burst(START)))
    expect(frames.map(({ register, count }) => [register, count])).toEqual(blocks)
    for (const { type, bytes, protocol } of frames) {
      expect({ type, protocol, size: bytes.length }).toEqual({ type: 'input', protocol: options.protocol, size })
    }
  })

  test('has a heartbeat like that of the protocol page', () => {
    const page = 'a11a02000d0001c1 32323232323232323232 00'.replaceAll(' ', '')
    const identity = { protocol: 2, datalog: '2222222222', inverter: '5555555555' }
    const registers = sceneOf().registers
    const dongle = new SimulatedDongle(registers, { identity, eg4: false, intervalSeconds: 120 })
    expect(Buffer.from(dongle.heartbeat()).toString('hex')).toBe(page)
  })
})

describe('reading', () => {
  test('gives the registers that were asked for, with the values of the moment', () => {
    const { dongle } = sceneOf()
    const whole = framesOf(Buffer.concat(dongle.burst(START))).frames[0]!
    const part = parsed(dongle.answer(read(4, 5, 6), START))
    expect(part).toMatchObject({ type: 'input', register: 5, count: 6, deviceFunction: 4 })
    expect(part!.data).toEqual(whole.data.subarray(10, 22))
  })

  test('follows the rule of 40 on protocol 2: more, or over a multiple of 40, is a wrong value', () => {
    for (const [register, count] of [
      [0, 41],
      [39, 2],
      [30, 20],
      [0, 0],
      [0, 127],
    ] as const) {
      // biome-ignore format: pairs
      expect(answerTo(old, read(4, register, count))).toMatchObject({ type: 'exception', deviceFunction: 4, errorCode: 3, register })
    }
    for (const [register, count] of [
      [0, 40],
      [40, 40],
      [80, 40],
      [119, 1],
      [200, 40],
    ] as const) {
      // biome-ignore format: pairs
      expect(answerTo(old, read(4, register, count))).toMatchObject({ type: 'input', register, count })
    }
  })

  test('takes up to three settings from anywhere on protocol 2', () => {
    expect(answerTo(old, read(3, 39, 3))).toMatchObject({ type: 'hold', register: 39, count: 3 })
    expect(answerTo(old, read(3, 38, 4))).toMatchObject({ type: 'exception', errorCode: 3 })
  })

  test('gives up to 127 from anywhere on protocol 5, the battery slots too', () => {
    expect(answerTo({}, read(4, 13, 127))).toMatchObject({ type: 'input', register: 13, count: 127 })
    expect(answerTo({}, read(3, 127, 125))).toMatchObject({ type: 'hold', count: 125 })
    expect(answerTo({}, read(4, 5002, 120))).toMatchObject({ type: 'input', register: 5002, count: 120 })
    expect(answerTo({}, read(4, 0, 128))).toMatchObject({ type: 'exception', errorCode: 3 })
  })

  test('gives zeros behind the map, and an address error where there is nothing', () => {
    const zeros = answerTo({}, read(4, 300, 60))
    expect(zeros?.data).toEqual(new Uint8Array(120))
    expect(answerTo({}, read(4, 4000, 1))).toMatchObject({ type: 'exception', errorCode: 2 })
    expect(answerTo({ model: 'lxp' }, read(4, 5002, 120))).toMatchObject({ errorCode: 2 })
    expect(answerTo({}, read(3, 399, 2))).toMatchObject({ errorCode: 2 })
  })

  test('is met with silence where a serial number is wrong, whichever', () => {
    const payload = bytesOf([40])
    expect(answerTo({}, requestOf(4, 0, payload, { datalog: 'OTHER00001' }))).toBeUndefined()
    expect(answerTo({}, requestOf(4, 0, payload, { inverter: 'OTHER00001' }))).toBeUndefined()
    expect(answerTo({}, requestOf(4, 0, payload))).toBeDefined()
  })

  test('the interval, parameter 0 of the dongle, is answered; other parameters and writing them are not', () => {
    const param = (tcpFunction: number, body: number[]) =>
      framesOf(frame(Uint8Array.from(body), { tcpFunction, protocol: 1 }), 'request').frames[0]!
    const answer = answerTo({}, param(0xc3, [0, 0]))
    expect(answer).toMatchObject({ type: 'read_param', register: 0, datalog: DATALOG })
    expect(answer!.data).toEqual(Uint8Array.of(120, 0))
    expect(answerTo({}, param(0xc3, [7, 0]))).toBeUndefined()
    expect(answerTo({}, param(0xc4, [3, 0, 2, 0, 165, 0]))).toBeUndefined()
  })

  test('functions that nobody knows are refused as such, and heartbeats that come back say nothing', () => {
    expect(answerTo({}, requestOf(33, 0, [1, 0]))).toMatchObject({
      type: 'exception',
      deviceFunction: 33,
      errorCode: 1,
    })
    const [heartbeat] = framesOf(sceneOf().dongle.heartbeat(), 'request').frames
    expect(answerTo({}, heartbeat!)).toBeUndefined()
  })
})

describe('writing', () => {
  const write = (register: number, value: number) => requestOf(6, register, bytesOf([value]))
  const writeMany = (register: number, ...words: number[]) =>
    requestOf(16, register, [...bytesOf([words.length]), words.length * 2, ...bytesOf(words)])
  const holdAt = (dongle: ReturnType<typeof sceneOf>['dongle'], register: number, count: number, at = START) =>
    valuesOf([dongle.answer(read(3, register, count), at)!], 'hybrid')

  test('one register is echoed and kept', () => {
    const { dongle } = sceneOf()
    const echo = parsed(dongle.answer(write(67, 90), START))
    expect(echo).toMatchObject({ type: 'write_single', register: 67, deviceFunction: 6 })
    expect(echo!.data).toEqual(Uint8Array.of(90, 0))
    expect(holdAt(dongle, 67, 1)).toEqual({ ac_charge_soc_limit: 90 })
  })

  test('several registers are confirmed with their count and kept', () => {
    const { dongle } = sceneOf()
    expect(parsed(dongle.answer(writeMany(68, 0x1e01, 0x0004), START))).toMatchObject({
      type: 'write_multi',
      register: 68,
      count: 2,
    })
    expect(holdAt(dongle, 68, 2)).toEqual({ ac_charge_start_1: '01:30', ac_charge_end_1: '04:00' })
  })

  test('the clock is set, and goes on from there', () => {
    const { dongle } = sceneOf()
    dongle.answer(writeMany(12, 0x0c1f, 0x171f, 0x3a3b), START) // 2031-12-31 23:59:58, month high, hour high, second high
    expect(holdAt(dongle, 12, 3, START + 3000)).toEqual({
      ...{ time_year: 32, time_month: 1, time_day: 1, time_hour: 0, time_minute: 0, time_second: 1 },
    })
  })

  test('the minute alone is set without moving the rest of the clock', () => {
    const { dongle } = sceneOf()
    dongle.answer(write(14, 30), START) // 01:00:00 becomes 01:30:00
    expect(holdAt(dongle, 12, 3, START + 1000)).toMatchObject({
      time_day: 1,
      time_hour: 1,
      time_minute: 30,
      time_second: 1,
    })
  })

  test.each([0, 1, 2, 6, 7, 10, 19, 233, 234])('setting %i, which nobody can set, is refused and stays', register => {
    const { dongle } = sceneOf()
    const before = holdAt(dongle, register, 1)
    expect(parsed(dongle.answer(write(register, 7), START))).toMatchObject({
      type: 'exception',
      deviceFunction: 6,
      register,
      errorCode: 3,
    })
    expect(holdAt(dongle, register, 1)).toEqual(before)
  })

  test('several registers of which one cannot be set change nothing', () => {
    const { dongle } = sceneOf()
    const before = holdAt(dongle, 16, 6)
    expect(parsed(dongle.answer(writeMany(18, 5, 5, 5), START))).toMatchObject({ type: 'exception', errorCode: 3 })
    expect(holdAt(dongle, 16, 6)).toEqual(before)
  })

  test('bit 0 of settings 21 and 110 is refused, other bits are not', () => {
    const { dongle } = sceneOf()
    for (const register of [21, 110]) {
      const word = parsed(dongle.answer(read(3, register, 1), START))!.data
      const value = word[0]! | (word[1]! << 8)
      expect(parsed(dongle.answer(write(register, value ^ 1), START))).toMatchObject({ errorCode: 3 })
      expect(parsed(dongle.answer(write(register, value ^ 0x80), START))).toMatchObject({ type: 'write_single' })
    }
  })

  test('behind the last register is an address error', () => {
    expect(answerTo({}, write(400, 1))).toMatchObject({ type: 'exception', errorCode: 2 })
    expect(answerTo({}, writeMany(399, 1, 1))).toMatchObject({ type: 'exception', errorCode: 2 })
  })

  test('has an effect: an inverter in standby makes nothing, and the grid carries the house', () => {
    const { dongle } = sceneOf()
    const word = parsed(dongle.answer(read(3, 21, 1), START))!.data
    dongle.answer(write(21, (word[0]! | (word[1]! << 8)) & ~0x200), START)
    const values = valuesOf(dongle.burst(START + 20_000), 'hybrid')
    expect(values).toMatchObject({ inverter_status: 'standby', pv1_power: 0, output_power: 0, discharge_power: 0 })
    expect(values['grid_import_power']).toBe(values['load_power'])
  })

  test('has an effect: charging from the grid begins with its window', () => {
    const { dongle } = sceneOf({ start: Date.UTC(2026, 5, 1, 21), model: 'hybrid' })
    const at = Date.UTC(2026, 5, 1, 21)
    dongle.answer(write(67, 100), at)
    dongle.answer(writeMany(68, 0x0015, 0x0017), at) // 21:00 to 23:00
    expect(valuesOf(dongle.burst(at + 60_000), 'hybrid')).toMatchObject({
      inverter_status: 'ac_charge',
      ac_charging_power: 3000,
    })
    expect(valuesOf(dongle.burst(at + 2 * 3_600_000 + 60_000), 'hybrid')).toMatchObject({ ac_charging_power: 0 })
  })
})
