import { describe, expect, test } from 'vitest'
import { frame, type Part, packet, payload, publish } from './frames.ts'

// Expected values: the table "Plausibility filters" of docs/protocols/myenergi.md.

const SERIAL = 14_725_836
const record = (length: number, ...parts: readonly Part[]) => packet(frame(payload(length, ...parts)))
const voltage = (frequency: number, volts: number) => record(0x1f, [0x22, 'u16', frequency], [0x32, 'u16', volts])
const powers = (generation: number, grid: number, diverted: number) =>
  record(0x22, [0x22, 'i16', generation], [0x1e, 'i16', grid], [0x32, 'i16', diverted])
const diverted = (hundredths: number) => record(0x20, [0x2c, 'u16', hundredths])

describe('frequency and voltage', () => {
  test.each([
    [4500, 800, true],
    [6500, 2900, true],
    [4499, 799, false],
    [6501, 2901, false],
  ])('%i x 0.01 Hz and %i x 0.1 V', async (frequency, volts, plausible) => {
    const { values, held } = await publish([voltage(frequency, volts)])
    const readings = plausible ? { frequency: frequency / 100, voltage: volts / 10 } : {}
    expect(values).toEqual([{ serial: SERIAL, diverted_kWh: 0, ...readings }])
    expect(held).toEqual(plausible ? {} : { frequency: 1, voltage: 1 })
  })
})

describe('powers', () => {
  test.each([
    [-100, -30_000, 30_000, {}],
    [-101, 0, 0, { generation: 1 }],
    [30_001, 30_001, -30_001, { power: 3 }],
    [-32_768, -32_768, 32_767, { power: 3 }],
  ])('generation %i, grid %i, diverted %i', async (generation, grid, power, held) => {
    const result = await publish([powers(generation, grid, power)])
    expect(result.held).toEqual(held)
    const all = Object.entries({ gen_pwr: generation, grid_pwr: grid, divert_pwr: power })
    const kept = all.filter(([, value]) => value >= (value === generation ? -100 : -30_000) && value <= 30_000)
    expect(result.values).toEqual([{ serial: SERIAL, ...Object.fromEntries(kept) }])
  })

  test('a negative power read without sign', async () => {
    expect((await publish([record(0x20, [0x34, 'i16', -36])])).held).toEqual({ power: 1 })
  })
})

test('serial number 0 takes the whole frame away', async () => {
  expect(await publish([record(0x22, [0x2e, 'u32', 0])])).toMatchObject({ values: [], held: { serial: 1 } })
})

test('both heaters at once', async () => {
  const { values, held } = await publish([record(0x20, [0x2e, 'u16', 0x0320])])
  expect(held).toEqual({ heaters: 1 })
  expect(values).toEqual([{ serial: SERIAL, diverted_kWh: 0, divert_pwr: 0, stopped: 0, boost: 0 }])
})

test('a history without voltage and frequency', async () => {
  const result = await publish([record(0x36, [0x30, 'i16', 5]), record(0x36, [0x38, 'i16', 2400])], { debugKeys: true })
  expect(result.held).toEqual({ history: 1 })
  expect(result.values).toMatchObject([{ '0x36/v9': 2400 }])
})

test('the energy of today falls at midnight only, for each device', async () => {
  const other = record(0x20, [0x1e, 'u32', 7], [0x2c, 'u16', 100])
  const { values, held } = await publish([
    diverted(412),
    diverted(411),
    other,
    diverted(413),
    diverted(49),
    diverted(50),
  ])
  expect(values.map(({ diverted_kWh }) => diverted_kWh)).toEqual([4.12, undefined, 1, 4.13, 0.49, 0.5])
  expect(held).toEqual({ diverted: 1 })
})

test('blank firmware words keep their last value', async () => {
  const words = (one: number, two: number) => record(0x27, [0x22, 'u16', 5000], [0x38, 'i16', one], [0x36, 'i16', two])
  const { values, held } = await publish([words(0, 7), words(5, 0), words(0, 0)], { debugKeys: true })
  const firmware = values.map(({ '0x27/fw1': one, '0x27/fw2': two }) => [one, two])
  expect(firmware).toEqual([
    [undefined, 7],
    [5, 7],
    [5, 7],
  ])
  expect(held).toEqual({ firmware: 4 })
})

describe('current transformers', () => {
  const generation = (power: number, type = 3) =>
    record(0x2b, [0x22, 'u16', 5000], [0x30, 'u16', 0x3108], [0x32, 'u8', type], [0x34, 'i16', power])
  const seen = async (type: number, powers: readonly number[]) => {
    const packets = powers.map(power => generation(power, type))
    const { values, held } = await publish(packets, { structural: true })
    return { powers: values.map(reading => reading['ct3/power']), held: held['ct'] ?? 0 }
  }

  test('a step of more than 5 kW counts when the next sample confirms it', async () => {
    const { powers, held } = await seen(2, [100, 9000, 120, -6000, -6100, -6050])
    expect(powers).toEqual([100, undefined, 120, undefined, -6100, -6050])
    expect(held).toBe(2)
  })

  test('generation is not 0 for one sample', async () => {
    expect((await seen(3, [2600, 0, 2610])).powers).toEqual([2600, undefined, 2610])
    expect((await seen(3, [2600, 0, 0])).powers).toEqual([2600, undefined, 0])
    expect((await seen(3, [400, 0, 410])).powers).toEqual([400, 0, 410])
    expect((await seen(2, [2600, 0, 2610])).powers).toEqual([2600, 0, 2610])
  })
})

test('without the filter all is as it came', async () => {
  const packets = [voltage(0, 0), diverted(412), diverted(100), record(0x22, [0x2e, 'u32', 0])]
  const { values, held } = await publish(packets, { filter: false })
  expect(values.map(({ diverted_kWh, serial }) => [serial, diverted_kWh])).toEqual([
    [SERIAL, 0],
    [SERIAL, 4.12],
    [SERIAL, 1],
    [0, undefined],
  ])
  expect(held).toEqual({})
})

test('grid power beyond 16 bits shows with the structure, up to 250 kW', async () => {
  const grid = (watts: number) => record(0x22, [0x1e, 'i32', watts])
  const packets = [grid(-64), grid(40_000), grid(-250_000), grid(250_001)]
  const { values } = await publish(packets, { structural: true })
  expect(values.map(({ grid_power }) => grid_power)).toEqual([undefined, 40_000, -250_000, undefined])
})

test('words of 0x37 have names of their own, or those of the original', async () => {
  const packets = [record(0x37, [0x4d, 'i16', 1790])]
  const own = await publish(packets, { debugKeys: true })
  const compat = await publish(packets, { debugKeys: true, compatKeys: true })
  expect(own.values[0]).toMatchObject({ '0x37/v1': 1790 })
  expect(compat.values[0]).toMatchObject({ '0x27/v1': 1790 })
  expect(compat.readings[0]!.fields.map(({ name }) => name)).toContain('0x27/V5')
})

test('more devices than any house has are forgotten, not remembered for ever', async () => {
  const many = Array.from({ length: 300 }, (_, i) => record(0x20, [0x1e, 'u32', i + 1], [0x2c, 'u16', 400]))
  const again = record(0x20, [0x1e, 'u32', 1], [0x2c, 'u16', 100])
  expect((await publish([...many, again])).values.at(-1)).toMatchObject({ serial: 1, diverted_kWh: 1 })
})
