import { expect, test } from 'vitest'
import { broadcastList, PACK, type PackState } from './pack.ts'
import { Rig } from './rig.ts'

// The worked vectors of the limits, through the whole gateway: frames of the pack in, 110 out.

/** A gateway whose inverter was greeted, with all values fresh for more than 2 s. */
function ready(change: Partial<PackState>, config?: string): Rig {
  const rig = new Rig(config === undefined ? {} : { config })
  rig.inverter('151#0100000000000000')
  rig.advance(4000, () => rig.battery(...broadcastList(change)))
  return rig
}

/** The last 110 after the pack was so for `ms`. */
function limits(rig: Rig, change: Partial<PackState>, ms = 2000): string {
  rig.take('inverter')
  rig.advance(ms, () => rig.battery(...broadcastList(change)))
  return rig
    .take('inverter')
    .filter(({ text }) => text.startsWith('110#'))
    .at(-1)!.text
}

const single: readonly (readonly [what: string, change: Partial<PackState>, frame: string])[] = [
  ['422.0 V', {}, '110#11260EEC00EC00EC'],
  ['420.0 V', { volts: 420 }, '110#11260EEC00EE00EE'],
  ['highest cell half way up the taper', { minMv: 3448, maxMv: 3460 }, '110#11260EEC00EC007B'],
  ['spread of 60 mV near the top', { minMv: 3400, maxMv: 3460 }, '110#11260EEC00EC007B'],
  ['spread of 80 mV near the top', { minMv: 3380, maxMv: 3460 }, '110#11260EEC00EC000A'],
  ['highest cell at the end of the taper', { minMv: 3490, maxMv: 3500 }, '110#11260EEC00EC000A'],
  ['lowest cell half way down the taper', { minMv: 2860, maxMv: 2930, soc: 20 }, '110#11260EEC007B00EC'],
  ['442.0 V, above the pack limit', { volts: 442 }, '110#11260EEC00E20000'],
  ['full', { soc: 100 }, '110#11260EEC00EC0000'],
  ['100 %, 441 V, battery allows no charging', { soc: 100, volts: 441, chargeW: 0 }, '110#11260EEC00E20000'],
  ['spread of 229 mV', { minMv: 3000, maxMv: 3229, soc: 50 }, '110#11260EEC00EC00EC'],
  ['spread of 230 mV', { minMv: 3000, maxMv: 3230, soc: 50 }, '110#11260EEC00000000'],
  ['temperatures 15 K apart', { minC: 35, maxC: 50, soc: 50 }, '110#11260EEC00000000'],
  ['51 °C', { minC: 37, maxC: 51, soc: 50 }, '110#11260EEC00000000'],
  ['36 and 50 °C', { minC: 36, maxC: 50, soc: 50 }, '110#11260EEC00EC00EC'],
  ['-26 °C', { minC: -26, maxC: -22 }, '110#11260EEC00000000'],
  ['-25 °C', { minC: -25, maxC: -22 }, '110#11260EEC00EC00EC'],
  ['lowest temperature above the highest', { minC: 24, maxC: 23 }, '110#11260EEC00000000'],
  ['lowest cell above the highest', { minMv: 3330, maxMv: 3329 }, '110#11260EEC00000000'],
  ['contactors open', { closed: false }, '110#11260EEC00000000'],
  ['SoC 0 %', { soc: 0 }, '110#11260EEC000000EC'],
  ['379.9 V, below the pack limit', { volts: 379.9, soc: 20 }, '110#11260EEC00000107'],
]

test.each(single)('%s', (_, change, frame) => {
  expect(limits(ready(change), change)).toBe(frame)
})

test('a ceiling of 3000 and 2500 W gives 7.1 and 5.9 A', () => {
  const config =
    'battery { protocol byd interface can0 charge limit 3000 discharge limit 2500 }\ninverter { protocol byd interface can1 }\n'
  expect(limits(ready({}, config), {})).toBe('110#11260EEC003B0047')
})

test('a limit of 0 W is 0 A, and not the default', () => {
  const config = 'battery { protocol byd interface can0 charge limit 0 }\ninverter { protocol byd interface can1 }\n'
  expect(limits(ready({}, config), {})).toBe('110#11260EEC00EC0000')
})

test('a ceiling in amperes lowers the limit, and 30 A is the most there is', () => {
  const config =
    'battery { protocol byd pack standard interface can0 charge current 12 }\ninverter { protocol byd interface can1 }\n'
  const rig = ready({ volts: 320 }, config)
  expect(limits(rig, { volts: 320 })).toBe('110#0E240C54012C0078') // 31.2 A would be 10 kW
})

test('charging stops at 3650 mV and begins again below 3630 mV', () => {
  const rig = ready({})
  expect(limits(rig, { minMv: 3640, maxMv: 3650 })).toBe('110#11260EEC00EC0000')
  expect(limits(rig, { minMv: 3625, maxMv: 3631 })).toBe('110#11260EEC00EC0000')
  expect(limits(rig, { minMv: 3625, maxMv: 3630 })).toBe('110#11260EEC00EC0000')
  expect(limits(rig, { minMv: 3625, maxMv: 3629 })).toBe('110#11260EEC00EC000A')
})

test('discharging stops at 2800 mV, begins again above 2820 mV, and rises slowly', () => {
  const rig = ready({})
  expect(limits(rig, { minMv: 2800, maxMv: 2930, soc: 20 })).toBe('110#11260EEC000000EC')
  expect(limits(rig, { minMv: 2820, maxMv: 2930, soc: 20 })).toBe('110#11260EEC000000EC')
  expect(['110#11260EEC000A00EC', '110#11260EEC000B00EC']).toContain(
    limits(rig, { minMv: 2821, maxMv: 2930, soc: 20 }, 2000),
  )
  expect(limits(rig, { minMv: 2821, maxMv: 2930, soc: 20 }, 2000)).toBe('110#11260EEC000C00EC')
})

test('the fraction rises by 5 in 1000 per second: 0.1 A per second at 23.6 A', () => {
  const rig = ready({ minMv: 3490, maxMv: 3500 })
  expect(limits(rig, { minMv: 3490, maxMv: 3500 })).toBe('110#11260EEC00EC000A')
  expect(limits(rig, {}, 10_000)).toMatch(/0014$|0015$/) // 1.0 A + 22.6 A x 50 / 1000 at most
})

test('pack voltage and charge come back with hysteresis', () => {
  const rig = ready({ volts: 441.1 })
  const charge = (change: Partial<PackState>) => limits(rig, change).slice(-4)
  expect(charge({ volts: 441.1 })).toBe('0000')
  expect(charge({ volts: 439 })).toBe('0000')
  expect(charge({ volts: 438.9 })).toBe('00E3')
  expect(charge({ soc: 100 })).toBe('0000')
  expect(charge({ soc: 99 })).toBe('0000')
  expect(charge({ soc: 98.9 })).toBe('00EC')
})

test('discharging comes back above the lower voltage limit and from 1 % on', () => {
  const rig = ready({ volts: 379.9 })
  const discharge = (change: Partial<PackState>) => limits(rig, change).slice(-8, -4)
  expect(discharge({ volts: 379.9 })).toBe('0000')
  expect(discharge({ volts: 382 })).toBe('0000')
  expect(discharge({ volts: 382.1 })).toBe('0105')
  expect(discharge({ soc: 0 })).toBe('0000')
  expect(discharge({ soc: 0.9 })).toBe('0000')
  expect(discharge({ soc: 1 })).toBe('00EC')
})

test('a cell at 3750 or 2700 mV once means 0 A until the program is started again', () => {
  for (const harmed of [
    { minMv: 3324, maxMv: 3750 },
    { minMv: 2700, maxMv: 3328 },
  ]) {
    const rig = ready({ soc: 50 })
    expect(limits(rig, { ...harmed, soc: 50 })).toBe('110#11260EEC00000000')
    expect(limits(rig, { soc: 50 }, 60_000)).toBe('110#11260EEC00000000')
    expect(rig.reasons['unsafe']).toBe('cell voltage was critical')
  }
})

test('limits open only when everything has been safe for 2.0 s', () => {
  const rig = ready(PACK)
  limits(rig, { minC: 37, maxC: 51 })
  const safe = rig.at
  rig.advance(6000, () => rig.battery(...broadcastList()))
  const first = rig.take('inverter').find(({ text }) => text === '110#11260EEC00EC00EC')!
  expect(first.at - safe).toBeGreaterThanOrEqual(2000)
  expect(first.at - safe).toBeLessThanOrEqual(4100)
})
