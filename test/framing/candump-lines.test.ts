import { describe, expect, test } from 'vitest'
import { ByteWriter } from '../../src/core/writer.ts'
import { createReader } from '../../src/framing/detect.ts'
import { type FrameLines, LogLines, ScreenLines } from '../../src/framing/writers/candump-lines.ts'
import type { StampKind } from '../../src/framing/writers/candump-stamp.ts'
import { readFrames } from './read-frames.ts'

process.env['TZ'] = 'UTC'

/** What candump of can-utils 2020.11 printed with -L of frames that cansend had sent; CAN FD it marks with a 4 more. */
const LOG = `(1795183229.573235)     vcan0 123#DEADBEEF01020304
(1795183229.640647)     vcan0 7FF#
(1795183229.683193)     vcan0 123#R4
(1795183229.709155)     vcan0 123#R
(1795183229.742443)     vcan0 456##1000102030405060708090A0B
(1795183229.807912)     vcan0 18FF50E5#A1B2C3
(1795183229.848934)     vcan0 123#1122
(1795183229.885045)     vcan0 00000123#01
(1795183229.919269)     vcan0 1FFFFFFF#R8
(1795183230.082386) longname0 321#01
`

/** What another candump printed at the same time. */
const SCREENS: Readonly<Record<string, string>> = {
  none: `      vcan0  123   [8]  DE AD BE EF 01 02 03 04
      vcan0  7FF   [0] 
      vcan0  123   [4]  remote request
      vcan0  123   [0]  remote request
      vcan0  456  [12]  00 01 02 03 04 05 06 07 08 09 0A 0B
      vcan0  18FF50E5   [3]  A1 B2 C3
      vcan0       123   [2]  11 22
      vcan0  00000123   [1]  01
      vcan0  1FFFFFFF   [8]  remote request
  longname0       321   [1]  01
`,
  a: ` (1795183229.573235)      vcan0  123   [8]  DE AD BE EF 01 02 03 04
 (1795183229.640647)      vcan0  7FF   [0] 
 (1795183229.683193)      vcan0  123   [4]  remote request
 (1795183229.709155)      vcan0  123   [0]  remote request
 (1795183229.742443)      vcan0  456  [12]  00 01 02 03 04 05 06 07 08 09 0A 0B
 (1795183229.807912)      vcan0  18FF50E5   [3]  A1 B2 C3
 (1795183229.848934)      vcan0       123   [2]  11 22
 (1795183229.885045)      vcan0  00000123   [1]  01
 (1795183229.919269)      vcan0  1FFFFFFF   [8]  remote request
 (1795183230.082386)  longname0       321   [1]  01
`,
}

const STAMPS: Readonly<Record<string, readonly string[]>> = {
  A: ['(2026-11-20 14:00:29.573235)', '(2026-11-20 14:00:29.640647)', '(2026-11-20 14:00:29.683193)'],
  d: ['(000.000000)', '(000.067412)', '(000.042546)', '(000.025962)', '(000.033288)'],
  z: ['(000.000000)', '(000.067412)', '(000.109958)', '(000.135920)', '(000.169208)'],
}

function print(make: (out: ByteWriter) => FrameLines, log = LOG): string {
  let text = ''
  const out = new ByteWriter(bytes => {
    text += Buffer.from(bytes).toString()
  })
  const lines = make(out)
  const frame = (current: Parameters<FrameLines['write']>[0]) => {
    current.origin.readTime(current)
    lines.write(current)
  }
  readFrames(() => createReader('candump', { frame }), log)
  out.flush()
  return text
}

const NAMES = ['vcan0', 'longname0']

describe('lines of candump', () => {
  test('are those of candump -L', () => {
    expect(print(out => new LogLines(out, NAMES))).toBe(LOG)
  })

  test.each(['none', 'a'])('on a screen are those of candump -t %s', kind => {
    const stamp = kind === 'none' ? undefined : (kind as StampKind)
    expect(print(out => new ScreenLines(out, NAMES, stamp))).toBe(SCREENS[kind])
  })

  test.each(['A', 'd', 'z'] as const)('are stamped as candump -t %s stamps them', kind => {
    const lines = print(out => new ScreenLines(out, ['vcan0'], kind)).split('\n')
    expect(lines.slice(0, STAMPS[kind]!.length).map(line => /\(.*?\)/.exec(line)?.[0])).toEqual(STAMPS[kind])
  })

  test('of error frames are marked', () => {
    const log = '(1.000000) vcan0 20000088#0000800000001122\n'
    expect(print(out => new ScreenLines(out, ['vcan0'], undefined), log)).toBe(
      '  vcan0  20000088   [8]  00 00 80 00 00 00 11 22   ERRORFRAME\n', // as candump vcan0,0:0,#FFFFFFFF prints it
    )
  })

  test('have all names as wide as the widest so far, where names are not known before', () => {
    const log = '(1.000000) can0 1F#\n(1.000000) can0 123#\n(2.000000) longer 123#\n(3.000000) can0 123#\n'
    expect(print(out => new LogLines(out, []), log).split('\n')).toEqual([
      ...['(0000000001.000000) can0 123#', '(0000000002.000000) longer 123#', '(0000000003.000000)   can0 123#', ''],
    ])
  })

  test('have nine decimals from the first time on that needs them; a time that goes back is no span', () => {
    const log = '(5.500000) can0 123#\n(5.500000001) can0 123#\n(4.250000) can0 123#\n'
    expect(print(out => new LogLines(out, []), log)).toBe(
      '(0000000005.500000) can0 123#\n(0000000005.500000001) can0 123#\n(0000000004.250000000) can0 123#\n',
    )
    expect(print(out => new LogLines(out, [], 'd'), '(5.5) can0 123#\n(4.2) can0 123#\n')).toBe(
      '(000.000000) can0 123#\n(000.000000) can0 123#\n',
    )
  })
})
