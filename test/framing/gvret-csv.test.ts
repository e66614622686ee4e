import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { FrameSink } from '../../src/core/can.ts'
import { CandumpReader } from '../../src/framing/candump.ts'
import { loadQuotedParser } from '../../src/framing/csv-cells.ts'
import { GvretCsvReader, type GvretOptions } from '../../src/framing/gvret-csv.ts'
import { capture, contents, hasCaptures, readFrames } from './read-frames.ts'

const parseQuoted = await loadQuotedParser()
const make = (options: GvretOptions) => (sink: FrameSink) => new GvretCsvReader(sink, { parseQuoted, ...options })
const read = (log: string, options: GvretOptions = { hasTimes: true }) => readFrames(make(options), log)

const V1 = 'Time Stamp,ID,Extended,Bus,LEN,D1,D2,D3,D4,D5,D6,D7,D8\n'
const V2 = 'Time Stamp,ID,Extended,Dir,Bus,LEN,D1,D2,D3,D4,D5,D6,D7,D8\n'
/** Long enough that a line before it is read the fast way: the last lines of a log are not. */
const MORE = '9,00000001,false,Rx,0,0,00,00,00,00,00,00,00,00,\n'.repeat(3)

/** The one row, read in both ways, which have to agree. */
function row(line: string, header = V2): string | undefined {
  const warm = header === V1 ? '7,00000001,false,0,0,\n' : '7,00000001,false,Rx,0,0,\n'
  const fast = read(`${header}${warm}${line}\n${MORE}`)
  const slow = read(`${header}${line}\n`)
  expect(fast.frames.slice(1, -3)).toEqual(slow.frames)
  return slow.frames[0] ?? Object.keys(slow.reader.tally.rejects)[0]
}

describe('rows of the protocol page', () => {
  test('V2', () => {
    const log = `${V2}0,00000123,false,Rx,0,8,DE,AD,BE,EF,01,02,03,04,
1500,18FF50E5,true,Tx,0,3,A1,B2,C3,00,00,00,00,00,
`
    const { frames, stamps, reader } = read(log)
    expect(frames).toEqual([
      '0.000000000 can0 123 rx dlc8 DEADBEEF01020304',
      '0.001500000 can0 18FF50E5 extended tx dlc3 A1B2C3',
    ])
    expect(stamps).toEqual(['0.000000', '0.001500'])
    expect(reader.tally.rejects).toEqual({})
    expect(reader.tally.lines).toBe(3)
  })

  test('V1', () => {
    expect(read(`${V1}1500,00000123,false,0,8,DE,AD,BE,EF,01,02,03,04,\n`).frames).toEqual([
      '0.001500000 can0 123 dlc8 DEADBEEF01020304',
    ])
  })
})

describe('variants', () => {
  test.each([
    ['5,00000123,false,Rx,1,2,01,02', '0.000005000 can1 123 rx dlc2 0102'],
    ['5,00000123,false,Rx,1,2,01,02,', '0.000005000 can1 123 rx dlc2 0102'],
    ['5,00000123,false,Rx,1,2,01,02,,,,,,', '0.000005000 can1 123 rx dlc2 0102'],
    ['5,00000123,false,Rx,1,2,01,02,00,00,00,00,00,00', '0.000005000 can1 123 rx dlc2 0102'],
    ['5,00000123,false,Rx,1,0', '0.000005000 can1 123 rx dlc0'],
    ['5,00000123,false,Rx,1,0,', '0.000005000 can1 123 rx dlc0'],
    ['5,00000123,TRUE,Tx,12,1,ff,', '0.000005000 can12 00000123 extended tx dlc1 FF'],
    ['5,00000123,False,rx,0,1,ff,', '0.000005000 can0 123 rx dlc1 FF'],
    ['5,18ff50e5,false,Rx,0,1,ff,', '0.000005000 can0 18FF50E5 extended rx dlc1 FF'],
    ['5, 12D ,false,Rx,0,2,7,0', '0.000005000 can0 12D rx dlc2 0700'],
    ['5,00000123,false,,0,1,ff,', '0.000005000 can0 123 dlc1 FF'],
    ['-1500,00000123,false,Rx,0,1,ff,', '-1.998500000 can0 123 rx dlc1 FF'],
    ['1709845200032995,00000123,false,Rx,0,1,ff,', '1709845200.032995000 can0 123 rx dlc1 FF'],
    ['000166064000,00000123,false,Rx,0,1,ff,', '166.064000000 can0 123 rx dlc1 FF'],
    ['5,00000123,false,Rx,0,12,0,1,2,3,4,5,6,7,8,9,a,b,', '0.000005000 can0 123 fd rx dlc9 000102030405060708090A0B'],
    [`5,00000123,false,Rx,0,64${',5A'.repeat(64)}`, `0.000005000 can0 123 fd rx dlc15 ${'5A'.repeat(64)}`],
    ['"5","00000123","false","Rx","0","2","01","02",', '0.000005000 can0 123 rx dlc2 0102'],
    ['5,"00000123",false,Rx,0,2,01,02,"a, ""quoted"" remark"', '0.000005000 can0 123 rx dlc2 0102'],
  ])('%s', (line, frame) => {
    expect(row(line)).toBe(frame)
    expect(row(`${line}\r`)).toBe(frame)
  })

  test.each([
    [';', ';'],
    ['tab', '\t'],
  ])('separator %s, byte order mark and CRLF', (_name, separator) => {
    const log = `\xEF\xBB\xBF${V2}${'5,00000123,true,Tx,0,2,01,02,00,00,00,00,00,00,\n'.repeat(4)}`
    const other = log.replaceAll(',', separator).replaceAll('\n', '\r\n')
    expect(read(other).frames).toEqual(read(log).frames)
    expect(read(other).frames).toEqual(Array(4).fill('0.000005000 can0 00000123 extended tx dlc2 0102'))
    expect(read(other).reader.tally.rejects).toEqual({})
  })

  test('V1 rows end after their data or are filled up', () => {
    expect(row('5,00000123,true,3,2,01,02,', V1)).toBe('0.000005000 can3 00000123 extended dlc2 0102')
    expect(row('5,00000123,true,3,2,01,02,00,00,00,00,00,00,', V1)).toBe('0.000005000 can3 00000123 extended dlc2 0102')
  })

  test('a header in the middle tells the columns from there on', () => {
    const log = `${V1}5,00000123,true,3,2,01,02,\n${V2}5,00000123,true,Tx,3,2,01,02,\n`
    expect(contents(read(log).frames)).toEqual(['00000123 extended dlc2 0102', '00000123 extended tx dlc2 0102'])
  })

  test('a quoted header is one too', () => {
    const log = `${V1.trim().replaceAll(/[^,]+/g, '"$&"')}\n5,00000123,true,3,2,01,02,\n`
    expect(contents(read(log).frames)).toEqual(['00000123 extended dlc2 0102'])
  })
})

describe('what is no frame is counted by its reason', () => {
  test.each([
    ['5,00000123,false,Rx,0,8,01,02,03,', 'frames with bad data'],
    ['5,00000123,false,Rx,0,8,01,02,03,04,05,06,07,XX,', 'frames with bad data'],
    ['5,00000123,false,Rx,0,2,100,02', 'frames with bad data'],
    ['5,00000123,false,Rx,0,65,01,02', 'frames with a bad length'],
    ['5,00000123,false,Rx,0,x,01,02', 'frames with a bad length'],
    ['5,00000123,false,Rx,0,-1,01,02', 'frames with a bad length'],
    ['5,FFFFFFFF,false,Rx,0,1,01', 'frames with a bad ID'],
    ['5,wattzup,false,Rx,0,1,01', 'frames with a bad ID'],
    ['5,00000123,false', 'lines that are no frames'],
    ['# a remark', 'lines that are no frames'],
    ['', 'blank lines'],
    ['5,"00000123,false,Rx,0,1,01', 'lines with unbalanced quotes'],
  ])('%s: %s', (line, reason) => {
    expect(row(line)).toBe(reason)
  })

  test('lines with quotes, where there is no parser for them', () => {
    const { frames, reader } = readFrames(sink => new GvretCsvReader(sink), `${V2}"5","123",false,Rx,0,1,01\n`)
    expect(frames).toEqual([])
    expect(reader.tally.rejects).toEqual({ 'lines with quotes': 1 })
  })
})

describe('time', () => {
  const ROW = ',00000123,false,Rx,0,1,ff,00,00,00,00,00,00,00,\n'
  const times = (log: string, options: GvretOptions) => read(V2 + log, options).frames.map(frame => frame.split(' ')[0])

  test('is the constant of the program before where all stamps are 0', () => {
    expect(times(`0${ROW}`.repeat(5), {})).toEqual(Array(5).fill('1709845200.032995000'))
    expect(read(`${V2}0${ROW}`, {}).stamps).toEqual(['1709845200.032995'])
  })

  test('0 is a time in a file that is known to have others', () => {
    expect(times(`0${ROW}1500${ROW}`, { hasTimes: true })).toEqual(['0.000000000', '0.001500000'])
  })

  test('0 is a time once another has come', () => {
    const seen = times(`0${ROW}1500${ROW}0${ROW}${`3${ROW}`.repeat(3)}`, {})
    expect(seen.slice(0, 3)).toEqual(['1709845200.032995000', '0.001500000', '0.000000000'])
  })

  test('is the constant for a broken stamp among stamps of 0', () => {
    expect(times(`0${ROW}${ROW}x${ROW}${`0${ROW}`.repeat(3)}`, {})).toEqual(Array(6).fill('1709845200.032995000'))
  })

  test('is always the constant for --compat', () => {
    expect(times(`5${ROW}`.repeat(4), { constantTime: true })).toEqual(Array(4).fill('1709845200.032995000'))
  })

  test('a broken stamp counts 5 ms on from the line before, wherever the log is cut', () => {
    const log = `${V2}${`1000000${ROW}`.repeat(4)}${ROW}1.7e+15${ROW}2000000${ROW}`
    const want = [
      '1.000000000',
      '1.000000000',
      '1.000000000',
      '1.000000000',
      '1.005000000',
      '1.010000000',
      '2.000000000',
    ]
    for (let cut = 0; cut < log.length; cut++) {
      const { frames } = readFrames(make({}), log, [cut])
      expect(frames.map(frame => frame.split(' ')[0])).toEqual(want)
    }
  })

  test('stamps of every length and sign are read the same the fast way and alone', () => {
    fc.assert(
      fc.property(fc.array(fc.maxSafeInteger(), { minLength: 1, maxLength: 8 }), stamps => {
        const whole = times(stamps.map(stamp => stamp + ROW).join('') + `3${ROW}`.repeat(2), { hasTimes: true })
        const alone = stamps.flatMap(stamp => times(stamp + ROW, { hasTimes: true }))
        expect(whole.slice(0, stamps.length)).toEqual(alone)
        for (const [i, stamp] of stamps.entries()) {
          const [seconds, nanos] = alone[i]!.split('.').map(Number)
          expect(BigInt(seconds!) * 1_000_000n + BigInt(nanos!) / 1000n).toBe(BigInt(stamp))
        }
      }),
    )
  })
})

describe('headerless', () => {
  test('columns are fixed, and a header is passed over whatever it says', () => {
    const rows = '0,1ABCDE01,true,Rx,0,6,10,20,30,40,50,60,00,00,\n'.repeat(3)
    const want = Array(3).fill('1709845200.032995000 can0 1ABCDE01 extended rx dlc6 102030405060')
    for (const header of ['', V1, V2]) {
      const { frames, reader } = read(header + rows, { headerless: true })
      expect(frames).toEqual(want)
      expect(reader.tally.rejects).toEqual({})
    }
  })
})

test('lines with any change give what each gives alone, read by a new reader', () => {
  const plain = fc.record({
    stamp: fc.constantFrom('0', '9', '1500', '166064000', '1709845200032995'),
    id: fc.nat(0x1fffffff).map(id => id.toString(16).toUpperCase().padStart(8, '0')),
    extended: fc.constantFrom('true', 'false'),
    direction: fc.constantFrom('Rx', 'Tx'),
    data: fc.uint8Array({ maxLength: 8 }),
    filled: fc.boolean(),
    end: fc.constantFrom('', ',', '\r', ',\r'),
  })
  const edit = fc.record({ at: fc.nat(60), byte: fc.constantFrom(...' \n\r,;"RxT09AGg\t\0') })
  const line = fc.record({ plain, edits: fc.array(edit, { maxLength: 2 }) })
  fc.assert(
    fc.property(fc.array(line, { maxLength: 12 }), lines => {
      const log = lines
        .map(({ plain: { stamp, id, extended, direction, data, filled, end }, edits }) => {
          const cells = [...data, ...Array(filled ? 8 - data.length : 0).fill(0)].map(byte =>
            byte.toString(16).padStart(2, '0'),
          )
          const text = [...[stamp, id, extended, direction, 0, data.length, ...cells].join(',').concat(end)]
          for (const { at, byte } of edits) if (at < text.length) text[at] = byte
          return text.join('')
        })
        .join('\n')
      const options = { headerless: true, hasTimes: true }
      const alone = log.split('\n').flatMap(text => read(text, options).frames)
      expect(contents(read(log, options).frames)).toEqual(contents(alone))
    }),
    { numRuns: 2000 },
  )
})

test('any chunking gives the same frames', () => {
  const rows = '177000000,00000123,false,0,8,DE,AD,BE,EF,01,02,03,04,\n'.repeat(4)
  const log = `\xEF\xBB\xBF${V1}${rows}junk\n\n,123,false,0,1,5\n${rows.replaceAll('\n', '\r\n')}"7","1","true",1,0\n8,1,true,1,1`
  const whole = readFrames(make({}), log)
  expect(whole.frames).toHaveLength(10)
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
    ['log-formats/savvycan-gvret-v1.csv', 399],
    ['batgw/atto3-close-run-15s.csv', 508],
    ['ecoflow/delta_ac_out_on_head34500.csv', 34_499],
  ])('%s has %i frames', (path, count) => {
    const { frames, reader } = readFrames(make({}), capture(path))
    expect(frames).toHaveLength(count)
    expect(reader.tally.rejects).toEqual({})
  })

  test('savvycan-candump.log has the same 399 frames as savvycan-gvret-v1.csv, and one more', () => {
    const csv = readFrames(make({}), capture('log-formats/savvycan-gvret-v1.csv')).frames
    const log = readFrames(sink => new CandumpReader(sink), capture('log-formats/savvycan-candump.log')).frames
    expect(contents(log.slice(0, 399))).toEqual(contents(csv))
    expect(csv[0]).toMatch(/^166\.064000000 can0 /)
  })
})
