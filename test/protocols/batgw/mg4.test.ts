import { expect, test } from 'vitest'
import { mg4 } from '../../../src/protocols/batgw/batteries/mg4/mg4.ts'
import type { BatteryDriver } from '../../../src/protocols/batgw/battery-driver.ts'
import { frameOf, loadStructs, Rig, textOf } from './rig.ts'

const CONFIG =
  'battery { protocol mg4 interface can0 accept "no-cell-data" }\ninverter { protocol byd interface can1 }\n'

function driver(...frames: readonly string[]): BatteryDriver {
  const battery = mg4.create(new Map(), loadStructs('mg4'))
  for (const text of frames) battery.handle(frameOf(text), 0)
  return battery
}

/** A frame 12C with this current, 0.05 A from -1000 A, and this voltage, 0.25 V. */
function pack(rawCurrent: number, rawVoltage: number): string {
  const bytes = Buffer.alloc(8)
  bytes.writeUInt16BE(rawCurrent, 2)
  bytes.writeUInt16BE(rawVoltage << 4, 4)
  return `12C#${bytes.toString('hex').toUpperCase()}`
}

test('current and voltage are those of the vectors, positive = charging', () => {
  expect(driver('12C#00004E8451C00000').view(1)).toMatchObject({ running: true, currentDa: -50, voltageDv: 3270 })
  expect(driver('12C#00004DBC51C00000').view(1)).toMatchObject({ currentDa: 50, voltageDv: 3270 })
  expect(driver(pack(20_001, 1309)).view(1)).toMatchObject({ currentDa: 0, voltageDv: 3272 }) // both cut off, not rounded
})

test('a state of charge counts only where the frame says that it is valid', () => {
  expect(driver('401#0000000000000271').view(1).socBp).toBe(6250)
  expect(driver('401#00000100000000FF').view(1).socBp).toBeUndefined()
  expect(driver('401#00000000000003E9').view(1).socBp).toBeUndefined() // 100.1 %
})

test('of a frame with a current beyond reason nothing counts, not even as a sign of life', () => {
  expect(driver(pack(40_000, 1308)).view(1)).toMatchObject({ running: true, currentDa: undefined })
  expect(driver(pack(40_001, 1308)).view(1)).toMatchObject({ running: false, voltageDv: undefined })
})

test('the pack gets 4F3 every 100 ms and the 14 frames of a car, one every 10 ms', () => {
  const battery = driver()
  battery.start(0)
  const sent: string[] = []
  for (let at = 0; at < 290; at += 5) sent.push(...battery.tick(at, true).map(textOf))
  const cycle =
    '8100457D7FFEFFFE DC01457D7FFEFFFE B402457D7FFFFFFE E903457D7FFFFFFE E804457D7FFEFFFE B505457D7FFEFFFE DD06457D7FFFFFFE ' +
    '0F07457D7FFEFFFE 5308457D7FFEFFFE 8109457D7FFFFFFE 660A457D7FFFFFFE B40B457D7FFEFFFE 3A0C457D7FFEFFFE 0F0E457D7FFFFFFE'
  const drive = cycle.split(' ').map(hex => `047#${hex}`)
  expect(sent.filter(text => text.startsWith('4F3'))).toEqual(Array<string>(3).fill('4F3#F3104800FFFF0011'))
  expect(sent.filter(text => text.startsWith('047'))).toEqual([...drive, ...drive, drive[0]])
})

/** What the inverter is told after 5 s of these frames. */
function told(...frames: readonly string[]): string[] {
  const rig = new Rig({ config: CONFIG })
  rig.inverter('151#0100000000000000')
  rig.advance(5000, () => rig.battery(...frames))
  rig.take('inverter')
  rig.inverter('151#0100000000000000')
  return rig.take('inverter').map(({ text }) => text)
}

test('an inverter is told 5 kW and what is known, nothing made up', () => {
  const frames = told('12C#00004E8451C00000', '401#0000000000000271')
  expect(frames).toContain('250#0329006601FE0209')
  expect(frames).toContain('110#0DF20B0400980098')
  expect(frames).toContain('150#186A26AC03CF0618') // 62.5 %, 97.5 of 156.0 Ah
  expect(frames.filter(text => /^(1D0|210)/.test(text))).toEqual([]) // no temperature is known
})

test('a pack voltage that its cells or its limits do not allow is 0 A both ways', () => {
  const limits = (raw: number) => told(pack(20_000, raw), '401#0000000000000271').find(text => text.startsWith('110'))
  expect(limits(1436)).toBe('110#0DF20B04008B008B') // 359.0 V
  expect(limits(1437)).toBe('110#0DF20B0400000000')
  expect(limits(1124)).toBe('110#0DF20B0400B100B1') // 281.0 V
  expect(limits(1123)).toBe('110#0DF20B0400000000') // 280.7 V
})
