import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { FrameSink } from '../../src/core/can.ts'
import { loadQuotedParser } from '../../src/framing/csv-cells.ts'
import { createReader, detectFormat, HEAD_BYTES } from '../../src/framing/detect.ts'
import { FORMAT_TITLES, isReadable, type LogFormat, READABLE_FORMATS } from '../../src/framing/signatures.ts'
import { capture, hasCaptures, readFrames } from './read-frames.ts'

const detect = (head: string | Uint8Array) => {
  const bytes = typeof head === 'string' ? Buffer.from(head, 'latin1') : head
  return detectFormat(bytes, bytes.length)
}

describe('a line tells its format', () => {
  test.each<[string, LogFormat]>([
    ['(1700000000.000000) can0 123#DEADBEEF01020304 R', 'candump'],
    ['(166.000000)   can0 20000088#0000000000000000', 'candump'],
    ['(1.5) can0 123#R4', 'candump'],
    [' can0  123   [8]  DE AD BE EF 01 02 03 04', 'candump-screen'],
    [' (000.001500)  can0  18FF50E5   [3]  A1 B2 C3', 'candump-screen'],
    [' (2023-11-14 22:13:20.000000)  can0  RX - -  123   [4]  remote request', 'candump-screen'],
    ['Time Stamp,ID,Extended,Bus,LEN,D1,D2,D3,D4,D5,D6,D7,D8', 'gvret-csv'],
    ['\xEF\xBB\xBFTime Stamp;ID;Extended;Dir;Bus;LEN;D1;D2;D3;D4;D5;D6;D7;D8', 'gvret-csv'],
    ['"TIME STAMP"\t"ID"\t"EXTENDED"\t"DIR"\t"BUS"\t"LEN"\t"D1"', 'gvret-csv'],
    ['(75.518) RX6 CF [8] E1 6D 2D AC 3F D0 07 00', 'battery-emulator'],
    ['(75.658) RX6 5A2 [8] 22 0B 80 6F 15 00 00 00', 'battery-emulator'],
    ['(999) rx0 1d4 [8] f7 07 00 07 46 00 00 7b', 'battery-emulator'],
    ['7556  54A  8  10 0 70 2 0 0 0 2B', 'battery-emulator'],
    ['date Tue Nov 14 22:13:20 2023', 'asc'],
    ['base hex  timestamps absolute', 'asc'],
    ['Begin Triggerblock Tue Nov 14 22:13:20.000 2023', 'asc'],
    ['0.001500 1  18FF50E5x       Tx   d 3 A1 B2 C3', 'asc'],
    ['2.501000 1 ErrorFrame', 'asc'],
    ['0.006000 CANFD   1 Rx          456                                   1 0 9 12 00 01', 'asc'],
    [';$FILEVERSION=2.1', 'trc'],
    [';##########', 'trc'],
    ['  1)      17.5 0100 8 00 00', 'trc'],
    ['***BUSMASTER Ver 2.6.3***', 'busmaster'],
    ['1.250000 CXX a comment', 'crtd'],
    ['1.250000 R11 00000123 DE AD ', 'crtd'],
    ['1.250000 1T29 18FF50E5 A1 B2 ', 'crtd'],
    ['timestamp,arbitration_id,extended,remote,error,dlc,data', 'python-can-csv'],
    ['ID,Data Bytes', 'generic-id-csv'],
    ['{"ts":"1700000000.001500","ch":"can0","id":"18FF50E5"}', 'ndjson'],
    ['t1238DEADBEEF01020304\rT18FF50E53A1B2C3\r', 'slcan'],
    ['T18FF50E53A1B2C3\r', 'slcan'],
    ['r1234\r', 'slcan'],
    ['t1231FF1234\r', 'slcan'], // with a time stamp
  ])('%s: %s', (line, format) => {
    expect(detect(line)).toBe(format)
    expect(detect(`\n  \n${line}\r\n`)).toBe(format)
  })
})

test('lines that end with CR alone are named, unless they are those of slcan', () => {
  const frame = '(1700000000.000000) can0 123#DEADBEEF01020304'
  expect(detect(`${frame}\r${frame}\r`)).toBe('cr-lines')
  expect(detect(`date Tue Nov 14 22:13:20 2023\rbase hex  timestamps absolute\r`)).toBe('cr-lines')
  expect(detect(`${frame}\r`)).toBe('candump') // the LF may be on its way
  expect(detect(`${frame}\r\n${frame}\r`)).toBe('candump')
  expect(detect('t1238DEADBEEF01020304\rr1234\r')).toBe('slcan')
  expect(isReadable('cr-lines')).toBe(false)
})

describe('first bytes tell the format', () => {
  test.each<[string, LogFormat]>([
    ['4c4f474790000000', 'blf'],
    ['d4c3b2a102000400', 'pcap'],
    ['4d3cb2a102000400', 'pcap'],
    ['a1b2c3d400020004', 'pcap'],
    ['a1b23c4d00020004', 'pcap'],
    ['0a0d0d0a1c000000', 'pcapng'],
    [Buffer.from('MDF     4.10').toString('hex'), 'mdf'],
    [Buffer.from('SQLite format 3\0').toString('hex'), 'sqlite'],
    ['fffe28003100', 'utf-16'],
    ['feff00280031', 'utf-16'],
  ])('%s: %s', (hex, format) => {
    expect(detect(Buffer.from(hex, 'hex'))).toBe(format)
  })
})

describe('a log may begin with something else', () => {
  const frame = '(1700000000.000000) can0 123#DEADBEEF01020304\n'

  test('with any end of a cut line', () => {
    const logs: [string, LogFormat][] = [
      [frame, 'candump'],
      [' can0  18FF50E5   [8]  10 11 01 12 01 00 02 00\n', 'candump-screen'],
      [' (000.001500)  can0  18FF50E5   [3]  A1 B2 C3\n', 'candump-screen'],
      ['(75.658) RX6 5A2 [8] 22 0B 80 6F 15 00 00 00\n', 'battery-emulator'],
      ['7556  54A  8  10 0 70 2 0 0 0 2B\n', 'battery-emulator'],
    ]
    for (const [line, format] of logs) {
      for (let cut = 0; cut < line.length; cut++) expect([cut, detect(line.slice(cut) + line)]).toEqual([cut, format])
    }
  })

  test('with comments, blank lines and noise, up to 19 lines of it', () => {
    const noise = '# (see issue #5) [8]\n\n\x00\xff\n(no frame) can0\n'
    expect(detect(noise.repeat(6) + frame)).toBe('candump')
    expect(detect('# comment\n'.repeat(19) + frame)).toBe('candump')
    expect(detect('# comment\n'.repeat(20) + frame)).toBeUndefined()
  })

  test('but what nobody knows stays unknown', () => {
    for (const text of ['', '\n\n', 'hello world\n', 'Subject: [8] items\n', 'a,b,c\n1,2,3\n']) {
      expect(detect(text)).toBeUndefined()
    }
  })
})

test('what is behind the length does not count, nor what is behind 64 KiB', () => {
  const log = Buffer.from('(1700000000.000000) can0 123#DEADBEEF01020304\n')
  expect(detectFormat(log, 10)).toBeUndefined()
  expect(detectFormat(Buffer.concat([Buffer.alloc(HEAD_BYTES, 'x'), log]), HEAD_BYTES + log.length)).toBeUndefined()
})

test('no bytes make it throw', () => {
  const fragment = fc.constantFrom(
    '(',
    '1.5) ',
    'can0 ',
    '123',
    '#',
    '[8]',
    ' 00',
    '\r',
    '\n',
    ',',
    'Time Stamp',
    '{',
    ';##',
  )
  const bytes = fc
    .array(fc.oneof(fragment, fc.uint8Array({ maxLength: 8 })))
    .map(parts => Buffer.concat(parts.map(part => Buffer.from(part))))
  fc.assert(
    fc.property(bytes, head => {
      const format = detect(head)
      expect(format === undefined || format in FORMAT_TITLES).toBe(true)
    }),
    { numRuns: 3000 },
  )
})

describe('createReader', () => {
  test('makes a reader of every readable format, and only those are readable', () => {
    for (const format of READABLE_FORMATS) expect(createReader(format, { frame: () => {} }).format).toBe(format)
    const all = Object.keys(FORMAT_TITLES) as LogFormat[]
    expect(all.filter(isReadable).sort()).toEqual([...READABLE_FORMATS].sort())
  })

  test('learns from the head whether 0 is a time of a SavvyCAN log', () => {
    const row = ',00000123,false,Rx,0,1,ff,\n'
    const header = 'Time Stamp,ID,Extended,Dir,Bus,LEN,D1\n'
    const first = (log: string) => {
      const head = Buffer.from(log)
      return readFrames(sink => createReader('gvret-csv', sink, { head }), log).frames[0]
    }
    expect(first(`${header}0${row}0${row}`)).toMatch(/^1709845200\.032995000 /)
    expect(first(`${header}0${row}1500${row}`)).toMatch(/^0\.000000000 /)
  })

  test('learns from the head which firmware wrote a Battery-Emulator log', () => {
    const log = '(12.401) RX6 456 [1] 00\n(12.402) rx0 1d4 [0]\n'
    const { frames } = readFrames(sink => createReader('battery-emulator', sink, { head: Buffer.from(log) }), log)
    expect(frames[0]).toBe('12.401000000 can3 456 fd rx dlc1 00')
  })

  test('hands its options on', async () => {
    const options = { headerless: true, constantTime: true, parseQuoted: await loadQuotedParser() }
    const make = (sink: FrameSink) => createReader('gvret-csv', sink, options)
    expect(readFrames(make, '"5","00000123",true,Rx,0,1,ff\n').frames).toEqual([
      '1709845200.032995000 can0 00000123 extended rx dlc1 FF',
    ])
  })
})

describe.skipIf(!hasCaptures)('captures (skipped without the folder WATTZUP_CAPTURES)', () => {
  test.each<[string, LogFormat]>([
    ['log-formats/all-kinds.log', 'candump'],
    ['log-formats/all-kinds.pcap', 'pcap'],
    ['log-formats/all-kinds.pcapng', 'pcapng'],
    ['log-formats/battery-emulator-zoe1.txt', 'battery-emulator'],
    ['log-formats/issue_1299.asc', 'asc'],
    ['log-formats/logfile.asc', 'asc'],
    ['log-formats/savvycan-candump.log', 'candump'],
    ['log-formats/savvycan-crtd.txt', 'crtd'],
    ['log-formats/savvycan-genericid.csv', 'generic-id-csv'],
    ['log-formats/savvycan-gvret-v1.csv', 'gvret-csv'],
    ['log-formats/test_CanFdMessage.asc', 'asc'],
    ['log-formats/test_CanFdMessage.blf', 'blf'],
    ['log-formats/test_CanMessage.blf', 'blf'],
    ['log-formats/test_CanMessage_V1_0_BUS1.trc', 'trc'],
    ['log-formats/test_CanMessage_V1_1.trc', 'trc'],
    ['log-formats/test_CanMessage_V2_1.trc', 'trc'],
    ['log-formats/test_CanRemoteMessage.asc', 'asc'],
    ['batgw/37_MgGen1_base.txt', 'battery-emulator'],
    ['batgw/5_BydAtto3_base.txt', 'battery-emulator'],
    ['batgw/atto3-close-run-15s.csv', 'gvret-csv'],
    ['batgw/atto3-vehicle-wakeup-part1.candump.log', 'candump'],
    ['batgw/normal-start.candump.log', 'candump'],
    ['ecoflow/delta_ac_out_on_head34500.csv', 'gvret-csv'],
    ['ecoflow/single-message-3C.log', 'candump'],
  ])('%s: %s', (path, format) => {
    expect(detect(capture(path))).toBe(format)
  })

  test.each(['ecoflow/README.md', 'batgw/normal-start.conf', 'sec1000/synthetic_replies.json'])(
    '%s is no log',
    path => {
      expect(isReadable(detect(capture(path)) ?? 'mdf')).toBe(false)
    },
  )
})
