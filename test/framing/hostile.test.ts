import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { byteSource } from '../../src/core/bytes.ts'
import type { FrameSink } from '../../src/core/can.ts'
import { loadQuotedParser } from '../../src/framing/csv-cells.ts'
import { createReader } from '../../src/framing/detect.ts'
import type { LogReader } from '../../src/framing/log-reader.ts'
import { READABLE_FORMATS, type ReadableFormat } from '../../src/framing/signatures.ts'
import { inflate, readFrames } from './read-frames.ts'

const parseQuoted = await loadQuotedParser()
const READERS = READABLE_FORMATS.map((format): [ReadableFormat, (sink: FrameSink) => LogReader] => [
  format,
  sink => createReader(format, sink, { parseQuoted, inflate, headerless: true }),
])
const NOBODY: FrameSink = { frame: () => {} }
const TEXT = READERS.filter(([, make]) => make(NOBODY).kind === 'text')
const BINARY = READERS.filter(([, make]) => make(NOBODY).kind === 'binary')
/** Formats whose every line is a frame or has a reason; the others have headers, comments and events. */
const STRICT: readonly ReadableFormat[] = ['candump', 'candump-screen', 'battery-emulator', 'ndjson']

/** Pieces of every format: random bytes alone hardly ever come near a frame. */
const PIECES = [
  '(1700000000.000000) can0 18FF50E5#DEADBEEF01020304\n',
  ' (000.001500)  can0  TX B E  456  [12]  00 01 02 03 04 05 06 07 08 09 0A 0B\n',
  '177000000,00000123,false,Rx,0,8,DE,AD,BE,EF,01,02,03,04,\n',
  '(12.345) tx1 18ff50e5 [3] a1 b2 c3\n',
  '7556  54A  8  10 0 70 2 0 0 0 2B\n',
  '   0.001500 1  18FF50E5x       Tx   d 3 A1 B2 C3\n',
  '   0.006000 CANFD   1 Rx   456   1 0 9 12 00 01 02 03 04 05 06 07 08 09 0A 0B   130000  130     3000 0 0 0 0 0\n',
  'date Tue Nov 14 22:13:20 2023\nbase hex  timestamps relative\n',
  ';$FILEVERSION=2.1\n;$STARTTIME=45244.92592592593\n;$COLUMNS=N,O,T,B,I,d,R,L,D\n',
  '      2         1.500 DT 1  18FF50E5 Tx -  3    A1 B2 C3\n',
  '1) 1059.9 Rx 0300 3 00 00 04\n',
  '1700000000.0015,0x18ff50e5,1,0,0,3,obLD\n',
  '{"ts":"1700000000.001500","ch":"can0","id":"18FF50E5","ext":true,"dir":"tx","dlc":3,"data":"A1B2C3"}\n',
  '166.064000 R11 0000021A FE 36 12 FE 69 05 07 AD \n',
  '***START DATE AND TIME 14:11:2023 22:13:20:000***\n22:13:20:992 Rx 0 21A s 2 FE 36\n',
  '0000021A,FE 36 12 FE 69 05 07 AD \n',
  ...['date ', 'base dec', 'Begin ', 'CANFD ', 'ErrorFrame', ' Tx ', ' d ', ' r ', 'x ', ' 9 12 '],
  ...[';$', ';$COLUMNS=', ';$STARTTIME=', ' FB ', ' ER ', 'RTR', 'FFFFFFFF', '***', ' s ', ' R29 ', ',0x', '=', '}'],
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

describe.each(TEXT)('%s', (format, make) => {
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
        expect(reader.tally.lines).toBe(lines)
        const rest = lines - frames - Object.values(reader.tally.rejects).reduce((sum, count) => sum + count, 0)
        expect(rest).toBeGreaterThanOrEqual(0)
        if (STRICT.includes(format)) expect(rest).toBe(0)
      }),
      { numRuns: 3000 },
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
      expect(reader.tally.lines).toBe(end / line.length)
    },
    3_000,
  )

  test.each([
    'date a',
    ';$a=',
    '***',
    '1 ',
    '{',
    '(',
    '(1.0) can0 123#',
    '1,2,',
    '"',
    ',"a',
    '(1.0) rx0 123 [8]',
    ' ',
    'a ',
    'a`',
    '9',
    '\0',
    '0,',
  ])(
    'takes a line of megabytes that repeats %j',
    piece => {
      const log = Buffer.alloc(4_000_000, piece)
      const { reader, frames } = readFrames(make, log)
      expect(reader.tally.lines).toBe(1)
      expect(frames.length + Object.values(reader.tally.rejects).length).toBeLessThanOrEqual(1)
    },
    3_000,
  )
})

/** Beginnings of each binary format, and parts that they go on with. */
const BINARY_PIECES = [
  'd4c3b2a10200040000000000000000ffff0000e3000000',
  '00f1536500000000100000001000000000000123080000' + '00deadbeef01020304',
  '0a0d0d0a1c0000004d3c2b1a01000000ffffffffffffffff1c000000',
  '010000001400000' + '0e3000000ffff000014000000',
  '06000000300000000000000000000000000000001000000010000000000001230800000' + '0deadbeef0102030430000000',
  '4c4f474790000000',
  '00'.repeat(136),
  '4c4f424a200001003000000001000000020000001111000022222222222222221111223344444444' + '5566778899aabbcc',
  '4c4f424a1000010080000000' + '0a000000000000000000000060000000' + '00000000',
].map(hex => Buffer.from(hex, 'hex'))

describe.each(BINARY)('%s', (_, make) => {
  test('random bytes never throw, and every frame is one', () => {
    const piece = fc.oneof(
      { weight: 4, arbitrary: fc.constantFrom(...BINARY_PIECES) },
      fc.uint8Array({ maxLength: 40 }),
    )
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 12 }), fc.array(fc.nat(400), { maxLength: 3 }), (parts, cuts) => {
        const { frames, reader } = readFrames(make, Buffer.concat(parts), cuts)
        expect(frames.length).toBeLessThanOrEqual(reader.tally.lines)
        expect(frames.every(frame => /^\d+\.\d{9} \S+ [0-9A-F]{3,8} .*dlc\d+/.test(frame))).toBe(true)
      }),
      { numRuns: 2000 },
    )
  }, 60_000)
})
