import { describe, expect, test } from 'vitest'
import { broadcastList, type PackState } from './pack.ts'
import { Rig } from './rig.ts'

const SYSTEM = '00004200#0000000000000000'
const ENSEMBLE = '00004200#0200000000000000'

function running(options: string, change: Partial<PackState> = {}): Rig {
  const rig = new Rig({
    config: `battery { protocol byd interface can0 }\ninverter { protocol pylon interface can1 ${options} }\n`,
  })
  rig.advance(4000, () => rig.battery(...broadcastList(change)))
  return rig
}

const texts = (rig: Rig) => rig.take('inverter').map(({ text }) => text)

/** The answers to a question, without the IDs' leading zeros. */
function asked(question: string, options = '', change: Partial<PackState> = {}): string[] {
  const rig = running(options, change)
  rig.inverter(question)
  return texts(rig).map(text => text.replace(/^0000/, ''))
}

describe('high voltage, the form of the maker', () => {
  test('answers the question for the system with the worked frames of the protocol page', () => {
    expect(asked(SYSTEM)).toEqual([
      '4210#7C104F75CE045F64',
      '4220#2611EC0E1C761C76',
      '4230#000DFC0C25000100',
      '4240#CE04C40401000900',
      '4250#0100000000000000',
      '4260#0000000000000000',
      '4270#CE04C40401000100',
      '4280#0000000000000000',
      '4290#0000000000000000',
    ])
  })

  test('answers the question for the ensemble', () => {
    const name = (text: string) => Buffer.from(text.padEnd(8, '\0')).toString('hex').toUpperCase()
    expect(asked(ENSEMBLE, 'manufacturer "PYLONTECH"')).toEqual([
      '7310#0100020101020000',
      '7320#7E00017E93019600',
      `7330#${name('PYLONTEC')}`,
      `7340#${name('H')}`,
    ])
  })

  test('says currents as far as 16 bits go', () => {
    const raw = (form: string, amps: number) => asked(SYSTEM, form, { amps })[0]!.slice(9, 13)
    expect(raw('', 292.1)).toBe('C769') // 27079 = 30000 - 2921
    expect(raw('', -292.1)).toBe('FF7F') // 276.7 A
    expect(raw('dialect "legacy"', 292.1)).toBe('F497')
    expect(raw('dialect "legacy"', -292.1)).toBe('0B69')
  })

  test('forbids what is 0, besides saying so', () => {
    const limits = (change: Partial<PackState>) => asked(SYSTEM, '', change).filter(text => /^42[258]0/.test(text))
    expect(limits({ soc: 100 })).toEqual(['4220#2611EC0E30751C76', '4250#0100000000000000', '4280#AA00000000000000'])
    expect(limits({ soc: 0 })).toEqual(['4220#2611EC0E1C763075', '4250#0100000000000000', '4280#00AA000000000000'])
    expect(limits({ closed: false })).toEqual([
      '4220#2611EC0E30753075',
      '4250#0000000000000000', // asleep
      '4280#AAAA000000000000',
    ])
  })

  test('tells at once, without being asked, when a limit falls to 0', () => {
    const rig = running('')
    rig.inverter(SYSTEM)
    rig.take('inverter')
    rig.advance(300, () => rig.battery(...broadcastList()))
    expect(texts(rig)).toEqual([])
    rig.battery(...broadcastList({ maxC: 51, minC: 50 }))
    expect(texts(rig)).toEqual(['00004220#2611EC0E30753075', '00004280#AAAA000000000000'])
  })

  test('says nothing before it was asked and the battery runs, and answers then', () => {
    const rig = new Rig({
      config: 'battery { protocol byd interface can0 }\ninverter { protocol pylon interface can1 }\n',
    })
    rig.advance(2000)
    rig.inverter(SYSTEM)
    expect(texts(rig)).toEqual([])
    rig.battery('244#0000000000000000')
    expect(texts(rig).map(text => text.slice(4, 8))).toEqual(['4220', '4250', '4260', '4280', '4290']) // what is known
  })

  test('says 0 A before it leaves', () => {
    const rig = running('')
    rig.gateway.farewell()
    expect(texts(rig)).toEqual([]) // nobody has asked
    rig.inverter(SYSTEM)
    rig.take('inverter')
    rig.gateway.farewell()
    expect(texts(rig)).toEqual(['00004220#2611EC0E30753075', '00004280#AAAA000000000000'])
  })

  test('answers whoever asks without end ten times a second in the long run', () => {
    const rig = running('')
    for (let i = 0; i < 1500; i++) {
      if (i === 1000) rig.take('inverter')
      rig.inverter(SYSTEM)
      rig.advance(2)
    }
    expect(texts(rig).filter(text => text.startsWith('00004210')).length).toBeLessThanOrEqual(11)
  })

  test('takes no 11-bit frame for a question', () => {
    const rig = running('')
    rig.inverter('420#0000000000000000')
    expect(texts(rig)).toEqual([])
  })
})

describe('options', () => {
  test('legacy: high byte first, no offset of currents', () => {
    expect(asked(SYSTEM, 'dialect legacy').slice(0, 3)).toEqual([
      '4210#107C001F04CE5F64',
      '4220#11260EEC00EC00EC',
      '4230#0D000CFC00250001',
    ])
  })

  test('byte order and offset by themselves', () => {
    expect(asked(SYSTEM, 'byte order big')[1]).toBe('4220#11260EEC761C761C')
    expect(asked(SYSTEM, 'current offset off')[1]).toBe('4220#2611EC0EEC00EC00')
  })

  test('address 1', () => {
    expect(asked(SYSTEM, 'address 1').map(text => text.slice(0, 4))).toEqual(
      '4211 4221 4231 4241 4251 4261 4271 4281 4291'.split(' '),
    )
    expect(asked(ENSEMBLE, 'address 1').map(text => text.slice(0, 4))).toEqual('7311 7321 7331 7341'.split(' '))
  })

  test('the current the other way round', () => {
    expect(asked(SYSTEM, 'invert current')[0]).toBe('4210#7C101175CE045F64') // 29969
  })
})

describe('low voltage', () => {
  const options = 'dialect low-voltage voltage resolution "0.1"'

  test('says everything once a second from the first heartbeat on', () => {
    const rig = running(options)
    expect(texts(rig)).toEqual([])
    rig.inverter('305#0000000000000000')
    const from = rig.at
    const frames = [
      '351#2611EC00EC00EC0E',
      '35C#C000',
      '355#5F006400',
      '356#7C101F00E600',
      '359#0000000001504E',
      '35E#50594C4F4E202020',
    ]
    expect(texts(rig)).toEqual(frames)
    rig.advance(3050, () => rig.battery(...broadcastList()))
    const times = rig.sent.filter(({ text }) => text.startsWith('351')).map(({ at }) => Math.round(at - from))
    expect(times).toEqual([1000, 2000, 3000])
  })

  test('tells at once when a limit falls to 0, and takes the leave to charge away', () => {
    const rig = running(options)
    rig.inverter('305#0000000000000000')
    rig.take('inverter')
    rig.battery(...broadcastList({ minMv: 3640, maxMv: 3650 }))
    expect(texts(rig)).toEqual(['351#26110000EC00EC0E', '35C#4000'])
    rig.gateway.farewell()
    expect(texts(rig)).toEqual(['351#261100000000EC0E', '35C#0000'])
  })
})
