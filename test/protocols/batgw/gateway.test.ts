import { describe, expect, test } from 'vitest'
import { TransportError } from '../../../src/core/errors.ts'
import { broadcastList } from './pack.ts'
import { Rig } from './rig.ts'

const HELLO = '151#0100000000000000'
const OPEN = '110#11260EEC00EC00EC'
const ZERO = '110#11260EEC00000000'
const PYLON = 'battery { protocol byd interface can0 }\ninverter { protocol pylon interface can1 }\n'
const PYLON_LV = PYLON.replace('protocol pylon', 'protocol pylon dialect low-voltage voltage resolution 0.1')

/** A gateway that lets 23.6 A flow both ways. */
function flowing(): Rig {
  const rig = new Rig()
  rig.inverter(HELLO)
  rig.advance(7000, () => rig.battery(...broadcastList()))
  expect(rig.take('inverter').findLast(({ text }) => text.startsWith('110'))!.text).toBe(OPEN)
  return rig
}

describe('a gateway that begins', () => {
  test('listens for a second from its first turn on, however long ago it was made', () => {
    const rig = new Rig()
    rig.at += 5000 // servers were started meanwhile
    rig.battery('12D#A02802A00C71CF49')
    rig.advance(2000)
    expect(rig.gateway.refusal).toBe('another gateway is on can0: it sends 12D; stop it first')
    expect(rig.sent).toEqual([])
    const alone = new Rig()
    alone.at += 5000
    alone.advance(999)
    expect(alone.sent).toEqual([])
    alone.advance(1)
    expect(alone.sent).not.toEqual([])
  })

  test('knows another one by frames of any length, but not by requests and errors with such numbers', () => {
    const others = ['355#5F006400', '35C#C000', '351#1402C012C012']
    for (const frame of others) {
      const rig = new Rig({ config: PYLON_LV })
      rig.inverter(frame)
      expect(rig.gateway.refusal).toMatch(/^another gateway is on can1: it sends 35/)
    }
    const rig = new Rig()
    for (const flags of [2, 4]) {
      rig.gateway.heard('inverter', { id: 0x110, flags, length: 8, data: new Uint8Array(8) }, rig.at)
    }
    expect(rig.gateway.refusal).toBeUndefined()
    expect(rig.gateway.tally.counts.get('inverter: not a data frame of 8 bytes')).toBe(2)
  })
})

describe('the last words', () => {
  test('are said again for half a second where the bus does not take them', () => {
    const rig = flowing()
    rig.blocked.add('inverter')
    rig.gateway.stop(rig.at)
    expect(rig.gateway.finished(rig.at)).toBe(false)
    rig.advance(200)
    rig.blocked.clear()
    rig.advance(100)
    expect(rig.gateway.finished(rig.at)).toBe(true)
    const told = rig.take('inverter').filter(({ text }) => text.startsWith('110'))
    expect(told.length).toBeGreaterThan(0)
    expect(told.every(({ text }) => text === ZERO)).toBe(true)
  })

  test('are given up after that, and at once where the bus is down', () => {
    const rig = flowing()
    rig.blocked.add('inverter')
    rig.gateway.stop(rig.at)
    rig.advance(499)
    expect(rig.gateway.finished(rig.at)).toBe(false)
    rig.advance(1)
    expect(rig.gateway.finished(rig.at)).toBe(true)
    const cut = flowing()
    cut.blocked.add('inverter')
    cut.gateway.bus('inverter', { type: 'down', error: new TransportError('bus-off') }, cut.at)
    cut.gateway.stop(cut.at)
    expect(cut.gateway.finished(cut.at)).toBe(true)
  })

  test('are all said, whether or not the first of them is taken', () => {
    const rig = new Rig({ config: PYLON })
    rig.advance(3500, () => rig.battery(...broadcastList()))
    rig.inverter('00004200#0000000000000000')
    rig.advance(100)
    rig.blocked.add('inverter')
    rig.take('inverter')
    rig.gateway.stop(rig.at)
    expect(rig.refused.map(({ text }) => text.slice(0, 8))).toEqual(['00004220', '00004280'])
  })
})

describe('a bus that is up and takes nothing', () => {
  test('is told of once, and again only when it has worked meanwhile', () => {
    const rig = flowing()
    const stuck = 'can1 takes no frames: the inverter does not hear the gateway'
    const warnings = () => rig.warnings.filter(text => text === stuck).length
    rig.blocked.add('inverter')
    rig.advance(2500, () => rig.battery(...broadcastList())) // the next 110 is the first that is refused
    expect(warnings()).toBe(0)
    rig.advance(30_000, () => rig.battery(...broadcastList()))
    expect(warnings()).toBe(1)
    rig.blocked.clear()
    rig.advance(3000, () => rig.battery(...broadcastList()))
    rig.blocked.add('inverter')
    rig.advance(10_000, () => rig.battery(...broadcastList()))
    expect(warnings()).toBe(2)
  })

  test('costs no memory, however long it lasts', () => {
    const rig = flowing()
    rig.blocked.add('inverter').add('battery')
    rig.advance(600_000, () => rig.inverter(HELLO))
    expect(rig.gateway.rejected.get('battery: not sent')).toBeGreaterThan(10_000)
    expect(rig.gateway.rejected.size).toBeLessThan(10)
    expect(rig.gateway.due).toBeGreaterThanOrEqual(rig.at)
  })
})

test('both buses are lost: nothing is sent, and the first limits after that are 0 A until all has been well for 2 s', () => {
  const rig = flowing()
  const lost = { type: 'down', error: new TransportError('it is gone') } as const
  rig.gateway.bus('battery', lost, rig.at)
  rig.gateway.bus('inverter', lost, rig.at)
  rig.take('inverter')
  rig.take('battery')
  rig.advance(30_000)
  expect(rig.sent).toEqual([])
  rig.gateway.bus('inverter', { type: 'up' }, rig.at)
  rig.gateway.bus('battery', { type: 'up' }, rig.at)
  const back = rig.at
  rig.advance(6000, () => rig.battery(...broadcastList()))
  const limits = rig.take('inverter').filter(({ text }) => text.startsWith('110'))
  expect(limits[0]).toMatchObject({ at: back, text: ZERO })
  expect(limits.find(({ text }) => text === OPEN)!.at - back).toBeGreaterThanOrEqual(2000)
})

test('what did not count is known by reason, of both buses', () => {
  const rig = flowing()
  rig.battery('438#555501D647681000', '444#A601')
  rig.inverter('151#01')
  expect([...rig.gateway.rejected]).toEqual([
    ['battery: not a data frame of 8 bytes', 1],
    ['inverter: not a data frame of 8 bytes', 1],
    ['battery: checksum: 438', 1],
  ])
})
