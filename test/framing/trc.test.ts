import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { FrameSink } from '../../src/core/can.ts'
import { TrcReader } from '../../src/framing/trc.ts'
import { trcDays, trcStart } from '../../src/framing/trc-header.ts'
import { zoneOf } from '../../src/framing/zone.ts'
import { capture, contents, hasCaptures, readFrames } from './read-frames.ts'

const make = (sink: FrameSink) => new TrcReader(sink)
const read = (log: string) => readFrames(make, log)

/** docs/protocols/log-formats.md, section 5, checked with python-can. */
const V2_1 = `;$FILEVERSION=2.1
;$STARTTIME=45244.92592592593
;$COLUMNS=N,O,T,B,I,d,R,L,D
      1         0.000 DT 1      0123 Rx -  8    DE AD BE EF 01 02 03 04
      2         1.500 DT 1  18FF50E5 Tx -  3    A1 B2 C3
      3         4.000 RR 1      0123 Rx -  4
      4         6.000 FB 1      0456 Rx -  9    00 01 02 03 04 05 06 07 08 09 0A 0B
`.replaceAll('\n', '\r\n')

test('frames of the protocol page are read with all their properties', () => {
  expect(read(V2_1).frames).toEqual([
    '1700000000.000000000 can0 123 rx dlc8 DEADBEEF01020304',
    '1700000000.001500000 can0 18FF50E5 extended tx dlc3 A1B2C3',
    '1700000000.004000000 can0 123 remote rx dlc4',
    '1700000000.006000000 can0 456 fd bitRateSwitch rx dlc9 000102030405060708090A0B',
  ])
})

const versions: [string, string, string][] = [
  ['1.0', '1) 1841 0001 2 0A 0B', '001 dlc2 0A0B'],
  ['1.0', '1) 1841 00000001 1 0A', '00000001 extended dlc1 0A'],
  ['1.0', '4) 1844 0100 3 RTR', '100 remote dlc3'],
  ['1.0', '2) 1842 0008 4 ERROR 00 19 08 08', '00000080 error dlc8 0000000000000000'],
  ['1.0', '3) 1843 FFFFFFFF 4 00 00 00 04 -- -- -- -- BUSLIGHT', 'reports of the state of the bus'],
  ['1.1', '1) 1059.9 Rx 0300 3 00 00 04', '300 rx dlc3 000004'],
  ['1.1', '1) 1059.9 Tx 0300 8 RTR', '300 remote tx dlc8'],
  ['1.1', '1) 1059.9 Warng FFFFFFFF 4 00 00 00 08 BUSHEAVY', 'reports of the state of the bus'],
  ['1.1', '1) 1059.9 Warng 0000 4 00 00 00 08', 'reports of the state of the bus'],
  ['1.1', '1) 1059.9 Error 0008 4 00 19 08 08', '00000080 error dlc8 0000000000000000'],
  ['1.1', '1) 1059.9 Xx 0300 0', 'lines that are no frames'],
  ['1.3', '1) 1059.900 2 Rx 0300 - 3 00 00 04', '300 rx dlc3 000004'],
  ['2.0', '1 1059.900 DT 0300 Rx 7 00 01 02 03 04 05 06', '300 rx dlc7 00010203040506'],
  ['2.0', '1 1059.900 FD 0300 Tx 12 00 01 02 03 04 05 06 07 08 09 0A 0B', '300 fd tx dlc9 000102030405060708090A0B'],
  ['2.1', '1 1.0 FE 1 0300 Rx - 1 FF', '300 fd bitRateSwitch errorState rx dlc1 FF'],
  ['2.1', '1 1.0 BI 1 0300 Rx - 1 FF', '300 fd errorState rx dlc1 FF'],
  ['2.1', '1 1.0 FD 1 0300 Rx - 0', '300 fd rx dlc0'],
  ['2.1', '1 1.0 DT 1 0300 Rx - 14 00 01 02 03 04 05 06 07', '300 rx dlc14 0001020304050607'],
  ['2.1', '1 1.0 ER 1 - Rx - 5 04 00 02 00 00', '00000080 error dlc8 0000000000000000'],
  ['2.1', '1 1.0 ST 1 - Rx - 4 00 00 00 08', 'reports of the state of the bus'],
  ['2.1', '1 1.0 EC 1 - Rx - 2 02 02', 'reports of the state of the bus'],
  ['2.1', '1 1.0 EV 1 User-defined event', 'reports of the state of the bus'],
  ['2.1', '1 1.0 XX 1 0300 Rx - 0', 'lines that are no frames'],
  ['2.1', '1 1.0 DT 1 0800 Rx - 0', 'frames with a bad ID'],
  ['2.1', '1 1.0 DT 1 20000000 Rx - 0', 'frames with a bad ID'],
  ['2.1', '1 1.0 DT 1 0300 Rx - 16', 'frames with a bad length'],
  ['2.1', '1 1.0 DT 1 0300 Rx - x', 'frames with a bad length'],
  ['2.1', '1 1.0 DT 1 0300 Rx - 2 00', 'frames with bad data'],
  ['2.1', '1 1.0 DT 1 0300 Rx - 1 0', 'frames with bad data'],
  ['2.1', '1 one DT 1 0300 Rx - 0', 'frames with a bad time'],
  ['2.1', 'x 1.0 DT 1 0300 Rx - 0', 'lines that are no frames'],
]

describe('a row of each version', () => {
  test.each(versions)('%s: %s: %s', (version, row, expected) => {
    const { frames, reader } = read(`;$FILEVERSION=${version}\n${row}\n`)
    expect(contents(frames)[0] ?? Object.keys(reader.tally.rejects)[0]).toBe(expected)
  })
})

test('columns are those that the file lists', () => {
  const log = ';$FILEVERSION=2.1\n;$COLUMNS=N,O,B,I,T,L,D\n1 2.5 3 0300 DT 1 FF\n'
  expect(read(log).frames).toEqual(['0.002500000 can2 300 dlc1 FF'])
})

test('a list without what a frame needs is not believed', () => {
  const log = ';$FILEVERSION=2.1\n;$COLUMNS=N,O,T\n1 1.0 DT 1 0300 Rx - 1 FF\n'
  expect(contents(read(log).frames)).toEqual(['300 rx dlc1 FF'])
})

test('the bus is a number from 1', () => {
  expect(read(';$FILEVERSION=1.3\n1) 1.0 4 Rx 0300 - 0\n').frames).toEqual(['0.001000000 can3 300 rx dlc0'])
})

describe('the start of a file', () => {
  test.each([
    ['44548.6028595139', 1639837687, 62_001_000],
    ['45244.92592592593', 1_700_000_000, 0],
    ['25569', 0, 0],
    ['25569.5', 43_200, 0],
    ['25568.999988425926', -1, 0],
    ['45244,92592592593', 1_700_000_000, 0],
  ])('%s days', (days, seconds, nanos) => {
    expect(trcStart(days)).toEqual({ seconds, nanos })
  })

  test.each(['', 'x', '-1', '1e5', '1.2.3'])('%j is no number', text => {
    expect(trcStart(text)).toBeUndefined()
  })

  test('is read as what was written, for any second', () => {
    fc.assert(
      fc.property(fc.integer({ min: -2_000_000_000, max: 250_000_000_000 }), seconds => {
        expect(trcStart(trcDays(seconds))).toEqual({ seconds, nanos: 0 })
      }),
    )
  })

  test('is a wall clock: in UTC unless told', () => {
    const berlin = readFrames(sink => new TrcReader(sink, zoneOf('Europe/Berlin')), V2_1)
    expect(berlin.frames[0]).toMatch(/^1699996400\./)
  })
})

test('any chunking gives the same frames', () => {
  const whole = read(V2_1)
  fc.assert(
    fc.property(fc.array(fc.nat(V2_1.length)), cuts => {
      expect(readFrames(make, V2_1, cuts).frames).toEqual(whole.frames)
    }),
  )
})

describe.skipIf(!hasCaptures)('captures (skipped without the folder WATTZUP_CAPTURES)', () => {
  test.each(['V1_1', 'V2_1'])('first and last frame of %s are those that python-can reads', version => {
    const { frames } = readFrames(make, capture(`log-formats/test_CanMessage_${version}.trc`))
    expect(frames).toHaveLength(11)
    expect(frames[0]).toBe('1639837704.597401000 can0 00000100 extended tx dlc8 0000000000000000')
    expect(frames.at(-1)).toBe('1639837735.999601000 can0 704 remote rx dlc1')
  })

  test('version 1.0 has neither date nor direction', () => {
    const { frames } = readFrames(make, capture('log-formats/test_CanMessage_V1_0_BUS1.trc'))
    expect(frames[0]).toBe('17.535000000 can0 00000100 extended dlc8 0000000000000000')
  })
})
