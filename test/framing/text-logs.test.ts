import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { readBase64, writeBase64 } from '../../src/framing/base64.ts'
import { BusmasterReader } from '../../src/framing/busmaster.ts'
import { CrtdReader } from '../../src/framing/crtd.ts'
import { GenericIdCsvReader } from '../../src/framing/generic-id-csv.ts'
import { NdjsonReader } from '../../src/framing/ndjson-frames.ts'
import { PythonCanCsvReader } from '../../src/framing/python-can-csv.ts'
import { UTC } from '../../src/framing/zone.ts'
import { type Reading, readFrames } from './read-frames.ts'

/** The first frame, or why there is none. */
const outcome = ({ frames, reader }: Reading) => frames[0] ?? Object.keys(reader.tally.rejects)[0]

describe('python-can CSV', () => {
  const read = (log: string) => readFrames(sink => new PythonCanCsvReader(sink), log)

  test('frames of the protocol page are read', () => {
    const log = `timestamp,arbitration_id,extended,remote,error,dlc,data
1700000000.0,0x123,0,0,0,8,3q2+7wECAwQ=
1700000000.0015,0x18ff50e5,1,0,0,3,obLD
1700000000.004,0x123,0,1,0,4,
`
    expect(read(log).frames).toEqual([
      '1700000000.000000000 can0 123 dlc8 DEADBEEF01020304',
      '1700000000.001500000 can0 18FF50E5 extended dlc3 A1B2C3',
      '1700000000.004000000 can0 123 remote dlc4',
    ])
    expect(read(`\xEF\xBB\xBF${log.replaceAll('\n', '\r\n')}`).frames).toEqual(read(log).frames)
  })

  test.each([
    ['1.5,0x456,0,0,0,12,AAECAwQFBgcICQoL', '1.500000000 can0 456 fd dlc9 000102030405060708090A0B'],
    ['1.5,0x123,0,0,0,14,ESIzRFVmd4g=', '1.500000000 can0 123 dlc14 1122334455667788'],
    ['1.5,0x88,0,0,1,8,AAAAAAAAAAA=', '1.500000000 can0 00000088 error dlc8 0000000000000000'],
    ['1.5,0x7ff,0,0,0,0,', '1.500000000 can0 7FF dlc0'],
    ['5e-05,0x7ff,0,0,0,0,', '0.000050000 can0 7FF dlc0'],
    ['-0.5,0x7ff,0,0,0,0,', '-1.500000000 can0 7FF dlc0'],
    ['1.5,0x800,0,0,0,0,', 'frames with a bad ID'],
    ['1.5,123,0,0,0,0,', 'frames with a bad ID'],
    ['1.5,0x20000000,1,0,0,0,', 'frames with a bad ID'],
    ['x,0x123,0,0,0,0,', 'frames with a bad time'],
    ['1.5,0x123,0,0,0,2,obLD', 'frames with a bad length'],
    ['1.5,0x123,0,0,0,65,', 'frames with a bad length'],
    ['1.5,0x123,0,0,0,3,ob LD', 'frames with bad data'],
    ['1.5,0x123,0,0,0,3,obL', 'frames with bad data'],
    ['1.5,0x123,0,0,0,3', 'lines that are no frames'],
  ])('%s: %s', (line, expected) => {
    expect(outcome(read(`${line}\n`))).toBe(expected)
  })
})

test('base64 is that of Node', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 64 }), bytes => {
      const text = Buffer.from(Buffer.from(bytes).toString('base64'))
      const written = new Uint8Array(100)
      expect(Buffer.from(written.subarray(3, writeBase64(bytes, bytes.length, written, 3)))).toEqual(text)
      const back = new Uint8Array(64)
      expect(readBase64(text, 0, text.length, back)).toBe(bytes.length)
      expect(back.subarray(0, bytes.length)).toEqual(bytes)
    }),
  )
  for (const bad of ['A', 'AA', 'AAA', '====', 'A===', 'AA=A', 'AA A', 'A'.repeat(92)]) {
    const text = Buffer.from(bad)
    expect(readBase64(text, 0, text.length, new Uint8Array(64))).toBe(-1)
  }
})

describe('frames as JSON lines', () => {
  const read = (log: string) => readFrames(sink => new NdjsonReader(sink), log)

  test.each([
    [
      '{"ts":"1700000000.001500","ch":"can0","id":"18FF50E5","ext":true,"dir":"tx","dlc":3,"data":"A1B2C3"}',
      '1700000000.001500000 can0 18FF50E5 extended tx dlc3 A1B2C3',
    ],
    ['{"ts":"1.123456789","ch":"my can","id":"7FF","dlc":0,"data":""}', '1.123456789 my_can 7FF dlc0'],
    ['{"ts":1.5,"id":"123","rtr":true,"dlc":4}', '1.500000000 can0 123 remote dlc4'],
    [
      '{"ts":"1.5","id":"088","err":true,"data":"0000800000000000"}',
      '1.500000000 can0 00000088 error dlc8 0000800000000000',
    ],
    [
      '{"ts":"1.5","id":"456","fd":true,"brs":true,"esi":true,"dlc":1,"data":"ff"}',
      '1.500000000 can0 456 fd bitRateSwitch errorState dlc1 FF',
    ],
    ['{"ts":"1.5","id":"456","dlc":14,"data":"0102030405060708"}', '1.500000000 can0 456 dlc14 0102030405060708'],
    ['{"ts":"1.5","id":"800","data":""}', 'frames with a bad ID'],
    ['{"ts":"1.5","id":1,"data":""}', 'frames with a bad ID'],
    ['{"id":"123","data":""}', 'frames with a bad time'],
    ['{"ts":"x","id":"123","data":""}', 'frames with a bad time'],
    ['{"ts":"1.5","id":"123","data":"0"}', 'frames with bad data'],
    ['{"ts":"1.5","id":"123","data":[1]}', 'frames with bad data'],
    ['{"ts":"1.5","id":"123","data":"010203040506070809"}', 'frames with a bad length'],
    ['{"ts":"1.5","id":"123","dlc":3,"data":"01"}', 'frames with a bad length'],
    ['{"ts":"1.5","id":"123","dlc":1e9,"data":""}', 'frames with a bad length'],
    ['{"ts":"1.5","id":"123"', 'lines that are no frames'],
    ['[]x', 'lines that are no frames'],
    ['null', 'lines that are no frames'],
  ])('%s: %s', (line, expected) => {
    expect(outcome(read(`${line}\n`))).toBe(expected)
  })
})

describe('CRTD', () => {
  const read = (log: string) => readFrames(sink => new CrtdReader(sink), log)

  test.each([
    ['166.064000 R11 0000021A FE 36 12 FE 69 05 07 AD ', '166.064000000 can0 21A rx dlc8 FE3612FE690507AD'],
    ['1.25 1R29 18FF50E5 A1 B2 C3', '1.250000000 can0 18FF50E5 extended rx dlc3 A1B2C3'],
    ['1.25 3T11 123', '1.250000000 can2 123 tx dlc0'],
    ['1.25 R11 800 00', 'frames with a bad ID'],
    ['1.25 R11 123 00 01 02 03 04 05 06 07 08', 'frames with bad data'],
    ['1.25 R11 123 GG', 'frames with bad data'],
    ['1.25 R12 123', 'lines that are no frames'],
    ['R11 123 00', 'frames with a bad time'],
  ])('%s: %s', (line, expected) => {
    expect(outcome(read(`${line}\n`))).toBe(expected)
  })

  test('comments are passed over', () => {
    const { reader } = read('166.064000 CXX Reverse Engineering Tool\n1.0 CEV an event\n1.0 2CEV one of a bus\n')
    expect(reader.tally).toMatchObject({ lines: 3, rejects: {} })
  })
})

describe('BUSMASTER', () => {
  const read = (log: string) => readFrames(sink => new BusmasterReader(sink, UTC), log)
  const header = `***BUSMASTER Ver 2.6.3***
***PROTOCOL CAN***
***START DATE AND TIME 14:11:2023 22:13:20:000***
***HEX***
`

  test.each([
    ['22:13:20:992 Rx 0 21A s 8 FE 36 12 FE 69 05 07 AD', '1700000000.992000000 can0 21A rx dlc8 FE3612FE690507AD'],
    ['22:13:21:0015 Tx 2 0x18FF50E5 x 3 A1 B2 C3', '1700000001.001500000 can1 18FF50E5 extended tx dlc3 A1B2C3'],
    ['22:13:20:9420 Rx 1 0x023 s 1 40', '1700000000.942000000 can0 023 rx dlc1 40'],
    ['22:13:20:5 Rx 1 123 s 0', '1700000000.005000000 can0 123 rx dlc0'],
    ['22:13:20:000 Rx 1 123 r 4', '1700000000.000000000 can0 123 remote rx dlc4'],
    ['22:13:20:000 Rx 1 0x123 sr 4', '1700000000.000000000 can0 123 remote rx dlc4'],
    ['22:13:20:000 Rx 1 0x123 xr 4', '1700000000.000000000 can0 00000123 extended remote rx dlc4'],
    ['22:13:20:000 Rx 1 0x s 0', 'frames with a bad ID'],
    ['22:13:20:000 Rx 1 800 s 0', 'frames with a bad ID'],
    ['22:13:20:000 Rx 1 123 s 2 00', 'frames with bad data'],
    ['22:13:20:000 Rx 1 123 s 16', 'frames with a bad length'],
    ['22:13:20:000 Err 1 123 s 0', 'lines that are no frames'],
    ['22:13:20 Rx 1 123 s 0', 'frames with a bad time'],
    ['22:13:60:000 Rx 1 123 s 0', 'frames with a bad time'],
    ['24:00:00:000 Rx 1 123 s 0', 'frames with a bad time'],
  ])('%s: %s', (line, expected) => {
    expect(outcome(read(`${header}${line}\n`))).toBe(expected)
  })

  test('a clock that passes midnight goes on', () => {
    const { frames } = read(`${header}23:59:59:999 Rx 0 1 s 0\n00:00:00:001 Rx 0 1 s 0\n`)
    expect(frames.map(frame => frame.split(' ')[0])).toEqual(['1700006399.999000000', '1700006400.001000000'])
  })

  test.each([
    ['ABSOLUTE', ['1700000001.500000000', '1700000001.750000000', '1700093600.250000000']],
    ['RELATIVE', ['1700000001.500000000', '1700000003.000000000', '1700093603.000000000']],
  ])('times of %s MODE are no wall clock', (mode, times) => {
    const start = header.replace('22:13:20:000', '22:13:20:250')
    const lines = ['00:00:01:2500', '00:00:01:5000', '26:00:00:0000'].map(time => `${time} Rx 1 0x001 s 0\n`)
    const log = `${start}***${mode} MODE***\n${lines.join('')}`
    expect(read(log).frames.map(frame => frame.split(' ')[0])).toEqual(times)
  })

  test('numbers may be decimal, and the date may lack', () => {
    expect(outcome(read('***DEC***\n00:00:01:500 Rx 0 538 s 2 254 54\n'))).toBe('1.500000000 can0 21A rx dlc2 FE36')
  })
})

describe("SavvyCAN's generic CSV", () => {
  const read = (log: string) => readFrames(sink => new GenericIdCsvReader(sink), log)

  test.each([
    ['0000021A,FE 36 12 FE 69 05 07 AD ', '0.000000000 can0 21A dlc8 FE3612FE690507AD'],
    ['18FF50E5,A1', '0.000000000 can0 18FF50E5 extended dlc1 A1'],
    ['123,', '0.000000000 can0 123 dlc0'],
    ['123,00 01 02 03 04 05 06 07 08', 'frames with bad data'],
    ['123,100', 'frames with bad data'],
    ['20000000,', 'frames with a bad ID'],
    ['x,00', 'frames with a bad ID'],
    ['123', 'lines that are no frames'],
  ])('%s: %s', (line, expected) => {
    expect(outcome(read(`ID,Data Bytes\n${line}\n`))).toBe(expected)
  })
})
