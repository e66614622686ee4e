import { describe, expect, test } from 'vitest'
import { broadcastList, broadcasts, PACK, type PackState } from './pack.ts'
import { BYD_CONFIG, Rig } from './rig.ts'

const HELLO = '151#0100000000000000'
const BRAND = '151#00474F4F44574500' // GOODWE

const IDENTIFICATION = [
  '250#03290066025C0209',
  '290#063710D900000000',
  '2D0#0042594400000000',
  '3D0#0042617474657279',
  '3D0#012D426F78205072',
  '3D0#02656D69756D2048',
  '3D0#0356530000000000',
]

/** A gateway whose pack has said everything for 4 s, and whose inverter has not said a word. */
function running(change: Partial<PackState> = {}, config = BYD_CONFIG): Rig {
  const rig = new Rig({ config })
  rig.advance(4000, () => rig.battery(...broadcastList(change)))
  return rig
}

const texts = (rig: Rig) => rig.take('inverter').map(({ text }) => text)

/** The frames of these IDs, with the time since `from`. */
function timesOf(rig: Rig, id: string, from: number): number[] {
  return rig.sent.filter(({ text }) => text.startsWith(id)).map(({ at }) => Math.round(at - from))
}

describe('the answer to a hello', () => {
  test('is the identification and everything that is known, in the order of the recording', () => {
    const rig = running()
    rig.inverter(HELLO)
    expect(texts(rig)).toEqual([
      ...IDENTIFICATION,
      '110#11260EEC00EC00EC',
      '150#251C2710059105DC',
      '1D0#107C001F00E60308',
      '210#00E600DC00000000',
      '190#0000030000000000',
    ])
  })

  test.each(['0910', '0D10', '1110', BRAND, '1910'])(
    'comes at the first frame of an inverter, also without asking: %s',
    id => {
      const rig = running()
      rig.inverter(id === BRAND ? BRAND : `${id.slice(0, 2)}1#1082FFFE01020000`)
      expect(texts(rig).slice(0, 7)).toEqual(IDENTIFICATION)
    },
  )

  test('comes again at each 151 that asks, and at no other frame', () => {
    const rig = running()
    rig.inverter(BRAND)
    rig.take('inverter')
    rig.advance(1000)
    rig.inverter('091#1082FFFE01020000', BRAND, '191#0404001700010400')
    expect(texts(rig)).toEqual([])
    rig.inverter(HELLO)
    expect(texts(rig).slice(0, 8)).toEqual([...IDENTIFICATION, '110#11260EEC00EC00EC'])
  })

  test('is given to a brand and to the hello that follows it in the same breath', () => {
    const rig = running()
    rig.inverter(BRAND, HELLO)
    expect(texts(rig).filter(text => text.startsWith('250'))).toHaveLength(2)
  })

  test('says 0 A while charging and discharging are switched off', () => {
    const rig = new Rig({ enabled: false })
    rig.advance(4000, () => rig.battery(...broadcastList()))
    rig.inverter(HELLO)
    expect(texts(rig)).toContain('110#11260EEC00000000')
    expect(rig.reasons).toEqual({
      unsafe: '',
      'charge-blocked': 'charging is switched off',
      'discharge-blocked': 'discharging is switched off',
    })
    rig.gateway.turn('charge', true, rig.at)
    rig.advance(2000, () => rig.battery(...broadcastList()))
    expect(texts(rig)).toEqual(['110#11260EEC000000EC'])
  })

  test('waits for the battery, up to 60 s', () => {
    const late = (seconds: number) => {
      const rig = new Rig()
      rig.advance(2000)
      rig.inverter(BRAND, HELLO)
      rig.advance(seconds * 1000)
      expect(texts(rig)).toEqual([])
      rig.battery('244#0000000000000000')
      return texts(rig)
    }
    expect(late(59)).toEqual([...IDENTIFICATION, '110#11260EEC00000000', '190#0000030000000000'])
    expect(late(60)).toEqual([])
  })

  test('is given to each of a few hellos in a row', () => {
    const rig = running()
    rig.take('inverter')
    for (let i = 0; i < 8; i++) {
      rig.inverter(HELLO)
      rig.advance(10)
    }
    expect(rig.sent.filter(({ text }) => text.startsWith('250')).length).toBe(8)
  })

  test('is given ten times a second in the long run, to whoever asks without end', () => {
    const rig = running()
    for (let i = 0; i < 3000; i++) {
      if (i === 2000) rig.take('inverter')
      rig.inverter(HELLO)
      rig.advance(1)
    }
    expect(rig.sent.filter(({ text }) => text.startsWith('250')).length).toBeLessThanOrEqual(11)
  })
})

describe('what is cyclic', () => {
  test('comes every 2, 10 and 60 s from the identification on, without drift', () => {
    const rig = running()
    rig.inverter(HELLO)
    const from = rig.at
    rig.take('inverter')
    let tick = 0
    rig.advance(125_000, () => {
      rig.battery(...broadcastList())
      if (tick++ % 300 === 0) rig.inverter('091#1082FFFE01020000')
    })
    const every = (ms: number) => Array.from({ length: Math.floor(125_000 / ms) }, (_, n) => (n + 1) * ms)
    expect(timesOf(rig, '110', from)).toEqual(every(2000))
    for (const id of ['150', '1D0', '210']) expect(timesOf(rig, id, from)).toEqual(every(10_000))
    expect(timesOf(rig, '190', from)).toEqual(every(60_000))
  })

  test('has the limits behind the values where both are due, as in a recording', () => {
    const rig = running()
    rig.inverter(HELLO)
    rig.take('inverter')
    rig.advance(10_050, () => rig.battery(...broadcastList()))
    expect(texts(rig).map(text => text.slice(0, 3))).toEqual(['110', '110', '110', '110', '150', '1D0', '210', '110'])
  })

  test('counts anew from each hello', () => {
    const rig = running()
    rig.inverter(HELLO)
    rig.advance(1500, () => rig.battery(...broadcastList()))
    rig.inverter(HELLO)
    const from = rig.at
    rig.take('inverter')
    rig.advance(4100, () => rig.battery(...broadcastList()))
    expect(timesOf(rig, '110', from)).toEqual([2000, 4000])
  })

  test('ends 60 s after the last word of the inverter, and begins again with its next', () => {
    const rig = running()
    rig.inverter(BRAND)
    const from = rig.at
    rig.advance(70_000, () => rig.battery(...broadcastList()))
    expect(timesOf(rig, '110', from).at(-1)).toBe(58_000)
    rig.take('inverter')
    rig.inverter('0D1#03B6000000000000')
    expect(texts(rig).slice(0, 7)).toEqual(IDENTIFICATION)
  })
})

describe('values', () => {
  const hello = (change: Partial<PackState>) => {
    const rig = running(change)
    rig.inverter(HELLO)
    return texts(rig)
  }

  test('of a pack that gives 22.0 A at 50 %', () => {
    expect(hello({ amps: 22, soc: 50 })).toEqual(
      expect.arrayContaining(['150#1388271002EE05DC', '1D0#107CFF2400E60308']),
    )
  })

  test('of a cold pack are negative', () => {
    const frames = hello({ minC: -26, maxC: -22 })
    expect(frames).toEqual(expect.arrayContaining(['210#FF24FEFC00000000', '1D0#107C001FFF100308']))
    expect(frames).toContain('110#11260EEC00000000')
  })

  test('of a full pack', () => {
    const frames = hello({ soc: 100, volts: 441, chargeW: 0 })
    expect(frames).toEqual(
      expect.arrayContaining(['110#11260EEC00E20000', '150#2710271005DC05DC', '1D0#113A001F00E60308']),
    )
  })

  test('of an average that nobody reports are the middle of lowest and highest', () => {
    const rig = new Rig()
    const { '447': temperatures, ...others } = broadcasts()
    expect(temperatures).toBeDefined()
    const ask = ['7EF#0462002F3EAAAAAA', '7EF#046200313FAAAAAA', '7EF#046200055FAAAAAA']
    rig.advance(4000, () => rig.battery(...Object.values(others), ...ask))
    rig.inverter(HELLO)
    expect(texts(rig)).toContain('1D0#107C001F00E10308') // 22.5 °C
  })

  test('that come later go out once when they are known, and then on the 10 s grid', () => {
    const rig = new Rig()
    const known = broadcasts()
    rig.advance(1500, () => rig.battery(known['438']!, known['345']!))
    rig.inverter(HELLO)
    const from = rig.at
    expect(texts(rig).map(text => text.slice(0, 3))).toEqual([...'250 290 2D0 3D0 3D0 3D0 3D0 110 190'.split(' ')])
    rig.advance(500, () => rig.battery(known['438']!))
    rig.battery(known['447']!)
    expect(texts(rig)).toEqual(['150#251C26AC059105DC', '210#00E600DC00000000']) // SoH not known yet: 99 %
    rig.battery(known['444']!)
    expect(texts(rig)).toEqual(['1D0#107C001F00E60308'])
    rig.advance(12_000, () => rig.battery(...broadcastList()))
    expect(timesOf(rig, '150', from)).toEqual([10_000])
    expect(rig.sent.find(({ text }) => text.startsWith('150'))!.text).toBe('150#251C2710059105DC')
  })

  test('that have grown too old are repeated, while the limits say 0', () => {
    const rig = running()
    rig.inverter(HELLO)
    rig.take('inverter')
    rig.advance(20_100, () => {})
    const frames = texts(rig)
    expect(frames.filter(text => text.startsWith('1D0'))).toEqual(Array<string>(2).fill('1D0#107C001F00E60308'))
    expect(frames.filter(text => text.startsWith('110')).at(-1)).toBe('110#11260EEC00000000')
  })

  test('of 1D0 stay together: without a current it does not change', () => {
    const rig = running()
    rig.inverter(HELLO)
    const { '444': _, ...others } = broadcasts({ volts: 430 })
    rig.advance(30_000, () => rig.battery(...Object.values(others)))
    const values = rig.sent.filter(({ text }) => text.startsWith('1D0')).map(({ text }) => text)
    expect(values).toEqual([
      '1D0#107C001F00E60308',
      '1D0#10CC001F00E60308',
      ...Array<string>(2).fill('1D0#10CC001F00E60308'),
    ])
  })
})

describe('soc override', () => {
  const config = 'battery { protocol byd interface can0 }\ninverter { protocol byd soc override interface can1 }\n'

  /** What 150 says of the charge after a hello, and at once when the pack becomes so. */
  function shown(change: Partial<PackState>): string[] {
    const rig = running({}, config)
    rig.inverter(HELLO)
    rig.advance(500, () => rig.battery(...broadcastList(change)))
    return texts(rig)
      .filter(text => text.startsWith('150'))
      .map(text => text.slice(4, 8))
  }

  test('shows a full battery where nothing may be charged, an empty one where nothing may be taken, 0 % for both', () => {
    expect(shown({})).toEqual(['251C'])
    expect(shown({ maxMv: 3650, minMv: 3640 })).toEqual(['251C', '2710'])
    expect(shown({ minMv: 2800, maxMv: 2810 })).toEqual(['251C', '0000'])
    expect(shown({ maxC: 51, minC: 50 })).toEqual(['251C', '0000'])
  })
})

test('frames that are not exactly 8 bytes are no frames, on either bus', () => {
  const rig = running({}, BYD_CONFIG)
  rig.inverter('151#01', '091#1082FFFE010200', '00000151#0100000000000000')
  expect(texts(rig)).toEqual([])
  expect(rig.gateway.tally.counts.get('inverter: not a data frame of 8 bytes')).toBe(2)
  rig.battery(broadcasts()['438']!.slice(0, -2))
  expect(rig.gateway.tally.counts.get('battery: not a data frame of 8 bytes')).toBe(1)
  expect(PACK.volts).toBe(422)
})
