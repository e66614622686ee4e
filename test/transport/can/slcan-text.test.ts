import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { CAN, CanFrame, FD_LENGTHS } from '../../../src/core/can.ts'
import { SlcanReader, slcanBitRate, slcanLine } from '../../../src/transport/can/slcan-text.ts'
import { shown } from './shown.ts'

/** What a reader makes of what an adapter says, handed over in pieces that end at `cuts`. */
function read(said: string | Uint8Array, cuts: readonly number[] = []): string[] {
  const bytes = typeof said === 'string' ? Buffer.from(said, 'latin1') : said
  const events: string[] = []
  const frame = new CanFrame({ readTime: () => {}, writeStamp: () => {}, writeInterface: () => {} })
  const reader = new SlcanReader({
    frame,
    received: () => events.push(shown(frame)),
    answered: text => events.push(`answer ${JSON.stringify(text)}`),
    denied: () => events.push('denied'),
    rejected: () => events.push('rejected'),
  })
  const edges = [0, ...cuts.map(cut => Math.min(cut, bytes.length)).sort((a, b) => a - b), bytes.length]
  for (const [i, edge] of edges.slice(1).entries()) reader.push(bytes.subarray(edges[i], edge))
  return events
}

/** Lines of docs/protocols/log-formats.md, section 9, which python-can has written. */
const VECTORS = [
  ['t1238DEADBEEF01020304', '123#DEADBEEF01020304'],
  ['T18FF50E53A1B2C3', '18FF50E5#A1B2C3'],
  ['r1234', '123#R4'],
  ['R18FF50E50', '18FF50E5#R'],
  ['b4569000102030405060708090A0B', '456##1000102030405060708090A0B'],
  ['D1ABCDEF02AABB', '1ABCDEF0##0AABB'],
] as const

describe('what an slcan adapter says', () => {
  test.each(VECTORS)('%s is the frame %s', (line, frame) => {
    expect(read(`\r${line}\r`)).toEqual(['answer ""', frame])
  })

  test('may have lower-case digits, a time behind the data, x for T and line feeds', () => {
    expect(read('t12a2bEeF\rt12A2BEEF1a2b\rx18FF50E51AA\rt1230\r\nt1230\r')).toEqual([
      ...['12A#BEEF', '12A#BEEF', '18FF50E5#AA', '123#', '123#'],
    ])
  })

  test('may have bytes behind a remote request, as slcanpty of can-utils writes them', () => {
    expect(read('r123400000000\rr1234000000001a2b\rr12341a2b\r')).toEqual(['123#R4', '123#R4', '123#R4'])
    expect(read('\rr123400\r')).toEqual(['answer ""', 'rejected'])
  })

  test('are answers beside frames', () => {
    expect(read('V1013\rz\r\x07t1230\rF08\r')).toEqual([
      ...['answer "V1013"', 'answer "z"', 'denied', '123#', 'answer "F08"'],
    ])
  })

  test('that is cut off at the beginning is not held against it', () => {
    expect(read('ADBEEF\x80\rt1230\r')).toEqual(['123#'])
    expect(read('\x80\x81\x07t1230\r')).toEqual(['denied', '123#'])
  })

  test.each([
    't800',
    't1239001122334455667788',
    't12',
    't1231',
    't1231AABB',
    't12310g',
    'T200000000',
    'r1239',
    'tGGG0',
  ])('%s is no frame, and the next one is read', line => {
    expect(read(`\r${line}\rt1230\r`)).toEqual(['answer ""', 'rejected', '123#'])
  })

  test('is bounded: a line without end is rejected once', () => {
    expect(read(`\r${'t'.repeat(100_000)}\rt1230\r`)).toEqual(['answer ""', 'rejected', '123#'])
  })

  test('gives the same however the bytes come', () => {
    const said = `noise\r${VECTORS.map(([line]) => line).join('\r')}\r\x07V1013\rt12\rt1230\r`
    fc.assert(
      fc.property(fc.array(fc.nat(said.length), { maxLength: 12 }), cuts => {
        expect(read(said, cuts)).toEqual(read(said))
      }),
    )
  })

  test('never makes it fail, whatever it is', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 400 }), bytes => {
        const events = read(Buffer.concat([bytes, Buffer.from('\r\rt1230\r')]))
        expect(events.at(-1)).toBe('123#')
      }),
    )
  })
})

describe('what is said to an slcan adapter', () => {
  test.each(VECTORS)('%s sends %s', (line, frame) => {
    let sent = ''
    const take = (text: string, made: CanFrame) => {
      if (text === frame) sent = Buffer.from(slcanLine(made)!).toString('latin1')
    }
    const own = new CanFrame({ readTime: () => {}, writeStamp: () => {}, writeInterface: () => {} })
    const reader = new SlcanReader({
      frame: own,
      received: () => take(shown(own), own),
      answered: () => {},
      denied: () => {},
      rejected: () => {},
    })
    reader.push(Buffer.from(`${line}\r`))
    expect(sent).toBe(`${line}\r`)
  })

  test('is read back as it was', () => {
    const frames = fc.record({
      isExtended: fc.boolean(),
      kind: fc.constantFrom(0, CAN.remote, CAN.fd, CAN.fd | CAN.bitRateSwitch),
      id: fc.nat(0x1fffffff),
      code: fc.nat(15),
      bytes: fc.uint8Array({ minLength: 64, maxLength: 64 }),
    })
    fc.assert(
      fc.property(frames, ({ isExtended, kind, id, code, bytes }) => {
        const isFd = (kind & CAN.fd) !== 0
        const length = isFd ? FD_LENGTHS[code]! : Math.min(code, 8)
        const message = {
          id: isExtended ? id : id & 0x7ff,
          flags: kind | (isExtended ? CAN.extended : 0),
          length: kind === CAN.remote ? 0 : length,
          dlc: isFd ? code : length,
          data: bytes,
        }
        const line = slcanLine(message)!
        const [read1] = read(line)
        expect(read1).toBe(shown({ ...message }))
      }),
    )
  })

  test('has no words for error frames, remote frames of CAN FD and data that is too long', () => {
    const data = new Uint8Array(64)
    expect(slcanLine({ id: 0x88, flags: CAN.error, length: 8, data })).toBeUndefined()
    expect(slcanLine({ id: 0x123, flags: CAN.fd | CAN.remote, length: 0, data })).toBeUndefined()
    expect(slcanLine({ id: 0x123, flags: 0, length: 9, data })).toBeUndefined()
  })

  test('fills CAN FD up to a length that has a code', () => {
    const line = slcanLine({ id: 0x123, flags: CAN.fd, length: 9, data: Buffer.from('112233445566778899', 'hex') })
    expect(Buffer.from(line!).toString()).toBe('d1239112233445566778899000000\r')
  })
})

test('bit rates have commands', () => {
  expect([10, 20, 50, 100, 125, 250, 500, 750, 1000, 83.3].map(rate => slcanBitRate(rate * 1000))).toEqual([
    ...['S0', 'S1', 'S2', 'S3', 'S4', 'S5', 'S6', 'S7', 'S8', 'S9'],
  ])
  expect(slcanBitRate(33_333)).toBeUndefined()
})
