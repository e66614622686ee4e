import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { FrameSink } from '../../src/core/can.ts'
import { CandumpReader } from '../../src/framing/candump.ts'
import { capture, contents, hasCaptures, readFrames } from './read-frames.ts'

const make = (sink: FrameSink) => new CandumpReader(sink)
const read = (log: string) => readFrames(make, log)
/** What the reader says of one frame text. */
const one = (frame: string) => {
  const { frames, reader } = read(`(1.5) can0 ${frame}\n`)
  return contents(frames)[0] ?? Object.keys(reader.tally.rejects)[0]
}

/** docs/protocols/log-formats.md, section 1, as printed by can-utils. */
const VECTORS = `(1700000000.000000) can0 123#DEADBEEF01020304 R
(1700000000.001500) can0 18FF50E5#A1B2C3 T
(1700000000.002000) can1 7FF# R
(1700000000.004000) can0 123#R4 R
(1700000000.005000) can0 20000088#0000000000000000
(1700000000.006000) can0 456##5000102030405060708090A0B R
(1700000001.250000) can0 00000123#01
`

describe('frames of the protocol page', () => {
  test('are read with all their properties', () => {
    expect(read(VECTORS).frames).toEqual([
      '1700000000.000000000 can0 123 rx dlc8 DEADBEEF01020304',
      '1700000000.001500000 can0 18FF50E5 extended tx dlc3 A1B2C3',
      '1700000000.002000000 can1 7FF rx dlc0',
      '1700000000.004000000 can0 123 remote rx dlc4',
      '1700000000.005000000 can0 00000088 error dlc8 0000000000000000',
      '1700000000.006000000 can0 456 fd bitRateSwitch rx dlc9 000102030405060708090A0B',
      '1700000001.250000000 can0 00000123 extended dlc1 01',
    ])
  })

  test.each([
    ['7FF#', '7FF dlc0'],
    ['00000123#', '00000123 extended dlc0'],
    ['1FFFFFFF#0102030405060708', '1FFFFFFF extended dlc8 0102030405060708'],
    ['123#R', '123 remote dlc0'],
    ['123#r4', '123 remote dlc4'],
    ['18FF50E5#R8_9', '18FF50E5 extended remote dlc9'],
    ['123#1122334455667788_E', '123 dlc14 1122334455667788'],
    ['123#11.22.33', '123 dlc3 112233'],
    ['18ff50e5#a1b2c3', '18FF50E5 extended dlc3 A1B2C3'],
    ['20000204#0008000000000000', '00000204 error dlc8 0008000000000000'],
    ['123#01 R', '123 rx dlc1 01'],
    ['123#01 T', '123 tx dlc1 01'],
  ])('%s is %s', (text, frame) => {
    expect(one(text)).toBe(frame)
  })

  test('CAN FD flags are the same from old can-utils (0 to 3) and current ones (4 to 7)', () => {
    for (const [old, current] of [
      ['0', '4'],
      ['1', '5'],
      ['2', '6'],
      ['3', '7'],
    ]) {
      expect(one(`456##${old}00112233`)).toBe(one(`456##${current}00112233`))
    }
    expect(one('456##3AA')).toBe('456 fd bitRateSwitch errorState dlc1 AA')
  })

  test('CAN FD lengths that no data length code has are taken as they stand', () => {
    expect(one('456##0000102030405060708')).toBe('456 fd dlc9 000102030405060708')
    expect(one(`456##0${'5A'.repeat(64)}`)).toBe(`456 fd dlc15 ${'5A'.repeat(64)}`)
  })
})

describe('what is no frame is counted by its reason', () => {
  test.each([
    ['45123#81:00:12345678#11223344556677', 'CAN XL frames'],
    ['123#1', 'frames with bad data'],
    ['123#112233445566778899', 'frames with bad data'],
    ['123#1122334455667788_G', 'frames with bad data'],
    ['123#1122334455667788_3', 'frames with bad data'],
    ['123#1122_E', 'frames with bad data'],
    ['123#XY', 'frames with bad data'],
    ['123#11.', 'frames with bad data'],
    ['123#RX', 'frames with bad data'],
    ['20000088#R4', 'frames with bad data'],
    [`456##0${'5A'.repeat(65)}`, 'frames with bad data'],
    ['456##', 'frames with bad data'],
    ['12#00', 'frames with a bad ID'],
    ['800#00', 'frames with a bad ID'],
    ['4000000F#00', 'frames with a bad ID'],
    ['WXYZW#00', 'frames with a bad ID'],
    ['123', 'lines that are no frames'],
  ])('%s: %s', (text, reason) => {
    expect(one(text)).toBe(reason)
  })

  test('comments, blank lines and reports of dropped frames stop nothing', () => {
    const log = `1.5) can0 123#00
# a comment

(no end
DROPCOUNT: dropped 7 CAN frames on 'can0' socket (total drops 7)
(1.5) can0 123#00
`
    const { frames, reader } = read(log)
    expect(frames).toEqual(['1.500000000 can0 123 dlc1 00'])
    expect(reader.tally.lines).toBe(6)
    expect(reader.tally.rejects).toEqual({
      'lines that are no frames': 3,
      'blank lines': 1,
      'reports of dropped frames': 1,
    })
  })
})

describe('stamps and interfaces', () => {
  test('fractions have any number of digits, seconds any number of zeros', () => {
    const log = `(1.5) can0 123#00
(1700000000.123456789) can0 123#00
(0000000166.000000) can0 123#00
(-0.5) can0 123#00
(3) can0 123#00
`
    const { frames, stamps } = read(log)
    expect(frames.map(frame => frame.split(' ')[0])).toEqual([
      '1.500000000',
      '1700000000.123456789',
      '166.000000000',
      '-1.500000000',
      '3.000000000',
    ])
    expect(stamps).toEqual(['1.5', '1700000000.123456789', '0000000166.000000', '-0.5', '3'])
  })

  test('names of different lengths end at one column', () => {
    const log = `(1700000000.000000)   can0 18FF50E5#A1B2C3
(1700000000.000001) vcan10 18FF50E5#A1B2C3
(1700000000.000002)   can0 18FF50E5#A1B2C3
(1700000000.000003)  slcan 18FF50E5#A1B2C3
(1700000000.000004) vcan10 18FF50E5#A1B2C3
${'(1700000000.000005) vcan10 18FF50E5#A1B2C3\n'.repeat(2)}`
    expect(read(log).frames.map(frame => frame.split(' ')[1])).toEqual([
      'can0',
      'vcan10',
      'can0',
      'slcan',
      'vcan10',
      'vcan10',
      'vcan10',
    ])
  })

  test('a line cut within its stamp does not swallow the next one', () => {
    const whole = '(1700000000.000000) can0 18FF50E5#A1B2C3\n'
    const cut = `(17000\n${'0'.repeat(11)}) can0 18FF50E5#A1B2C3\n`
    const { frames, reader } = read(whole + cut + whole.repeat(3))
    expect(frames).toHaveLength(4)
    expect(reader.tally.rejects).toEqual({ 'lines that are no frames': 2 })
  })

  test('a stamp or a name that a power cut has filled with 00 is none', () => {
    const frame = '(1700000000.500000) can0 18FF50E5#A1B2C3'
    for (const place of ['0.5', 'an0 ']) {
      const damaged = frame.replace(place, `${'\0'.repeat(40)}${place}`)
      const { frames, reader } = read(`${frame}\n${damaged}\n${frame}\n`)
      expect(frames).toEqual(Array.from({ length: 2 }, () => '1700000000.500000000 can0 18FF50E5 extended dlc3 A1B2C3'))
      const reason = place === '0.5' ? 'frames with a bad time' : 'lines that are no frames'
      expect(reader.tally.rejects).toEqual({ [reason]: 1 })
    }
    expect(read('() can0 123#00\n(-) can0 123#00\n(now) can0 123#00\n').reader.tally.rejects).toEqual({
      'frames with a bad time': 3,
    })
  })

  test('a blank within the name is no column', () => {
    const whole = '(1700000000.000000) can0 18FF50E5#A1B2C3\n'
    expect(read(`${whole}(1700000000.000000) c n0 18FF50E5#A1B2C3\n${whole.repeat(3)}`).frames).toHaveLength(4)
  })
})

const hex = (digits: number) =>
  fc.nat(16 ** Math.min(digits, 8) - 1).map(n => n.toString(16).toUpperCase().padStart(digits, '0').slice(0, digits))
const extended = fc.record({
  micros: fc.nat(999_999).map(n => String(n).padStart(6, '0')),
  id: fc.nat(0x1fffffff).map(n => n.toString(16).toUpperCase().padStart(8, '0')),
  data: fc.uint8Array({ maxLength: 8 }).map(data => Buffer.from(data).toString('hex')),
})

test('the fast way and the slow one agree', () => {
  fc.assert(
    fc.property(fc.array(extended, { maxLength: 12 }), lines => {
      const log = (name: (i: number) => string, end: string) =>
        lines.map(({ micros, id, data }, i) => `(1700000000.${micros}) ${name(i)} ${id}#${data}${end}\n`).join('')
      const fast = read(log(() => 'can0', '')).frames
      expect(fast).toHaveLength(lines.length)
      for (const end of [' ', '\r', ' \r']) expect(read(log(() => 'can0', end)).frames).toEqual(fast)
      const mixed = read(log(i => ['can0', 'vcan0', '  can0', 'c'][i % 4]!, '')).frames
      expect(contents(mixed)).toEqual(contents(fast))
    }),
  )
})

test('lines with any change give what each gives alone, read by a new reader', () => {
  const edit = fc.record({ at: fc.nat(45), byte: fc.constantFrom(...' \n\r()#_.RT09AGg\t\0') })
  const line = fc.record({ extended, edits: fc.array(edit, { maxLength: 2 }) })
  fc.assert(
    fc.property(fc.array(line, { maxLength: 12 }), lines => {
      const log = lines
        .map(({ extended: { micros, id, data }, edits }) => {
          const text = [...`(1700000000.${micros}) can0 ${id}#${data}`]
          for (const { at, byte } of edits) if (at < text.length) text[at] = byte
          return text.join('')
        })
        .join('\n')
      const alone = log.split('\n').map(text => read(text))
      expect(read(log).frames).toEqual(alone.flatMap(({ frames }) => frames))
    }),
    { numRuns: 2000 },
  )
})

test('any chunking gives the same frames', () => {
  const log = `junk\n${VECTORS}\n${VECTORS.replaceAll('\n', '\r\n')}${'(1.000000) can0 18FF50E5#A1B2C3\n'.repeat(5)}(1.0) can0 123#0`
  const whole = read(log)
  fc.assert(
    fc.property(fc.array(fc.nat(log.length)), cuts => {
      const cut = readFrames(make, log, cuts)
      expect(cut.frames).toEqual(whole.frames)
      expect(cut.stamps).toEqual(whole.stamps)
      expect(cut.reader.tally.rejects).toEqual(whole.reader.tally.rejects)
    }),
  )
})

test('any standard ID and data come back', () => {
  fc.assert(
    fc.property(fc.nat(0x7ff), hex(8), (id, data) => {
      const text = id.toString(16).toUpperCase().padStart(3, '0')
      expect(one(`${text}#${data}`)).toBe(`${text} dlc4 ${data}`)
    }),
  )
})

describe.skipIf(!hasCaptures)('captures (skipped without the folder WATTZUP_CAPTURES)', () => {
  test.each([
    ['log-formats/all-kinds.log', 7],
    ['log-formats/savvycan-candump.log', 400],
    ['ecoflow/lfp_battery_pre_fw_1.1.1.141.log', 7833],
    ['ecoflow/powerstream_head2500.log', 2500],
    ['ecoflow/single-message-3C.log', 19],
  ])('%s has %i frames', (path, count) => {
    const { frames, reader } = readFrames(make, capture(path))
    expect(frames).toHaveLength(count)
    expect(reader.tally.rejects).toEqual({})
  })
})
