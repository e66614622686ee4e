import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { bydAtto3 } from '../../../../src/protocols/batgw/batteries/byd-atto3/byd-atto3.ts'
import type { BatteryDriver } from '../../../../src/protocols/batgw/battery-driver.ts'
import { parseOptions } from '../../../../src/protocols/batgw/config/parse-options.ts'
import { withChecksum } from '../pack.ts'
import { frameOf, loadStructs } from '../rig.ts'
import { type Play, Stage } from './stage.ts'

const CAPTURES = process.env['WATTZUP_CAPTURES']

/** A pack whose contactors need no command. */
function pack(set: Play['set'] = {}, play: Play = {}): Stage {
  return new Stage(bydAtto3, { ...play, set: { contactors: 'stay closed', ...set } }).advance(2500)
}

/** The gateway's driver after it has heard all that the stage has sent. */
function heard(stage: Stage, options = ''): BatteryDriver {
  const driver = bydAtto3.create(parseOptions(options, 'battery', bydAtto3.options), loadStructs('byd-atto3'))
  for (const { at, text } of stage.sent) driver.handle(frameOf(text), at)
  return driver
}

function ask(stage: Stage, did: number): string | undefined {
  stage.take()
  stage.hear(`7E7#0322${did.toString(16).padStart(4, '0')}00000000`)
  return stage.last('7EF')
}

describe('frames of a pretended Atto 3 pack', () => {
  test('are byte for byte those of a real one in the same state', () => {
    const stage = pack({ voltage: 422, soc: 95, soh: 100, current: 3.1 })
    // one pack, charging with 3.1 A, all within 50 ms
    expect(stage.last('344')).toBe('344#84411F0000000813')
    expect(stage.last('345')).toBe('345#D300FA0100CB0165')
    expect(stage.last('444')).toBe('444#A6016913645F9683')
    expect(stage.last('245')).toBe('245#01130A1E37225C0E')
    expect(stage.last('35E')).toBe('35E#8180608A105D00A7')
    expect(stage.last('43A')).toBe('43A#7E0A901A000000CD')
    expect(pack({ voltage: 420 }).last('438')).toBe('438#555501D6476810BF')
    const cold = pack({ soc: 99.2, min_temperature: 8, max_temperature: 24 })
    expect(cold.last('447')).toBe('447#09300140E003386A')
  })

  test.skipIf(CAPTURES === undefined)('are those of the recording of that pack', () => {
    const lines = readFileSync(join(CAPTURES!, 'batgw/real-frames.candump.log'), 'utf8').split('\n')
    const real = lines.filter(line => /^\(233\..* (344|345|35E|444|245)#/.test(line)).map(line => line.split(' ')[2])
    const stage = pack({ voltage: 422, soc: 95, current: 3.1 })
    expect(real).toHaveLength(5)
    for (const text of real) expect(stage.last(text!.slice(0, 3))).toBe(text)
  })

  test('have the checksum of the family, but for answers', () => {
    for (const { text } of pack().sent) {
      const { id, data } = frameOf(text)
      const hex = id.toString(16).toUpperCase()
      expect(text).toBe(withChecksum(hex, [...data.subarray(0, 7)]))
    }
  })

  test('come as often as those of real ones', () => {
    const stage = pack()
    stage.take()
    stage.advance(10_000)
    const counts: Record<string, number> = {}
    for (const { text } of stage.sent) counts[text.slice(0, 3)] = (counts[text.slice(0, 3)] ?? 0) + 1
    expect(counts).toMatchObject({ '345': 100, '446': 10, '344': 100, '43D': 200 })
  })

  test('say all 126 cells within 2.1 s, the extremes where 446 says they are', () => {
    const stage = pack({ min_cell_voltage: 3.31, max_cell_voltage: 3.35 })
    stage.take()
    stage.advance(2100)
    const cells = new Map<number, number>()
    for (const { text } of stage.sent.filter(frame => frame.text.startsWith('43D#'))) {
      const { data } = frameOf(text)
      for (const i of [0, 1, 2]) cells.set(data[0]! * 3 + i + 1, data[1 + 2 * i]! + 256 * data[2 + 2 * i]!)
    }
    expect(cells.size).toBe(126)
    const said = frameOf(stage.last('446')!).data
    expect([cells.get(said[0]!), cells.get(said[4]!)]).toEqual([3310, 3350])
    expect(new Set([...cells.values()])).toEqual(new Set([3310, 3330, 3350]))
  })

  test('say FFF for cells that a standard pack does not have', () => {
    const stage = pack({}, { options: 'pack "standard"' })
    const cells = stage.sent.filter(({ text }) => /^43D#(22|23|29)/.test(text)).map(({ text }) => text.slice(0, 18))
    expect(new Set(cells)).toEqual(new Set(['43D#22150D150DFF0F', '43D#23FF0FFF0FFF0F', '43D#29FF0FFF0FFF0F']))
    expect(heard(stage, 'pack "standard"').view(stage.at).wrongVariant).toBe(false)
    expect(heard(stage).view(stage.at).wrongVariant).toBe(true)
    expect(heard(pack(), 'pack "standard"').view(stage.at).wrongVariant).toBe(true)
  })

  test('say nothing about sensors that are not populated', () => {
    const temperatures = pack({ max_temperature: 24 }).sent.filter(({ text }) => text.startsWith('43C#'))
    const [first, second] = temperatures.map(({ text }) => text.slice(4, 18))
    expect(first).toBe('00403E3E3E3E3E') // sensor 1 is the hottest
    expect(second).toBe('013E3E3E3EFFFF') // ten sensors
  })
})

describe('what is set', () => {
  test('comes out of the gateway driver exactly', () => {
    const cell = fc.integer({ min: 1000, max: 4094 })
    const temperature = fc.integer({ min: -40, max: 100 })
    const state = fc.record({
      soc: fc.integer({ min: 0, max: 1000 }),
      soh: fc.integer({ min: 1, max: 100 }),
      current: fc.integer({ min: -5000, max: 5000 }),
      cells: fc.tuple(cell, cell),
      temperatures: fc.tuple(temperature, temperature),
      voltage: fc.integer({ min: 1000, max: 10_000 }),
      powers: fc.tuple(fc.integer({ min: 0, max: 2000 }), fc.integer({ min: 0, max: 2000 })),
    })
    fc.assert(
      fc.property(state, ({ soc, soh, current, cells, temperatures, voltage, powers }) => {
        const stage = pack({
          soc: soc / 10,
          soh,
          current: current / 10,
          min_cell_voltage: cells[0] / 1000,
          max_cell_voltage: cells[1] / 1000,
          min_temperature: temperatures[0],
          max_temperature: temperatures[1],
          voltage: voltage / 10,
          max_charge_power: powers[0] * 100,
          max_discharge_power: powers[1] * 100,
        })
        const driver = heard(stage)
        expect(driver.rejected.size).toBe(0)
        expect(driver.view(stage.at)).toMatchObject({
          running: true,
          cells: [{ min: cells[0], max: cells[1], minAt: 1, maxAt: 37 }],
          temperatures: [{ min: temperatures[0] * 10, max: temperatures[1] * 10, minAt: 9, maxAt: 1 }],
          voltageDv: voltage,
          currentDa: current,
          socBp: soc * 10,
          sohBp: soh * 100,
          chargeW: powers[0] * 100,
          dischargeW: powers[1] * 100,
          contactors: 'closed',
        })
      }),
      { numRuns: 25 },
    )
  })

  test('makes the voltage of the pack of its cells, unless that is set', () => {
    const volts = (stage: Stage) => heard(stage).view(stage.at).voltageDv
    expect(volts(pack({ min_cell_voltage: 3.3, max_cell_voltage: 3.4 }))).toBe(4221) // 126 x 3.35 V
    expect(volts(pack({ min_cell_voltage: 3.3, max_cell_voltage: 3.4, voltage: 399.9 }))).toBe(3999)
    const standard = pack({ min_cell_voltage: 3.3, max_cell_voltage: 3.4 }, { options: 'pack "standard"' })
    expect(volts(standard)).toBe(3484)
  })

  test('may be that nothing is known of a cell: 4.095 V goes out as FFF', () => {
    const stage = pack({ max_cell_voltage: 4.095 })
    expect(stage.last('446')!.slice(14, 18)).toBe('FF0F')
    expect(heard(stage).view(stage.at).cells).toEqual([])
  })

  test('fits the wire at both ends of every range', () => {
    for (const end of ['low', 'high'] as const) {
      const settings = Object.entries(bydAtto3.simulator.settings)
      const set = Object.fromEntries(
        settings.flatMap(([name, setting]) => (setting.type === 'number' ? [[name, setting[end]]] : [])),
      )
      const stage = pack(set)
      for (let did = 0; did < 0x40; did++) expect(ask(stage, did)).toMatch(/^7EF#/)
    }
  })

  test('flows as current only through closed contactors', () => {
    const current = (set: Play['set']) => heard(pack(set)).view(7500).currentDa
    expect(current({ current: -12 })).toBe(-120)
    expect(current({ current: -12, contactors: 'stay open' })).toBe(0)
    expect(current({ current: -12, contactors: 'obey' })).toBe(0) // nobody told it to close them
  })
})

describe('questions by UDS', () => {
  test('are answered as a real pack answers them', () => {
    const stage = pack({
      min_cell_voltage: 3.324,
      max_cell_voltage: 3.328,
      min_temperature: 22,
      max_temperature: 23,
      voltage: 422,
    })
    // a BYD Seal
    expect(ask(stage, 0x002b)).toBe('7EF#0562002BFC0CAAAA')
    expect(ask(stage, 0x002d)).toBe('7EF#0562002D000DAAAA')
    expect(ask(stage, 0x002f)).toBe('7EF#0462002F3EAAAAAA')
    expect(ask(stage, 0x0031)).toBe('7EF#046200313FAAAAAA')
    // worked by hand
    expect(ask(stage, 0x0009)).toBe('7EF#056200096913AAAA')
    expect(ask(stage, 0x0008)).toBe('7EF#05620008A601AAAA')
    expect(ask(stage, 0x0005)).toBe('7EF#046200055FAAAAAA')
  })

  test('for something that the pack does not have are refused', () => {
    expect(ask(pack(), 0x1ffe)).toBe('7EF#037F2231AAAAAAAA')
    expect(ask(pack(), 0xffff)).toBe('7EF#037F2231AAAAAAAA')
  })

  test('that are none get no answer', () => {
    const stage = pack()
    stage.take()
    stage.hear(
      '7E7#0322002B',
      '7E7#042200050000000',
      '7E7#0219020900000000',
      '7E7#3008050000000000',
      '7E8#0322002B00000000',
    )
    stage.hear('7E7#1022002B00000000', '000007E7#0322002B00000000')
    expect(stage.last('7EF')).toBeUndefined()
  })

  test('without end are not remembered without end', () => {
    const stage = pack()
    stage.take()
    for (let i = 0; i < 1000; i++) stage.simulation.handle(frameOf('7E7#0322000500000000'), stage.at)
    stage.advance(0)
    expect(stage.sent.filter(({ text }) => text.startsWith('7EF#'))).toHaveLength(16)
  })

  test('all together give the gateway every value a second time', () => {
    const stage = pack(
      {},
      {
        part: {
          events: [
            { at: 0, silent: ['cell_extremes', 'cell_temperatures', 'pack_voltage', 'pack_status', 'allowed_power'] },
          ],
        },
      },
    )
    for (const did of [5, 8, 9, 0x2f, 0x31, 0x32, 0x2b, 0x2d, 0xa, 0xe]) {
      stage.hear(`7E7#0322${did.toString(16).padStart(4, '0')}00000000`)
      stage.advance(200)
    }
    expect(heard(stage).view(stage.at)).toMatchObject({
      cells: [{ min: 3347, max: 3351 }],
      temperatures: [{ min: 220, max: 230 }],
      ...{ voltageDv: 4220, currentDa: 31, socBp: 9500, chargeW: 50_600, dischargeW: 21_100 },
    })
  })
})
