import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { CAN, CanFrame } from '../../../src/core/can.ts'
import { SocketcandReader, socketcandMessage } from '../../../src/transport/can/socketcand-text.ts'
import { shown } from './shown.ts'

function read(said: string | Uint8Array, cuts: readonly number[] = []): string[] {
  const bytes = typeof said === 'string' ? Buffer.from(said, 'latin1') : said
  const events: string[] = []
  const frame = new CanFrame({ readTime: () => {}, writeStamp: () => {}, writeInterface: () => {} })
  const reader = new SocketcandReader({
    frame,
    received: () => events.push(`${frame.seconds}.${String(frame.nanos).padStart(9, '0')} ${shown(frame)}`),
    said: words => events.push(words.join(' ')),
    rejected: () => events.push('rejected'),
  })
  const edges = [0, ...cuts.map(cut => Math.min(cut, bytes.length)).sort((a, b) => a - b), bytes.length]
  for (const [i, edge] of edges.slice(1).entries()) reader.push(bytes.subarray(edges[i], edge))
  return events
}

/** Messages of docs/protocols/log-formats.md, section 10. */
const TALK = [
  ['< hi >', 'hi'],
  ['< ok >', 'ok'],
  ['< frame 123 1700000000.000000 DEADBEEF01020304 >', '1700000000.000000000 123#DEADBEEF01020304'],
  ['< frame 18FF50E5 1700000000.001500 A1B2C3 >', '1700000000.001500000 18FF50E5#A1B2C3'],
  ['< frame 7FF 1700000000.002000  >', '1700000000.002000000 7FF#'],
  ['< error 088 1700000000.005000 >', '1700000000.005000000 20000088#0000000000000000'],
  [
    '< fdframe 456 01 1700000000.006000 000102030405060708090A0B >',
    '1700000000.006000000 456##1000102030405060708090A0B',
  ],
  ['< fdframe 18FF50E5 06 1700000000.006000  >', '1700000000.006000000 18FF50E5##2'],
  ['< error unknown command >', 'error unknown command'],
  ['< error could not open bus >', 'error could not open bus'],
] as const
const ALL = TALK.map(([text]) => text).join('')
const EXPECTED = TALK.map(([, event]) => event)

describe('what a socketcand server says', () => {
  test('stands in angle brackets, with or without anything between', () => {
    expect(read(ALL)).toEqual(EXPECTED)
    expect(read(TALK.map(([text]) => text).join(' \r\n '))).toEqual(EXPECTED)
  })

  test('may have blanks between bytes', () => {
    expect(read('< frame 123 1.5 DE AD BE >')).toEqual(['1.500000000 123#DEADBE'])
  })

  test.each([
    ...['< frame 12 1.0 00 >', '< frame 1234 1.0 00 >', '< frame 800 1.0 00 >', '< frame 20000000 1.0 00 >'],
    ...['< frame 123 x 00 >', '< frame 123 >', '< frame 123 1.0 0 >', '< frame 123 1.0 001122334455667788 >'],
    ...['< frame 123 1.0.0 00 >', '< frame 12g 1.0 00 >', `<${'x'.repeat(300)}>`, '< frame 123 1 00 >'],
    ...['< fdframe 123 1.0 00 >', '< fdframe 123 G0 1.0 00 >', `< fdframe 123 00 1.0 ${'00'.repeat(65)} >`],
  ])('%s is no message, and the next one is read', message => {
    expect(read(`${message}< ok >`)).toEqual(['rejected', 'ok'])
  })

  test('that is never ended is rejected by the next one', () => {
    expect(read('< frame 123 1.0 < ok >')).toEqual(['rejected', 'ok'])
  })

  test('gives the same however the bytes come', () => {
    fc.assert(
      fc.property(fc.array(fc.nat(ALL.length), { maxLength: 12 }), cuts => {
        expect(read(ALL, cuts)).toEqual(EXPECTED)
      }),
    )
  })

  test('never makes it fail, whatever it is', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 400 }), bytes => {
        expect(read(Buffer.concat([bytes, Buffer.from('>< ok >')])).at(-1)).toBe('ok')
      }),
    )
  })
})

test('frames are sent as the server takes them', () => {
  const data = Buffer.from('DEADBEEF01020304', 'hex')
  expect(socketcandMessage({ id: 0x123, flags: 0, length: 8, data })).toBe('< send 123 8 DE AD BE EF 01 02 03 04 >')
  expect(socketcandMessage({ id: 0x123, flags: CAN.extended, length: 1, data })).toBe('< send 00000123 1 DE >')
  expect(socketcandMessage({ id: 0x7ff, flags: 0, length: 0, data })).toBe('< send 7ff 0 >')
  const fd = { id: 0x456, flags: CAN.fd | CAN.bitRateSwitch, length: 12, data: Buffer.alloc(64, 0xab) }
  // as src/state_raw.c of socketcand reads it: ID and flags in hex, length in decimal
  expect(socketcandMessage(fd)).toBe(`< fdsend 456 01 12${' AB'.repeat(12)} >`)
  for (const flags of [CAN.remote, CAN.error]) {
    expect(socketcandMessage({ id: 0x123, flags, length: 0, data })).toBeUndefined()
  }
})
