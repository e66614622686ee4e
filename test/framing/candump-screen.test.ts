import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { FrameSink } from '../../src/core/can.ts'
import { CandumpScreenReader } from '../../src/framing/candump-screen.ts'
import { readFrames } from './read-frames.ts'

const make = (sink: FrameSink) => new CandumpScreenReader(sink)
const read = (log: string) => readFrames(make, log)
/** What the reader says of one line, without the time 0. */
const one = (line: string) => {
  const { frames, reader } = read(`${line}\n`)
  return frames[0]?.replace(/^0\.000000000 /, '') ?? Object.keys(reader.tally.rejects)[0]
}

/** docs/protocols/log-formats.md, section 2: what follows the interface, as printed by can-utils. */
const TEXTS = [
  '123   [8]  DE AD BE EF 01 02 03 04',
  '18FF50E5   [3]  A1 B2 C3',
  '     7FF   [0] ',
  '     123   [4]  remote request',
  '20000088   [8]  00 00 00 00 00 00 00 00   ERRORFRAME',
  '     456  [12]  00 01 02 03 04 05 06 07 08 09 0A 0B',
  '00000123   [1]  01',
]
const FRAMES = [
  '123 dlc8 DEADBEEF01020304',
  '18FF50E5 extended dlc3 A1B2C3',
  '7FF dlc0',
  '123 remote dlc4',
  '00000088 error dlc8 0000000000000000',
  '456 fd dlc9 000102030405060708090A0B',
  '00000123 extended dlc1 01',
]
const STAMPS = ['000.000000', '000.001500', '000.002000', '000.004000', '000.005000', '000.006000', '001.250000']
const log = (stamps: string[], end = '\n') =>
  TEXTS.map(
    (text, i) => ` ${stamps[i] ?? ''}${stamps[i] ? '  ' : ' '}${i === 2 ? 'can1' : 'can0'}  ${text}${end}`,
  ).join('')

describe('frames of the protocol page', () => {
  const named = FRAMES.map((frame, i) => `${i === 2 ? 'can1' : 'can0'} ${frame}`)

  test('without stamps have the time 0', () => {
    const { frames, stamps, reader } = read(log([]))
    expect(frames).toEqual(named.map(frame => `0.000000000 ${frame}`))
    expect(new Set(stamps)).toEqual(new Set(['0.000000']))
    expect(reader.tally.rejects).toEqual({})
  })

  test('with relative stamps (-tz, -td), also with CRLF', () => {
    const { frames, stamps } = read(log(STAMPS.map(stamp => `(${stamp})`)))
    const times = [
      '0.000000000',
      '0.001500000',
      '0.002000000',
      '0.004000000',
      '0.005000000',
      '0.006000000',
      '1.250000000',
    ]
    expect(frames).toEqual(named.map((frame, i) => `${times[i]} ${frame}`))
    expect(stamps).toEqual(STAMPS)
    expect(
      read(
        log(
          STAMPS.map(stamp => `(${stamp})`),
          '\r\n',
        ),
      ).frames,
    ).toEqual(frames)
  })

  test('with absolute stamps (-ta), also of 9 digits (-N)', () => {
    expect(read(' (1700000000.001500)  can0  18FF50E5   [3]  A1 B2 C3\n').frames).toEqual([
      '1700000000.001500000 can0 18FF50E5 extended dlc3 A1B2C3',
    ])
    expect(read(' (1700000000.001500007)  can0  18FF50E5   [3]  A1 B2 C3\n').frames).toEqual([
      '1700000000.001500007 can0 18FF50E5 extended dlc3 A1B2C3',
    ])
  })

  test('with local date and time (-tA), whose stamp holds a blank', () => {
    const local = Math.floor(new Date('2023-11-14T22:13:20').getTime() / 1000)
    const { frames, stamps } = read(' (2023-11-14 22:13:20.001500)  can0  123   [1]  01\n')
    expect(frames).toEqual([`${local}.001500000 can0 123 dlc1 01`])
    expect(stamps).toEqual(['2023-11-14 22:13:20.001500'])
  })
})

describe('variants', () => {
  test.each([
    [' can0  RX - -  123   [2]  01 02', 'can0 123 rx dlc2 0102'],
    [' can0  TX - -  18FF50E5   [3]  A1 B2 C3', 'can0 18FF50E5 extended tx dlc3 A1B2C3'],
    [' can0  TX B E       456  [02]  01 02', 'can0 456 fd bitRateSwitch errorState tx dlc2 0102'],
    [
      ' can0  RX B -  456  [12]  00 01 02 03 04 05 06 07 08 09 0A 0B',
      `can0 456 fd bitRateSwitch rx dlc9 000102030405060708090A0B`,
    ],
    [' can0  RX - -  123   [4]  remote request', 'can0 123 remote rx dlc4'],
    [' can0  123   {E}  11 22 33 44 55 66 77 88', 'can0 123 dlc14 1122334455667788'],
    [' can0  123   {3}  11 22 33', 'can0 123 dlc3 112233'],
    [' can0  123   {9}  remote request', 'can0 123 remote dlc9'],
    [' can0  123   [8]  04`03`02`01`EF`BE`AD`DE', 'can0 123 dlc8 DEADBEEF01020304'],
    [' can0  123   [1]  DE', 'can0 123 dlc1 DE'],
    [' can0  123   [2]  10101010 00000001', 'can0 123 dlc2 AA01'],
    [' can0  123   [2]  00000001`10101010', 'can0 123 dlc2 AA01'],
    [" can0  123   [3]  61 00 62                  'a.b'", 'can0 123 dlc3 610062'],
    [' can0  123   [3]  62`00`61                  `b.a`', 'can0 123 dlc3 610062'],
    [' can0  123   [2]  61 62 63 64', 'can0 123 dlc2 6162'],
    ['can0 18ff50e5 [3] a1 b2 c3', 'can0 18FF50E5 extended dlc3 A1B2C3'],
    ['\tvcan10\t123\t[0]', 'vcan10 123 dlc0'],
    [` can0  456  [64]  ${'5A '.repeat(64)}`, `can0 456 fd dlc15 ${'5A'.repeat(64)}`],
  ])('%s', (line, frame) => {
    expect(one(line)).toBe(frame)
  })
})

describe('what is no frame is counted by its reason', () => {
  test.each([
    [' can0  123   [8]  DE AD BE EF', 'frames with bad data'],
    [' can0  123   [2]  DE XX', 'frames with bad data'],
    [' can0  123   [2]  DE`AD`BE EF`', 'can0 123 dlc2 ADDE'],
    [' can0  123   [3]  DE`AD BE', 'frames with bad data'],
    [' can0  123   [3]  DE AD`BE', 'frames with bad data'],
    [' can0  123   [9]  00 00 00 00 00 00 00 00 00', 'frames with a bad length'],
    [' can0  123  [65]  00', 'frames with a bad length'],
    [' can0  123  [1', 'frames with a bad length'],
    [' can0  456  [08]  remote request', 'frames with bad data'],
    [' can0  800   [1]  00', 'frames with a bad ID'],
    [' can0  FFFFFFFF   [1]  00', 'frames with a bad ID'],
    [' can0  12   [1]  00', 'lines that are no frames'],
    [' can0  RX', 'lines that are no frames'],
    [' can0', 'lines that are no frames'],
    [' (1.5 can0  123   [1]  00', 'lines that are no frames'],
    [' (1.\0\0\x005)  can0  123   [1]  00', 'frames with a bad time'],
    [' (1.5)  ca\0\0n0  123   [1]  00', 'lines that are no frames'],
    ['   ', 'blank lines'],
    ["DROPCOUNT: dropped 7 CAN frames on 'can0' socket (total drops 7)", 'reports of dropped frames'],
    ['\tprotocol-violation{{error-on-tx}{}}', 'lines that are no frames'],
  ])('%s: %s', (line, reason) => {
    expect(one(line)).toBe(reason)
  })
})

test('any chunking gives the same frames', () => {
  const text = `junk\n\n${log(STAMPS.map(stamp => `(${stamp})`))}${log([], '\r\n')} can0  123   [2]  DE`
  const whole = read(text)
  expect(whole.frames).toHaveLength(14)
  fc.assert(
    fc.property(fc.array(fc.nat(text.length)), cuts => {
      const cut = readFrames(make, text, cuts)
      expect(cut.frames).toEqual(whole.frames)
      expect(cut.stamps).toEqual(whole.stamps)
      expect(cut.reader.tally.rejects).toEqual(whole.reader.tally.rejects)
    }),
  )
})
