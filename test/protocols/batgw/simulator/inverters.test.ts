import { describe, expect, test } from 'vitest'
import { bydHvs } from '../../../../src/protocols/batgw/inverters/byd-hvs/byd-hvs.ts'
import { pylon } from '../../../../src/protocols/batgw/inverters/pylon/pylon.ts'
import { type Play, Stage } from './stage.ts'

/** 110 with these currents, 0.1 A. */
const limits = (chargeDa: number, dischargeDa: number) =>
  `110#11260EEC${[dischargeDa, chargeDa].map(da => da.toString(16).toUpperCase().padStart(4, '0')).join('')}`

/** What 091 says flows, 0.1 A. */
const flows = (stage: Stage) => Buffer.from(stage.last('091')!.slice(4), 'hex').readInt16BE(2)

function hvs(set: Play['set'] = {}): Stage {
  return new Stage(bydHvs, { set })
}

describe('a pretended inverter for a Battery-Box', () => {
  test('says its brand and asks, until the battery has identified itself', () => {
    const stage = hvs().advance(11_000)
    const greetings = stage.sent.filter(({ text }) => text.startsWith('151#'))
    expect(greetings.map(({ at, text }) => [at - 5000, text])).toEqual(
      [0, 5000, 10_000].flatMap(at => [
        [at, '151#00474F4F44574500'], // a GoodWe
        [at, '151#0100000000000000'], // a Sungrow
      ]),
    )
    stage.hear('250#03290066025C0209')
    stage.take()
    stage.advance(5000, () => stage.hear(limits(0, 0)))
    expect(stage.last('151')).toBeUndefined()
    expect(stage.told).toEqual(['the battery has identified itself, 60400 Wh'])
  })

  test('may be one that never asks', () => {
    const stage = hvs({ hello: 'never asks', brand: 'SUNGROW' }).advance(11_000)
    const greetings = stage.sent.filter(({ text }) => text.startsWith('151#')).map(({ text }) => text)
    expect(new Set(greetings)).toEqual(new Set(['151#0053554E47524F57']))
    expect(stage.last('191')).toBe('191#0404001700010400')
  })

  test('takes what it wants of what it may', () => {
    const stage = hvs({ current: 20 }).advance(2500)
    expect(flows(stage)).toBe(0) // nobody has allowed anything
    const told = (text: string) => flows(stage.advance(4000, () => stage.hear(text)))
    expect(told(limits(236, 236))).toBe(200)
    expect(told(limits(123, 236))).toBe(123)
    expect(told(limits(0, 236))).toBe(0)
    expect(stage.told).toEqual([
      'may charge 23.6 A, discharge 23.6 A',
      'may charge 12.3 A, discharge 23.6 A',
      'may charge 0 A, discharge 23.6 A',
    ])
    const discharging = hvs({ current: -20 })
    expect(flows(discharging.advance(4000, () => discharging.hear(limits(236, 71))))).toBe(-71)
    expect(discharging.simulation.flowing(discharging.at)).toBe(-7.1)
  })

  test('takes nothing any more when the battery is silent for 10 s, and asks again', () => {
    const stage = hvs({ current: 20 })
    stage.hear('250#03290066025C0209')
    stage.advance(4000, () => stage.hear(limits(236, 236)))
    stage.take()
    stage.advance(10_000)
    expect(flows(stage)).toBe(200)
    stage.advance(5000)
    expect(flows(stage)).toBe(0)
    expect(stage.told.at(-1)).toBe('the battery is silent: 0 A')
    expect(stage.last('151')).toBe('151#0100000000000000')
    stage.hear(limits(236, 236))
    expect(flows(stage.advance(2000))).toBe(200)
  })

  test('measures the voltage that the battery says, unless one is set', () => {
    const volts = (stage: Stage) => Number.parseInt(stage.last('091')!.slice(4, 8), 16) / 10
    const stage = hvs().advance(2500)
    expect(volts(stage)).toBe(0)
    stage.hear('1D0#107C001F00E60308')
    expect(volts(stage.advance(2500))).toBe(422)
    expect(volts(hvs({ voltage: 421.5 }).advance(2500))).toBe(421.5)
  })

  test('repeats the charge that it was told, and has a clock that goes', () => {
    const stage = hvs()
    stage.hear('150#251C2710059105DC')
    stage.advance(10_500)
    expect(stage.last('0D1')).toBe('0D1#03B6000000000000')
    expect(stage.last('111')).toBe('111#674F3C1A00000000')
  })

  test('does not mind frames that are no good', () => {
    const stage = hvs().advance(1000)
    stage.hear('110#', '110#1126', '110#FFFFFFFFFFFFFFFF', '250#', '00000110#11260EEC00EC00EC', '1D0#80008000800080')
    expect(stage.told).toEqual(['may charge 6553.5 A, discharge 6553.5 A'])
  })
})

const DIALECTS = {
  vendor: {
    options: '',
    identify: '00007320#7E00017E93019600',
    open: ['00004220#2611EC0E1C761C76', '00004280#0000000000000000'],
    forbidden: ['00004220#2611EC0E1C761C76', '00004280#AA00000000000000'],
    zero: ['00004220#2611EC0E30753075', '00004280#AAAA000000000000'],
  },
  legacy: {
    options: 'dialect "legacy" address 1',
    identify: '00007321#007E017E01930096',
    open: ['00004221#11260EEC00EC00EC', '00004281#0000000000000000'],
    forbidden: ['00004221#11260EEC00EC00EC', '00004281#AA00000000000000'],
    zero: ['00004221#11260EEC00000000', '00004281#AAAA000000000000'],
  },
  'low voltage': {
    options: 'dialect "low-voltage"',
    identify: '35E#50594C4F4E202020',
    open: ['351#1402EC00EC00C201', '35C#C000'],
    forbidden: ['351#1402EC00EC00C201', '35C#4000'],
    zero: ['351#140200000000C201', '35C#0000'],
  },
}

describe.each(Object.entries(DIALECTS))('a pretended inverter for Pylontech batteries, %s', (name, dialect) => {
  const { options, identify, open, forbidden, zero } = dialect

  function inverter(current: number): Stage {
    return new Stage(pylon, { options, set: { current } })
  }

  test('asks, or says that it is there, every second', () => {
    const stage = inverter(5).advance(2500)
    if (name === 'low voltage')
      expect(stage.take()).toEqual(['305#0000000000000000', '305#0000000000000000', '305#0000000000000000'])
    else
      expect(stage.take()).toEqual(
        Array.from({ length: 3 }, () => ['00004200#0200000000000000', '00004200#0000000000000000']).flat(),
      )
    stage.hear(identify)
    expect(stage.told).toEqual(['the battery has identified itself'])
    stage.take()
    stage.advance(1000, () => stage.hear(...open))
    expect(stage.take()).toEqual([name === 'low voltage' ? '305#0000000000000000' : '00004200#0000000000000000'])
  })

  test('takes what it may, and nothing of what is forbidden', () => {
    const stage = inverter(30)
    stage.advance(3000, () => stage.hear(...open))
    expect(stage.simulation.flowing(stage.at)).toBe(23.6)
    stage.advance(1000, () => stage.hear(...forbidden))
    expect(stage.simulation.flowing(stage.at)).toBe(0)
    stage.advance(1000, () => stage.hear(...open))
    stage.advance(1000, () => stage.hear(...zero))
    expect(stage.told).toEqual([
      'may charge 23.6 A, discharge 23.6 A',
      'may charge 0 A, discharge 23.6 A',
      'may charge 23.6 A, discharge 23.6 A',
      'may charge 0 A, discharge 0 A',
    ])
    const out = inverter(-30)
    out.advance(1000, () => out.hear(...forbidden))
    expect(out.simulation.flowing(out.at)).toBe(-23.6)
  })

  test('takes nothing any more when the battery is silent for 10 s', () => {
    const stage = inverter(30)
    stage.advance(3000, () => stage.hear(...open))
    stage.advance(9900)
    expect(stage.simulation.flowing(stage.at)).toBe(23.6)
    stage.advance(2000)
    expect(stage.simulation.flowing(stage.at)).toBe(0)
    expect(stage.told.at(-1)).toBe('the battery is silent: 0 A')
  })

  test('does not mind frames that are cut off or have a limit below nothing', () => {
    const stage = inverter(30)
    const cut = open.map(text => text.slice(0, text.indexOf('#') + 5))
    stage.advance(1000, () => stage.hear(...cut, ...open.map(text => text.slice(0, text.indexOf('#') + 1))))
    expect(stage.simulation.flowing(stage.at)).toBe(0)
    stage.advance(1000, () => stage.hear(...open))
    stage.advance(1000, () => stage.hear(...cut))
    expect(stage.told.join()).not.toContain('NaN')
  })
})

test('a discharge limit that counts down from 30000 is no order to charge', () => {
  const stage = new Stage(pylon, { set: { current: -30 } })
  stage.advance(1000, () => stage.hear('00004220#2611EC0E1C764474', '00004280#0000000000000000')) // as Ferroamp has it
  expect(stage.simulation.flowing(stage.at) + 0).toBe(0)
  expect(stage.told).toEqual(['may charge 23.6 A, discharge 0 A'])
})
