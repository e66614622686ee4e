import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { FrameSink } from '../../src/core/can.ts'
import { AscReader } from '../../src/framing/asc.ts'
import { ascDate, parseAscDate } from '../../src/framing/asc-date.ts'
import { UTC, zoneOf } from '../../src/framing/zone.ts'
import { contents, readFrames } from './read-frames.ts'

const make = (sink: FrameSink) => new AscReader(sink, UTC)
const read = (log: string) => readFrames(make, log)
/** What the reader says of one line behind the header. */
const one = (line: string, header = '') => {
  const { frames, reader } = read(`${header}base hex  timestamps absolute\n${line}\n`)
  return contents(frames)[0] ?? Object.keys(reader.tally.rejects)[0]
}

/** docs/protocols/log-formats.md, section 4: the test frames as log2asc prints them. */
const VECTORS = `date Tue Nov 14 22:13:20 2023
base hex  timestamps absolute
no internal events logged
// version 18.2.0
Begin Triggerblock Tue Nov 14 22:13:20.000 2023
   0.000000 Start of measurement
   0.000000 1  123             Rx   d 8 DE AD BE EF 01 02 03 04
   0.001500 1  18FF50E5x       Tx   d 3 A1 B2 C3
   0.002000 2  7FF             Rx   d 0
   0.004000 1  123             Rx   r 4
   0.005000 1  ErrorFrame
   0.006000 CANFD   1 Rx          456                                   1 0 9 12 00 01 02 03 04 05 06 07 08 09 0A 0B   130000  130     3000 0 0 0 0 0
   1.250000 1  123x            Rx   d 1 01
End TriggerBlock
`

test('frames of the protocol page are read with all their properties', () => {
  const { frames, reader } = read(VECTORS)
  expect(frames).toEqual([
    '1700000000.000000000 can0 123 rx dlc8 DEADBEEF01020304',
    '1700000000.001500000 can0 18FF50E5 extended tx dlc3 A1B2C3',
    '1700000000.002000000 can1 7FF rx dlc0',
    '1700000000.004000000 can0 123 remote rx dlc4',
    '1700000000.005000000 can0 00000080 error dlc8 0000000000000000',
    '1700000000.006000000 can0 456 fd bitRateSwitch rx dlc9 000102030405060708090A0B',
    '1700000001.250000000 can0 00000123 extended rx dlc1 01',
  ])
  expect(reader.tally.rejects).toEqual({})
})

test('CRLF, tabs and letters of either case change nothing', () => {
  const { frames } = read(VECTORS)
  expect(read(VECTORS.replaceAll('\n', '\r\n')).frames).toEqual(frames)
  expect(read(VECTORS.replaceAll('  ', '\t')).frames).toEqual(frames)
  expect(read(VECTORS.toLowerCase()).frames).toEqual(frames)
})

describe('a classic line', () => {
  test.each([
    [
      '0.1 1 3FF Tx d D 55 AA 01 02 03 04 05 06  Length = 232016 BitCount = 119 ID = 1023',
      '3FF tx dlc13 55AA010203040506',
    ],
    ['0.1 2 200 Tx r Length = 1704000 BitCount = 145 ID = 88888888x', '200 remote tx dlc0'],
    ['0.1 4 300 Rx r 8 Length = 1704000 BitCount = 145 ID = 88888888x', '300 remote rx dlc8'],
    ['0.1 1 ErrorFrame ECC: 10100010', '00000080 error dlc8 0000000000000000'],
    ['0.1 1 1FFFFFFFx Rx d 0', '1FFFFFFF extended rx dlc0'],
    ['0.1 1 800 Rx d 0', 'frames with a bad ID'],
    ['0.1 1 20000000x Rx d 0', 'frames with a bad ID'],
    ['0.1 1 x Rx d 0', 'frames with a bad ID'],
    ['0.1 1 123 Rx d 3 01 02', 'frames with bad data'],
    ['0.1 1 123 Rx d 1 100', 'frames with bad data'],
    ['0.1 1 123 Rx d 1 G0', 'frames with bad data'],
    ['0.1 1 123 Rx d 2 01 0', 'frames with bad data'],
    ['0.1 1 123 Rx d', 'frames with a bad length'],
    ['0.1 1 123 Rx d 12 00', 'frames with a bad length'],
    ['0.1 1 123 Xx d 0', 'lines that are no frames'],
    ['0.1 1 123 Rx q 0', 'lines that are no frames'],
    ['0.1 1', 'lines that are no frames'],
    ['nonsense', 'lines that are no frames'],
  ])('%s: %s', (line, expected) => {
    expect(one(line)).toBe(expected)
  })

  test('has decimal IDs and bytes where the header says so', () => {
    const log = 'base dec timestamps absolute\n0.1 1 1023 Tx d D 85 170 1 2 3 4 5 6\n0.2 1 419385573x Rx d 1 255\n'
    expect(contents(read(log).frames)).toEqual(['3FF tx dlc13 55AA010203040506', '18FF50E5 extended rx dlc1 FF'])
  })
})

describe('a line of CAN FD', () => {
  const tail = '130000 130'
  test.each([
    [
      `0.1 CANFD 1 Rx 300 1 0 8 8 01 02 03 04 05 06 07 08 ${tail} 303000 e0006659`,
      '300 fd bitRateSwitch rx dlc8 0102030405060708',
    ],
    [
      `0.1 CANFD 3 Rx 30a Generic_Name_12 1 1 8 8 01 02 03 04 05 06 07 08 ${tail} 303000`,
      '30A fd bitRateSwitch errorState rx dlc8 0102030405060708',
    ],
    [`0.1 CANFD 2 Tx 1C4D80A7x 0 1 1 1 8b ${tail} 303000 0`, '1C4D80A7 extended fd errorState tx dlc1 8B'],
    [`0.1 CANFD 1 Rx 123 1 0 0 1 1 AA ${tail} 3000`, 'frames with a bad length'],
    [`0.1 CANFD 1 Rx 123 0 0 3 3 A1 B2 C3 ${tail} 0 0 0 0 0 0`, '123 rx dlc3 A1B2C3'],
    [`0.1 CANFD 1 Rx 123 0 0 e 8 01 02 03 04 05 06 07 08 ${tail} 0`, '123 rx dlc14 0102030405060708'],
    [`0.1 CANFD 1 Rx 123 1 0 3 3 A1 B2 C3 ${tail} 0`, '123 fd bitRateSwitch rx dlc3 A1B2C3'],
    [
      `0.1 CANFD 1 Rx 123 0 0 9 12 00 01 02 03 04 05 06 07 08 09 0A 0B ${tail} 0`,
      '123 fd rx dlc9 000102030405060708090A0B',
    ],
    [`0.1 CANFD 1 Rx 123 0 0 9 9 00 01 02 03 04 05 06 07 08 ${tail} 1000`, '123 fd rx dlc9 000102030405060708'],
    [`0.1 CANFD 1 Rx 123 0 0 0 0 ${tail} 1000`, '123 fd rx dlc0'],
    ['0.1 CANFD 3 Tx 50005x 0 0 5 0 140000 73 200050 7a60 46500250', '00050005 extended remote tx dlc5'],
    [`0.1 CANFD 1 Rx 123 1 0 4 0 ${tail} 3010`, '123 remote rx dlc4'],
    [
      '0.1 CANFD 5 Tx ErrorFrame Not Acknowledge error, dominant error flag fffe',
      '00000080 error tx dlc8 0000000000000000',
    ],
    [`0.1 CANFD 1 Rx 123 0 0 9 12 01 02 ${tail} 0`, 'frames with bad data'],
    [`0.1 CANFD 1 Rx 123 0 0 1 3 01 02 03 ${tail} 1000`, 'frames with a bad length'],
    [`0.1 CANFD 1 Rx 123 0 0 8 65 01 02 03 ${tail} 1000`, 'frames with a bad length'],
    ['0.1 CANFD 1 Rx 123 2 2 2', 'frames with bad data'],
    ['0.1 CANFD 1 Rx 123', 'frames with bad data'],
    ['0.1 CANFD one Rx 123', 'lines that are no frames'],
  ])('%s: %s', (line, expected) => {
    expect(one(line)).toBe(expected)
  })

  test('has hex bytes even where the base is decimal', () => {
    const log = `base dec timestamps absolute\n0.1 CANFD 1 Rx 30a 1 0 1 1 FF 1 1 3000\n`
    expect(contents(read(log).frames)).toEqual(['30A fd bitRateSwitch rx dlc1 FF'])
  })
})

test('events that are about the bus are passed over without a word, others are counted', () => {
  const log = `0.015991 CAN 1 Status:chip status error passive - TxErr: 132 RxErr: 0
1.015991 1  Statistic: D 0 R 0 XD 0 XR 0 E 0 O 0 B 0.00%
3.297743 1  J1939TP FEE3p        6    0  0   -   Rx   d 23 A0 0F A6
3.3 1 123 TxRq d 1 00
3.4 CANFD 1 TxRq 123 0 0 1 1 00
// a comment
internal events logged
3.5 SV: 1 0 1 ::sysvar = 5
`
  const { frames, reader } = read(log)
  expect(frames).toEqual([])
  expect(reader.tally.rejects).toEqual({ 'events of other kinds': 1 })
  expect(reader.tally.firstAt).toEqual({ 'events of other kinds': 8 })
})

describe('times', () => {
  const times = (log: string) => read(log).frames.map(frame => frame.split(' ')[0])

  test('count from the date, or from that of the trigger block where it has one', () => {
    expect(times('date Tue Nov 14 22:13:20 2023\n0.5 1 1 Rx d 0\n')).toEqual(['1700000000.500000000'])
    const later = 'date Tue Nov 14 22:13:20 2023\nBegin Triggerblock Tue Nov 14 22:13:21.250 2023\n0.5 1 1 Rx d 0\n'
    expect(times(later)).toEqual(['1700000001.750000000'])
    const undated = 'date Tue Nov 14 22:13:20 2023\nBegin Triggerblock\n0.5 1 1 Rx d 0\n'
    expect(times(undated)).toEqual(['1700000000.500000000'])
  })

  test('count from 0 without a date', () => {
    expect(times('base hex  timestamps absolute\n   0.0015 1 1 Rx d 0\n')).toEqual(['0.001500000'])
  })

  test('may be those since the event before, whatever that was', () => {
    const log = `date Tue Nov 14 22:13:20 2023
base hex timestamps relative
0.250000 1 1 Rx d 0
0.500000 1  Statistic: D 0 R 0 XD 0 XR 0 E 0 O 0 B 0.00%
0.500001 1 2 Rx d 0
`
    expect(times(log)).toEqual(['1700000000.250000000', '1700000001.250001000'])
  })

  test('have any number of decimals', () => {
    expect(times('date Tue Nov 14 22:13:20 2023\n1.2345 1 1 Rx d 0\n2.12345 1 1 Rx d 0\n3 1 1 Rx d 0\n')).toEqual([
      '1700000001.234500000',
      '1700000002.123450000',
      '1700000003.000000000',
    ])
  })

  test('are those of the zone that is asked for', () => {
    const log = 'date Tue Nov 14 22:13:20 2023\n0.0 1 1 Rx d 0\n'
    const berlin = readFrames(sink => new AscReader(sink, zoneOf('Europe/Berlin')), log)
    expect(berlin.frames[0]).toMatch(/^1699996400\./)
  })
})

describe('a date', () => {
  test.each([
    ['date Tue Nov 14 22:13:20 2023', Date.UTC(2023, 10, 14, 22, 13, 20)],
    ['date Sam Sep 30 15:06:13.191 2017', Date.UTC(2017, 8, 30, 15, 6, 13, 191)],
    ['date Thu Apr 28 10:44:52.480 am 2022', Date.UTC(2022, 3, 28, 10, 44, 52, 480)],
    ['date Thu Apr 28 10:44:52.480 pm 2022', Date.UTC(2022, 3, 28, 22, 44, 52, 480)],
    ['date Thu Apr 28 12:00:00 am 2022', Date.UTC(2022, 3, 28)],
    ['date Thu Apr 28 12:00:00 PM 2022', Date.UTC(2022, 3, 28, 12)],
    ['date Mit M\xe4r 8 09:00:00 2023', Date.UTC(2023, 2, 8, 9)],
    ['date Mit M\xc3\xa4r 8 09:00:00 2023', Date.UTC(2023, 2, 8, 9)],
    ['date Die Okt 10 09:00:00 2023', Date.UTC(2023, 9, 10, 9)],
    ['date Son Dez 24 09:00:00 2023', Date.UTC(2023, 11, 24, 9)],
    ['date Mon Mai 1 09:00:00 2023', Date.UTC(2023, 4, 1, 9)],
    ['date Mon September 4 09:00:00 2023', Date.UTC(2023, 8, 4, 9)],
  ])('%s', (text, ms) => {
    const { seconds, nanos } = parseAscDate(text)!
    expect(seconds * 1000 + nanos / 1e6).toBe(ms)
  })

  test.each([
    'date',
    'date Tue Foo 14 22:13:20 2023',
    'date Tue Nov 32 22:13:20 2023',
    'date Tue Nov 14 24:00:00 2023',
    '',
  ])('is none: %s', text => {
    expect(parseAscDate(text)).toBeUndefined()
  })

  test('is read as what was written', () => {
    fc.assert(
      fc.property(fc.integer({ min: -2_208_988_800, max: 253_402_300_799 }), seconds => {
        expect(parseAscDate(ascDate(seconds))).toEqual({ seconds, nanos: 0 })
      }),
    )
  })
})

test('any chunking gives the same frames', () => {
  const whole = read(VECTORS)
  fc.assert(
    fc.property(fc.array(fc.nat(VECTORS.length)), cuts => {
      expect(readFrames(make, VECTORS, cuts).frames).toEqual(whole.frames)
    }),
  )
})
