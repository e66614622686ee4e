import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { byteSource } from '../../src/core/bytes.ts'
import type { FrameSink } from '../../src/core/can.ts'
import { BatteryEmulatorReader } from '../../src/framing/battery-emulator.ts'
import { CandumpReader } from '../../src/framing/candump.ts'
import { CandumpScreenReader } from '../../src/framing/candump-screen.ts'
import { loadQuotedParser } from '../../src/framing/csv-cells.ts'
import { GvretCsvReader } from '../../src/framing/gvret-csv.ts'
import type { LogReader } from '../../src/framing/log-reader.ts'
import { readFrames } from './read-frames.ts'

const parseQuoted = await loadQuotedParser()
const READERS: [string, (sink: FrameSink) => LogReader][] = [
  ['candump', sink => new CandumpReader(sink)],
  ['candump-screen', sink => new CandumpScreenReader(sink)],
  ['gvret-csv', sink => new GvretCsvReader(sink, { parseQuoted, headerless: true })],
  ['battery-emulator', sink => new BatteryEmulatorReader(sink)],
]

/** Pieces of every format: random bytes alone hardly ever come near a frame. */
const PIECES = [
  '(1700000000.000000) can0 18FF50E5#DEADBEEF01020304\n',
  ' (000.001500)  can0  TX B E  456  [12]  00 01 02 03 04 05 06 07 08 09 0A 0B\n',
  '177000000,00000123,false,Rx,0,8,DE,AD,BE,EF,01,02,03,04,\n',
  '(12.345) tx1 18ff50e5 [3] a1 b2 c3\n',
  '7556  54A  8  10 0 70 2 0 0 0 2B\n',
  ...[
    '(',
    ')',
    '() ',
    '(1) a ',
    '(1.5) ',
    '(-',
    'can0 ',
    '#',
    '##',
    '##5',
    '#R',
    '#R8_',
    '_E',
    '.',
    ' R',
    ' T',
    '123',
    '12345',
    '18FF50E5',
  ],
  ...[
    '20000088',
    '[8]',
    '[12]',
    '[64]',
    '[',
    ']',
    '{E}',
    ' 00',
    '`',
    ' 10101010',
    'remote request',
    'DROPCOUNT:',
    ' RX - -',
    ' RX6 ',
  ],
  ...[
    ',',
    ';',
    '\t',
    '"',
    '""',
    ',"',
    '",',
    '0',
    '9',
    '9999999999999999',
    '-',
    'true',
    'false',
    'Time Stamp,',
    '\xEF\xBB\xBF',
    '0,0,,,,64,',
  ],
  ...['\n', '\r\n', '\r', ' ', '\0', '\xff'],
]
const hostile = fc
  .array(
    fc.oneof(
      { weight: 4, arbitrary: fc.constantFrom(...PIECES) },
      { weight: 1, arbitrary: fc.uint8Array({ maxLength: 12 }).map(bytes => Buffer.from(bytes).toString('latin1')) },
    ),
    { maxLength: 24 },
  )
  .map(parts => parts.join(''))

describe.each(READERS)('%s', (format, make) => {
  test('random bytes never throw, and every line is a frame or has a reason', () => {
    fc.assert(
      fc.property(hostile, fc.array(fc.nat(200), { maxLength: 2 }), (log, cuts) => {
        let frames = 0
        const { reader } = readFrames(
          sink =>
            make({
              frame: frame => {
                sink.frame(frame)
                frames++
                const isSane =
                  frame.id >= 0 &&
                  frame.id <= 0x1fffffff &&
                  frame.length >= 0 &&
                  frame.length <= 64 &&
                  frame.dlc >= 0 &&
                  frame.dlc <= 15 &&
                  Number.isSafeInteger(frame.seconds) &&
                  frame.nanos >= 0 &&
                  frame.nanos < 1e9
                expect(isSane).toBe(true)
              },
            }),
          Buffer.from(log, 'latin1'),
          cuts,
        )
        const text = log.endsWith('\n') ? log.slice(0, -1) : log
        const lines = log === '' ? 0 : text.split('\n').length
        expect(reader.lines).toBe(lines)
        const headers = format === 'gvret-csv' ? text.split('\n').filter(line => /time stamp/i.test(line)).length : 0
        const rest = lines - frames - Object.values(reader.rejects).reduce((sum, count) => sum + count, 0)
        expect(rest).toBeGreaterThanOrEqual(0)
        expect(rest).toBeLessThanOrEqual(headers)
      }),
      { numRuns: 10_000 },
    )
  }, 60_000)

  /** Lines that a search for what they lack would cost the square of. The time limit of the test is the test. */
  test.each([
    ['(1.0) can0 x\n', 'no #'],
    ['(1.0\n', 'no )'],
    ['(1.0)can0\n', 'no blank'],
    ['can0 123 [8\n', 'no ]'],
    ['1;2\n', 'no comma'],
    ['1,2,3\n', 'no quote'],
    ['(1.0) rx0 123 [8\n', 'no length'],
    ['\n', 'nothing'],
  ])(
    'costs no more per line in a large buffer than in a small one: %j, %s',
    line => {
      const source = byteSource(2_000_000)
      source.bytes.set(Buffer.from(line.repeat(Math.floor(source.bytes.length / line.length))))
      const end = Math.floor(source.bytes.length / line.length) * line.length
      const reader = make({ frame: () => {} })
      expect(reader.read(source, 0, end)).toBe(end)
      expect(reader.lines).toBe(end / line.length)
    },
    3_000,
  )

  test.each(['(', '(1.0) can0 123#', '1,2,', '"', ',"a', '(1.0) rx0 123 [8]', ' ', 'a ', 'a`', '9', '\0', '0,'])(
    'takes a line of megabytes that repeats %j',
    piece => {
      const log = Buffer.alloc(4_000_000, piece)
      const { reader, frames } = readFrames(make, log)
      expect(reader.lines).toBe(1)
      expect(frames.length + Object.values(reader.rejects).length).toBe(1)
    },
    3_000,
  )
})
