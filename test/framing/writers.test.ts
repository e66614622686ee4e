import { describe, expect, test } from 'vitest'
import { zoneOf } from '../../src/framing/zone.ts'
import { readLogFrames } from './read-frames.ts'
import { writeLog } from './write-log.ts'

/** docs/protocols/log-formats.md, section 1: one frame of each kind. */
const T1 = '(1700000000.000000) can0 123#DEADBEEF01020304 R\n'
const T2 = '(1700000000.001500) can0 18FF50E5#A1B2C3 T\n'
const T3 = '(1700000000.002000) can1 7FF# R\n'
const T4 = '(1700000000.004000) can0 123#R4 R\n'
const T5 = '(1700000000.005000) can0 20000088#0000000000000000\n'
const T6 = '(1700000000.006000) can0 456##1000102030405060708090A0B R\n'
const T7 = '(1700000001.250000) can0 00000123#01\n'
const ALL = T1 + T2 + T3 + T4 + T5 + T6 + T7

describe('frames of the protocol page are written as it shows them', () => {
  test('candump: FD flags without the bit that old readers do not know', () => {
    const log = ALL.replace('456##1', '456##5')
    expect(writeLog(log, 'candump')).toMatchObject({ text: ALL, report: [], frames: 7 })
  })

  test('the screen form', () => {
    const { text, report } = writeLog(ALL, 'candump-screen')
    expect(
      text.replaceAll(/^ \([\d.]+\) {2}can\d(?: {2}[RT]X [B-] [E-])? {2}/gm, ''),
    ).toBe(`123   [8]  DE AD BE EF 01 02 03 04
18FF50E5   [3]  A1 B2 C3
     7FF   [0]${' '}
     123   [4]  remote request
20000088   [8]  00 00 00 00 00 00 00 00   ERRORFRAME
     456  [12]  00 01 02 03 04 05 06 07 08 09 0A 0B
00000123   [1]  01
`)
    expect(text).toContain(' (1700000000.001500)  can0  TX - -  18FF50E5   [3]')
    expect(text).toContain(' (1700000000.006000)  can0  RX B -       456  [12]')
    expect(report).toEqual([])
  })

  test('SavvyCAN CSV', () => {
    const { text, report } = writeLog(ALL, 'gvret-csv')
    expect(text).toBe(`Time Stamp,ID,Extended,Dir,Bus,LEN,D1,D2,D3,D4,D5,D6,D7,D8
1700000000000000,00000123,false,Rx,0,8,DE,AD,BE,EF,01,02,03,04,
1700000000001500,18FF50E5,true,Tx,0,3,A1,B2,C3,00,00,00,00,00,
1700000000002000,000007FF,false,Rx,1,0,00,00,00,00,00,00,00,00,
1700000001250000,00000123,true,Rx,0,1,01,00,00,00,00,00,00,00,
`)
    expect(report).toEqual([
      '1 CAN FD frame left out: SavvyCAN CSV has none',
      '1 remote frame left out: SavvyCAN CSV has none',
      '1 error frame left out: SavvyCAN CSV cannot hold what they say',
      '1 frame of unknown direction became received: SavvyCAN CSV has to say one',
    ])
  })

  test('SavvyCAN CSV of a log that counts from 0', () => {
    const { text } = writeLog('(0.000000) can0 123# R\n(0.001500) can0 123# R\n(-0.001500) can0 123# R\n', 'gvret-csv')
    expect(text.split('\n').map(line => line.split(',')[0])).toEqual(['Time Stamp', '0', '1500', '-1500', ''])
  })

  test('Vector ASC', () => {
    const { text, report } = writeLog(ALL, 'asc')
    expect(text).toBe(`date Tue Nov 14 22:13:20.000 2023
base hex  timestamps absolute
no internal events logged
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
`)
    expect(report).toEqual([
      '1 error frame lost all details: Vector ASC only says that there was one',
      '1 frame of unknown direction became received: Vector ASC has to say one',
    ])
  })

  test('PCAN-View TRC', () => {
    const { text, report } = writeLog(T1 + T2 + T4 + T6, 'trc')
    const rows = text.split('\r\n').filter(line => !line.startsWith(';') && line !== '')
    expect(rows).toEqual([
      '      1         0.000 DT 1      0123 Rx -  8    DE AD BE EF 01 02 03 04',
      '      2         1.500 DT 1  18FF50E5 Tx -  3    A1 B2 C3',
      '      3         4.000 RR 1      0123 Rx -  4',
      '      4         6.000 FB 1      0456 Rx -  9    00 01 02 03 04 05 06 07 08 09 0A 0B',
    ])
    expect(text).toMatch(
      /^;\$FILEVERSION=2\.1\r\n;\$STARTTIME=45244\.92592592592\d+\r\n;\$COLUMNS=N,O,T,B,I,d,R,L,D\r\n;/,
    )
    expect(report).toEqual([])
    expect(writeLog(ALL, 'trc').report[0]).toBe('1 error frame left out: PCAN-View TRC cannot hold what they say')
  })

  test('Battery-Emulator', () => {
    const { text, report } = writeLog(ALL + T1.replace('1700000000.0', '1700100012.345678'), 'battery-emulator')
    expect(text).toBe(`(0) rx0 123 [8] de ad be ef 01 02 03 04
(1) tx1 18ff50e5 [3] a1 b2 c3
(2) rx2 7ff [0]
(6) RX0 456 [12] 00 01 02 03 04 05 06 07 08 09 0a 0b
(1.250) rx0 00000123 [1] 01
(12.345) rx0 123 [8] de ad be ef 01 02 03 04
`)
    expect(report).toContain('1 CAN FD frame lost bit rate switch or error state: Battery-Emulator has no place for it')
    expect(report).toContain('2 times cut to milliseconds: Battery-Emulator has no more decimals')
    expect(report).toContain('times count from 2023-11-14T22:13:20.000Z on: Battery-Emulator has no dates')
  })

  test('pcap: the file that was checked with Wireshark', () => {
    const remote = '(1700000000.003000) can0 123#R\n'
    const { bytes, report } = writeLog(
      T1.replace(' R', '') + T2.replace(' T', '') + remote + T5 + T6.replace(' R', ''),
      'pcap',
    )
    expect(bytes.toString('hex')).toBe(
      `D4C3B2A1 02000400 00000000 00000000 FFFF0000 E3000000
00F15365 00000000 10000000 10000000 00000123 08000000 DEADBEEF01020304
00F15365 DC050000 0B000000 0B000000 98FF50E5 03000000 A1B2C3
00F15365 B80B0000 08000000 08000000 40000123 00000000
00F15365 88130000 10000000 10000000 20000088 08000000 0000000000000000
00F15365 70170000 14000000 14000000 00000456 0C050000 000102030405060708090A0B`
        .replaceAll(/\s/g, '')
        .toLowerCase(),
    )
    expect(report).toEqual([])
    expect(writeLog(ALL, 'pcap').report).toEqual([
      '5 frames lost the direction: pcap has none',
      '1 frame lost the interface: pcap has none',
    ])
  })

  test('python-can CSV', () => {
    const { text } = writeLog(T1 + T2 + T4, 'python-can-csv')
    expect(text).toBe(`timestamp,arbitration_id,extended,remote,error,dlc,data
1700000000.0,0x123,0,0,0,8,3q2+7wECAwQ=
1700000000.0015,0x18ff50e5,1,0,0,3,obLD
1700000000.004,0x123,0,1,0,4,
`)
  })

  test('JSON lines', () => {
    expect(writeLog(T2, 'ndjson').text).toBe(
      '{"ts":"1700000000.001500","ch":"can0","id":"18FF50E5","ext":true,"dir":"tx","dlc":3,"data":"A1B2C3"}\n',
    )
    const [error, fd] = writeLog(T5 + T6.replace('##1', '##3'), 'ndjson').text.split('\n')
    expect(JSON.parse(error!)).toEqual({
      ts: '1700000000.005000',
      ch: 'can0',
      id: '00000088',
      err: true,
      dlc: 8,
      data: '0'.repeat(16),
    })
    expect(JSON.parse(fd!)).toMatchObject({ id: '456', fd: true, brs: true, esi: true, dir: 'rx', dlc: 9 })
  })
})

describe('what a format cannot hold is counted', () => {
  const raw = '(1.000000) can0 123#1122334455667788_E R\n'
  const long = `(1.000000) can0 123##0${'AA'.repeat(9)} R\n`

  test.each([
    ['gvret-csv', raw, '1 frame lost a length code above 8: SavvyCAN CSV has no place for it'],
    ['trc', long, '1 CAN FD frame filled with 00 up to the next length that has a code'],
    [
      'python-can-csv',
      '(1.000000) can0 123##0AA\n',
      '1 CAN FD frame of up to 8 bytes became classic: python-can CSV does not mark them',
    ],
    [
      'candump-screen',
      '(1.000000) can0 123##1AA\n',
      '1 CAN FD frame lost bit rate switch or error state: the screen form of candump has no place for it',
    ],
    ['asc', '(1.000000001) can0 123# R\n', '1 time cut to microseconds: Vector ASC has no more decimals'],
    ['pcap', '(-1.000000) can0 123#\n', '1 time became 0: pcap cannot hold them'],
    ['pcapng', '(-1.000000) can0 123#\n', '1 time became 0: pcapng cannot hold them'],
    ['gvret-csv', '(9000000000.000000) can0 123# R\n', '1 time became 0: SavvyCAN CSV cannot hold them'],
    ['asc', T1.replace('can0', 'vcan7'), 'vcan7 became can0: Vector ASC has numbers'],
    [
      'trc',
      T1.replace('can0', 'slcan') + T1 + T3,
      'slcan became can0, can0 became can1, can1 became can2: PCAN-View TRC has numbers',
    ],
  ] as const)('%s: %s', (format, log, expected) => {
    expect(writeLog(log, format).report).toEqual([expected])
  })

  test('of more interfaces than can be told apart the rest is left out', () => {
    const log = Array.from({ length: 300 }, (_, i) => `(1.000000) x${i} 123# R\n`).join('')
    const { report, frames } = writeLog(log, 'pcapng')
    expect([frames, report]).toEqual([256, ['44 frames left out: more than 256 interfaces cannot be told apart']])
  })
})

test('interfaces keep their names or numbers', () => {
  const log = ['vcan1', 'can3', 'vcan1', 'slcan0', 'can3'].map((name, i) => `(${i}.000000) ${name} 123# R\n`).join('')
  const names = (format: 'pcapng' | 'asc' | 'trc' | 'gvret-csv' | 'ndjson') =>
    readLogFrames(writeLog(log, format).bytes).frames.map(frame => frame.split(' ')[1])
  expect(names('pcapng')).toEqual(['vcan1', 'can3', 'vcan1', 'slcan0', 'can3'])
  expect(names('ndjson')).toEqual(['vcan1', 'can3', 'vcan1', 'slcan0', 'can3'])
  for (const format of ['asc', 'trc', 'gvret-csv'] as const) {
    expect(names(format)).toEqual(['can0', 'can3', 'can0', 'can1', 'can3'])
  }
})

test('nanoseconds make candump write 9 decimals from there on, and pcap another kind of file', () => {
  const log = '(1.000001) can0 123#\n(1.000001001) can0 123#\n(1.000002) can0 123#\n'
  expect(writeLog(log, 'candump').text).toBe(`(0000000001.000001) can0 123#
(0000000001.000001001) can0 123#
(0000000001.000002000) can0 123#
`)
  expect(writeLog(log, 'pcap').report).toEqual(['1 time cut to microseconds: pcap has no more decimals'])
  const nanos = writeLog('(1.000001001) can0 123#\n', 'pcap')
  expect(nanos.bytes.subarray(0, 4).toString('hex')).toBe('4d3cb2a1')
  expect(readLogFrames(nanos.bytes).frames).toEqual(['1.000001001 can0 123 dlc0'])
})

test('dates are written and read in the zone that is asked for', () => {
  const berlin = zoneOf('Europe/Berlin')!
  expect(writeLog(T1, 'asc', berlin).text).toMatch(/^date Tue Nov 14 23:13:20\.000 2023\n/)
  expect(writeLog(T1, 'trc', berlin).text).toContain('STARTTIME=45244.96759259')
  for (const format of ['asc', 'trc'] as const) {
    const { frames } = readLogFrames(writeLog(T1, format, berlin).bytes, { zone: berlin })
    expect(frames[0]).toMatch(/^1700000000\.000000000 /)
  }
})

test('a log without frames is one of its format all the same', () => {
  for (const format of ['gvret-csv', 'asc', 'trc', 'pcap', 'pcapng', 'python-can-csv'] as const) {
    const { bytes, report } = writeLog('', format)
    const { frames, reader } = readLogFrames(bytes)
    expect([format, frames, report, reader.tally.rejects]).toEqual([format, [], [], {}])
    expect(reader.format).toBe(format)
    expect(reader.kind === 'binary' ? reader.damage : undefined).toBeUndefined()
  }
})
