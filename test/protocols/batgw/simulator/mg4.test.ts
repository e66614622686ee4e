import { describe, expect, test } from 'vitest'
import { mg4 } from '../../../../src/protocols/batgw/batteries/mg4/mg4.ts'
import { frameOf, loadStructs } from '../rig.ts'
import { type Play, Stage } from './stage.ts'

const WAKE = '4F3#F3104800FFFF0011'
/** Of a car's cycle; the second is a real one whose CRC is wrong. */
const DRIVE = '047#B402457D7FFFFFFE'
const WRONG = '047#E90A457D7FFFFFFE'

const awake = (stage: Stage, ms: number, ...beside: string[]) => stage.advance(ms, () => stage.hear(WAKE, ...beside))

function view(stage: Stage) {
  const driver = mg4.create(new Map(), loadStructs('mg4'))
  for (const { at, text } of stage.sent) driver.handle(frameOf(text), at)
  return driver.view(stage.at)
}

function pack(set: Play['set'] = {}): Stage {
  return new Stage(mg4, { set })
}

describe('a pretended MG4 pack', () => {
  test('says nothing until it is woken, and falls asleep when nobody keeps it awake', () => {
    const stage = pack().advance(5000)
    expect(stage.sent).toEqual([])
    awake(stage, 2000, DRIVE)
    expect(stage.take().length).toBeGreaterThan(20)
    stage.advance(1900)
    expect(stage.take().length).toBeGreaterThan(10)
    stage.advance(5000)
    expect(stage.take().length).toBeLessThan(5)
    expect(stage.told).toEqual(['awake', 'contactors closed', 'asleep', 'contactors open'])
  })

  test('closes its contactors for a frame with the right CRC only', () => {
    const stage = awake(pack(), 3000, WRONG)
    expect(stage.told).toEqual(['awake'])
    awake(stage, 200, DRIVE)
    expect(stage.told).toEqual(['awake', 'contactors closed'])
    expect(pack().advance(2000, () => {}).told).toEqual([])
  })

  test('is not woken by the frame that closes contactors', () => {
    const stage = pack()
    stage.advance(2000, () => stage.hear(DRIVE))
    expect(stage.sent).toEqual([])
  })

  test('says its values as the worked vectors have them', () => {
    const stage = awake(pack({ voltage: 327, current: -5, soc: 62.5 }), 2000, DRIVE)
    expect(stage.last('12C')).toBe('12C#00004E8451C00000')
    expect(stage.last('401')).toBe('401#0000000000000271')
    expect(awake(pack({ voltage: 327, current: 5 }), 2000, DRIVE).last('12C')).toBe('12C#00004DBC51C00000')
  })

  test('gives the gateway what is set', () => {
    const stage = awake(pack({ min_cell_voltage: 3.1, max_cell_voltage: 3.2, current: -17.4, soc: 41.2 }), 2000, DRIVE)
    expect(view(stage)).toMatchObject({ running: true, voltageDv: 3275, currentDa: -174, socBp: 4120 }) // 327.6 V in steps of 0.25 V
  })

  test('has no current through open contactors', () => {
    expect(view(awake(pack({ current: -17.4 }), 2000)).currentDa).toBe(0)
    const stuck = awake(pack({ current: -17.4, contactors: 'stay open' }), 2000, DRIVE)
    expect(view(stuck).currentDa).toBe(0)
    expect(stuck.told).toEqual(['awake'])
    expect(view(pack({ current: -17.4, contactors: 'stay closed' }).advance(2000)).currentDa).toBe(-174)
  })

  test('fits the wire at both ends of every range', () => {
    for (const end of ['low', 'high'] as const) {
      const settings = Object.entries(mg4.simulator.settings)
      const set = settings.flatMap(([name, setting]) => (setting.type === 'number' ? [[name, setting[end]]] : []))
      expect(awake(pack(Object.fromEntries(set)), 1000, DRIVE).sent.length).toBeGreaterThan(5)
    }
  })
})
