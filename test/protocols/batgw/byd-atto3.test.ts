import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { bydAtto3 } from '../../../src/protocols/batgw/batteries/byd-atto3/byd-atto3.ts'
import type { BatteryDriver } from '../../../src/protocols/batgw/battery-driver.ts'
import { answer, broadcasts, withChecksum } from './pack.ts'
import { configOf, frameOf, loadStructs, textOf } from './rig.ts'

const CAPTURES = process.env['WATTZUP_CAPTURES']

function driver(options = ''): BatteryDriver {
  const config = configOf(
    `battery { protocol byd interface can0 ${options} }\ninverter { protocol byd interface can1 }\n`,
  )
  return bydAtto3.create(config.battery.options, loadStructs('byd-atto3'))
}

/** A driver that has heard these frames at these times. */
function heard(...frames: readonly (readonly [at: number, text: string])[]): BatteryDriver {
  const battery = driver()
  for (const [at, text] of frames) battery.handle(frameOf(text), at)
  return battery
}

/** What is sent within `ms`, with the time. */
function played(battery: BatteryDriver, ms: number, each: (at: number) => void = () => {}, mayClose = false) {
  const sent: { readonly at: number; readonly text: string }[] = []
  battery.start(0)
  for (let at = 0; at <= ms; at += 10) {
    each(at)
    sent.push(...battery.tick(at, mayClose).map(frame => ({ at, text: textOf(frame) })))
  }
  return sent
}

describe('broadcasts', () => {
  test('of a real pack, charging with 3.1 A, give the values of the protocol page', () => {
    const view = heard([0, '344#84411F0000000813'], [0, '345#D300FA0100CB0165'], [0, '444#A6016913645F9683']).view(1)
    expect(view).toMatchObject({
      running: true,
      contactors: 'closed',
      chargeW: 50_600,
      dischargeW: 21_100,
      voltageDv: 4220,
      currentDa: 31,
      sohBp: 10_000,
    })
  })

  test('of another real pack give pack voltage, temperatures and a precise state of charge', () => {
    const view = heard([0, '438#555501D6476810BF'], [0, '447#09300140E003386A'], [0, '444#A4018813636300F9']).view(1)
    expect(view).toMatchObject({ voltageDv: 4200, socBp: 9920, averageDc: 160, sohBp: 9900, currentDa: 0 })
    expect(view.temperatures).toEqual([{ min: 80, max: 240, minAt: 9, maxAt: 1 }])
  })

  test('prefer 438 to 444 to the answer to a question, as long as each is less than 10 s old', () => {
    const battery = heard(
      [0, broadcasts({ volts: 422.3 })['438']!],
      [500, broadcasts({ volts: 421 })['444']!],
      [1000, answer(0x0008, 420, 2)],
    )
    expect(battery.view(9999).voltageDv).toBe(4223)
    expect(battery.view(10_000).voltageDv).toBe(4210)
    expect(battery.view(10_500).voltageDv).toBe(4200)
    expect(battery.view(11_000).voltageDv).toBeUndefined()
  })

  test('with a wrong checksum neither count nor keep the pack alive', () => {
    for (const id of ['344', '345', '438', '444', '446', '447']) {
      const right = broadcasts()[id]!
      const wrong = `${right.slice(0, -2)}${right.endsWith('00') ? '01' : '00'}`
      const battery = heard([0, wrong])
      expect(battery.view(1)).toEqual({
        ...driver().view(1),
        contactors: id === '344' ? 'open' : 'unknown', // seen, but not to be believed
      })
      expect([...battery.rejected]).toEqual([[`checksum: ${id}`, 1]])
    }
    expect(heard([0, '43D#22FC0CFE0CFF0F00']).rejected.get('checksum: 43D')).toBe(1)
  })

  test('that are not checked keep the pack alive for 10.0 s', () => {
    const battery = heard([0, '244#0000000000000000'])
    expect(battery.view(9999).running).toBe(true)
    expect(battery.view(10_000).running).toBe(false)
  })

  test('with values out of range keep the pack alive, but not the values', () => {
    const cases: readonly (readonly [Partial<Parameters<typeof broadcasts>[0] & object>, string, string])[] = [
      [{ minMv: 999 }, '446', 'cells'],
      [{ maxMv: 4095 }, '446', 'cells'],
      [{ volts: 99.9 }, '438', 'voltageDv'],
      [{ volts: 1000.1 }, '438', 'voltageDv'],
      [{ soc: 100.1 }, '447', 'socBp'],
      [{ maxC: 101 }, '447', 'temperatures'],
      [{ chargeW: 200_100 }, '345', 'chargeW'],
      [{ amps: 500.1 }, '444', 'currentDa'],
    ]
    for (const [change, id, value] of cases) {
      const battery = heard([0, broadcasts(change)[id]!])
      expect([undefined, []]).toContainEqual(battery.view(1)[value as keyof ReturnType<BatteryDriver['view']>])
      expect(battery.view(1).running).toBe(true)
      expect([...battery.rejected.keys()].join()).toMatch(/^out of range: /)
    }
  })

  test('tell the variant of the pack by cell 105', () => {
    const with105 = withChecksum('43D', [34, 0xfe, 0x0c, 0xfe, 0x0c, 0xfe, 0x0c])
    const without = withChecksum('43D', [34, 0xfe, 0x0c, 0xfe, 0x0c, 0xff, 0x0f])
    const wrong = (options: string, frame: string) => {
      const battery = driver(options)
      battery.handle(frameOf(frame), 0)
      return battery.view(1).wrongVariant
    }
    expect(wrong('', with105)).toBe(false)
    expect(wrong('', without)).toBe(true)
    expect(wrong('pack standard', with105)).toBe(true)
    expect(wrong('pack standard', without)).toBe(false)
    expect(wrong('pack standard', withChecksum('43D', [33, 0xfe, 0x0c, 0xfe, 0x0c, 0xfe, 0x0c]))).toBe(false)
  })
})

describe('questions by UDS', () => {
  test('go round the 15 data identifiers, one every 200 ms', () => {
    const asked = played(driver('contactors never'), 6000).map(({ text }) => text)
    const order = ['0005', '0008', '0009', '002F', '0031', '0032', '002B', '002D', '000A', '000E', '000B', '000F']
    const round = [...order, '0010', '0011', '0012'].map(did => `7E7#0322${did}00000000`)
    expect(asked).toEqual([...round, ...round, round[0]])
  })

  test('are answered by real packs as the protocol page says', () => {
    const battery = heard(
      [0, '7EF#0562002BFC0CAAAA'],
      [200, '7EF#0562002D000DAAAA'],
      [400, '7EF#0462002F3EAAAAAA'],
      [600, '7EF#046200313FAAAAAA'],
    )
    battery.handle(frameOf('7EF#056200096913AAAA'), 700)
    expect(battery.view(800)).toMatchObject({
      running: false, // answers alone are no sign of life
      cells: [{ min: 3324, max: 3328 }],
      temperatures: [{ min: 220, max: 230 }],
      currentDa: 31,
    })
    battery.handle(frameOf('7EF#056200096414AAAA'), 900)
    expect(battery.view(900).currentDa).toBe(-220)
  })

  test('give a pair only with its second half, the first being at most 1 s old', () => {
    const lowest = answer(0x002b, 3324, 2)
    const highest = answer(0x002d, 3328, 2)
    expect(heard([0, lowest]).view(1).cells).toEqual([])
    expect(heard([0, highest]).view(1).cells).toEqual([])
    expect(heard([0, lowest], [1000, highest]).view(1000).cells).toHaveLength(1)
    expect(heard([0, lowest], [1001, highest]).view(1001).cells).toEqual([])
    const late = heard([0, lowest], [1000, highest])
    expect(late.view(10_999).cells).toHaveLength(1) // its age counts from the second half
    expect(late.view(11_000).cells).toEqual([])
  })

  test('stand beside broadcasts: both pairs have to pass, of the powers the smaller counts', () => {
    const battery = heard(
      [0, broadcasts()['446']!],
      [0, broadcasts()['345']!],
      [0, answer(0x002b, 3000, 2)],
      [0, answer(0x002d, 3230, 2)],
      [0, answer(0x000a, 100, 2)],
      [0, answer(0x000e, 300, 2)],
    )
    const { cells, chargeW, dischargeW } = battery.view(1)
    expect(cells.map(({ min, max }) => max - min)).toEqual([4, 230])
    expect({ chargeW, dischargeW }).toEqual({ chargeW: 10_000, dischargeW: 21_100 })
  })

  test('of cells that are not available, or out of range, give no pair', () => {
    for (const mv of [4095, 999, 4501]) {
      expect(heard([0, answer(0x002b, 3324, 2)], [1, answer(0x002d, mv, 2)]).view(1).cells).toEqual([])
      expect(heard([0, answer(0x002b, mv, 2)], [1, answer(0x002d, 3328, 2)]).view(1).cells).toEqual([])
    }
  })

  test('that are refused, or answered with another length or by another service, change nothing', () => {
    const frames = ['7EF#037F2231AAAAAAAA', '7EF#0462000850AAAAAA', '7EF#05620008A601AAAA', '7EF#0563000850010000']
    const battery = heard(...frames.map(text => [0, text] as const))
    expect(battery.view(1).voltageDv).toBe(4220) // of the third
    expect(battery.rejected.get('uds: question refused')).toBe(1)
    expect(battery.rejected.get('uds: not an answer to our questions')).toBe(2)
  })

  test('give leave to go on to a long answer to our own question, once', () => {
    const battery = driver('contactors never')
    battery.start(0)
    expect(battery.tick(0, false).map(textOf)).toEqual(['7E7#0322000500000000'])
    battery.handle(frameOf('7EF#1008620005010203'), 10)
    battery.handle(frameOf('7EF#1008620005010203'), 11)
    expect(battery.tick(12, false).map(textOf)).toEqual(['7E7#3008050000000000'])
    battery.handle(frameOf('7EF#1008621FFE010203'), 13) // an answer to somebody else
    expect(battery.tick(14, false)).toEqual([])
  })
})

describe('the vehicle that the gateway plays', () => {
  test('counts up in 12D with right checksums, as a real car does', () => {
    const states = played(driver(), 800).filter(({ text }) => text.startsWith('12D'))
    const recorded = ['12D#A02802A00C71CF49', '12D#A02802A00C71DF39', '12D#A02802A00C71EF29']
    expect(states.map(({ text }) => text).slice(12, 15)).toEqual(recorded)
    expect(states.map(({ at }) => at)).toEqual(Array.from({ length: 17 }, (_, n) => n * 50))
  })

  test.skipIf(CAPTURES === undefined)('sends the close frames of a recorded car, byte for byte', () => {
    const rows = readFileSync(join(CAPTURES!, 'batgw/atto3-close-run-15s.csv'), 'utf8').trim().split(/\r?\n/).slice(1)
    const texts = rows.map(row => {
      const cells = row.split(',')
      return `${cells[1]!.slice(-3)}#${cells.slice(6, 14).join('')}`
    })
    const known = new Set(played(driver(), 1000).map(({ text }) => text))
    const closing = texts.filter(text => text.startsWith('12D#A02802A00C71'))
    expect(closing.length).toBeGreaterThan(20)
    expect(closing.filter(text => !known.has(text))).toEqual([])
  })

  test('repeats the voltage of 444 in 441 every 100 ms, and says 12 V before it was heard', () => {
    const battery = driver()
    const link = played(battery, 500, at => {
      if (at === 250) battery.handle(frameOf('444#A6016913645F9683'), at)
    }).filter(({ text }) => text.startsWith('441'))
    expect(link.map(({ text }) => text)).toEqual([
      ...Array<string>(3).fill('441#983A88130C00FF87'),
      ...Array<string>(3).fill('441#983A8813A601FFEC'),
    ])
    expect(link.map(({ at }) => at)).toEqual([0, 100, 200, 300, 400, 500])
  })

  test('is ready to drive after 1.15 s and when 344 says closed, not before', () => {
    const ready = (closedAt: number) => {
      const battery = driver()
      const sent = played(battery, 3000, at => {
        if (at >= closedAt) battery.handle(frameOf(broadcasts()['344']!), at)
      })
      return sent.find(({ text }) => text.startsWith('12D#A02800220C31'))?.at
    }
    expect(ready(0)).toBe(1150)
    expect(ready(2000)).toBe(2000)
    expect(ready(Number.POSITIVE_INFINITY)).toBeUndefined()
  })

  test('does not exist with contactors "never"', () => {
    const ids = played(driver('contactors never'), 1000).map(({ text }) => text.slice(0, 3))
    expect(new Set(ids)).toEqual(new Set(['7E7']))
  })
})
