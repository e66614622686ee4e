import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { FrameSink } from '../../src/core/can.ts'
import { type BatteryEmulatorOptions, BatteryEmulatorReader } from '../../src/framing/battery-emulator.ts'
import { capture, hasCaptures, readFrames } from './read-frames.ts'

const make = (options: BatteryEmulatorOptions) => (sink: FrameSink) => new BatteryEmulatorReader(sink, options)
const read = (log: string, options: BatteryEmulatorOptions = {}) => readFrames(make(options), log)
const one = (line: string, options: BatteryEmulatorOptions = {}) => {
  const { frames, reader } = read(`${line}\n`, options)
  return frames[0] ?? Object.keys(reader.tally.rejects)[0]
}

/** docs/protocols/log-formats.md, section 6.1. */
describe('lines of the protocol page', () => {
  test('older firmware', () => {
    expect(one('(75.518) RX6 CF [8] E1 6D 2D AC 3F D0 07 00')).toBe('75.518000000 can3 0CF rx dlc8 E16D2DAC3FD00700')
    expect(one('(75.658) RX6 5A2 [8] 22 0B 80 6F 15 00 00 00')).toBe('75.658000000 can3 5A2 rx dlc8 220B806F15000000')
  })

  test('current firmware: upper case is CAN FD, times below a second have no dot', () => {
    const log = `(999) rx0 1d4 [8] f7 07 00 07 46 00 00 7b
(12.345) tx1 18ff50e5 [3] a1 b2 c3
(12.400) RX6 456 [12] 00 01 02 03 04 05 06 07 08 09 0a 0b
(12.401) RX6 456 [1] 00
(12.402) rx4 00000123 [0]
`
    const { frames, stamps, reader } = read(log)
    expect(frames).toEqual([
      '0.999000000 can0 1D4 rx dlc8 F70700074600007B',
      '12.345000000 can0 18FF50E5 extended tx dlc3 A1B2C3',
      '12.400000000 can3 456 fd rx dlc9 000102030405060708090A0B',
      '12.401000000 can3 456 fd rx dlc1 00',
      '12.402000000 can2 00000123 extended rx dlc0',
    ])
    expect(stamps).toEqual(['0.999000', '12.345000', '12.400000', '12.401000', '12.402000'])
    expect(reader.tally.rejects).toEqual({})
  })

  test('firmware of 2024, printing to USB', () => {
    expect(one('7556  54A  8  10 0 70 2 0 0 0 2B')).toBe('7.556000000 can0 54A dlc8 100070020000002B')
    expect(one('7556  18DAF1DB  1  5')).toBe('7.556000000 can0 18DAF1DB extended dlc1 05')
  })
})

describe('variants', () => {
  test('upper case means CAN FD from the first line on, where the file is known to be of current firmware', () => {
    expect(one('(1.000) RX6 456 [1] 00')).toBe('1.000000000 can3 456 rx dlc1 00')
    expect(one('(1.000) RX6 456 [1] 00', { isCurrent: true })).toBe('1.000000000 can3 456 fd rx dlc1 00')
    expect(one('(1.000) RX6 456 [9] 00 01 02 03 04 05 06 07 08')).toMatch(/fd rx dlc9/)
  })

  test.each([
    ['(75.51) TX1 7E0 [1] 0', '75.510000000 can0 7E0 tx dlc1 00'],
    ['(5) rx0 1d4 [1] ff', '0.005000000 can0 1D4 rx dlc1 FF'],
    ['(0.001) RX0 43a [2] 7E 0A', '0.001000000 can0 43A rx dlc2 7E0A'],
    ['(1.0) RX0 1F3 [0]', '1.000000000 can0 1F3 rx dlc0'],
    ['  (1.0)   RX0   1F3   [1]   AA   BB  ', '1.000000000 can0 1F3 rx dlc1 AA'],
  ])('%s', (line, frame) => {
    expect(one(line)).toBe(frame)
    expect(one(`${line}\r`)).toBe(frame)
  })

  test('the clock wraps at 100 000 s, a restarted device does not', () => {
    const log = `(99999.990) rx0 1d4 [0]
(5) rx0 1d4 [0]
(1.000) rx0 1d4 [0]
(0.500) rx0 1d4 [0]
(99999.000) rx0 1d4 [0]
(0.100) rx0 1d4 [0]
`
    expect(read(log).frames.map(frame => frame.split(' ')[0])).toEqual([
      '99999.990000000',
      '100000.005000000',
      '100001.000000000',
      '100000.500000000',
      '199999.000000000',
      '200000.100000000',
    ])
  })
})

describe('what is no frame is counted by its reason', () => {
  test.each([
    ['# voltage', 'comments'],
    ['', 'blank lines'],
    ['[12 CAN frames not printed]', 'gaps, frames not printed by the device'],
    ['(1.0) RX0 1F3 [8] 00 01', 'frames with bad data'],
    ['(1.0) RX0 1F3 [1] 123', 'frames with bad data'],
    ['(1.0) RX0 1F3 [65] 00', 'frames with a bad length'],
    ['(1.0) RX0 1F3 [', 'frames with a bad length'],
    ['(1.0) RX0 FFFFFFFF [0]', 'frames with a bad ID'],
    ['(1.0) RX0 xyz [0]', 'frames with a bad ID'],
    ['(1.0) RX 1F3 [0]', 'lines that are no frames'],
    ['(1.0) can0 1F3 [0]', 'lines that are no frames'],
    ['(1.0 RX0 1F3 [0]', 'lines that are no frames'],
    ['(1.0) RX0 1F3', 'lines that are no frames'],
    ['02 03 01 AA BB', 'lines that are no frames'],
    ['7556 54A 1 10 20', 'frames with bad data'],
    ['7556 54A 2 10', 'frames with bad data'],
    ['7556 54A', 'lines that are no frames'],
    ['voltage 3 0', 'lines that are no frames'],
  ])('%s: %s', (line, reason) => {
    expect(one(line)).toBe(reason)
  })
})

test('any chunking gives the same frames', () => {
  const log = `# c\n\n(999) rx0 1d4 [8] f7 07 00 07 46 00 00 7b\r\n(12.4) RX6 456 [1] 00\n7556  54A  2  10 0\n[3 CAN frames not printed]\n(99999.9) tx1 18ff50e5 [1] a1\n(7) tx1 18ff50e5 [1] a1`
  const whole = read(log)
  expect(whole.frames).toHaveLength(5)
  fc.assert(
    fc.property(fc.array(fc.nat(log.length)), cuts => {
      const cut = readFrames(make({}), log, cuts)
      expect(cut.frames).toEqual(whole.frames)
      expect(cut.stamps).toEqual(whole.stamps)
      expect(cut.reader.tally.rejects).toEqual(whole.reader.tally.rejects)
    }),
  )
})

describe.skipIf(!hasCaptures)('captures (skipped without the folder WATTZUP_CAPTURES)', () => {
  test.each([
    ['log-formats/battery-emulator-zoe1.txt', 124],
    ['batgw/5_BydAtto3_base.txt', 5],
    ['batgw/37_MgGen1_base.txt', 6],
  ])('%s has %i frames', (path, count) => {
    const { frames, reader } = readFrames(make({}), capture(path))
    expect(frames).toHaveLength(count)
    expect(['comments', 'blank lines']).toEqual(expect.arrayContaining(Object.keys(reader.tally.rejects)))
  })
})
