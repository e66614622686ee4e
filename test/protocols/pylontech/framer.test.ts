import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { FrameError } from '../../../src/core/errors.ts'
import { READ_COMMANDS, requestFrame } from '../../../src/protocols/pylontech/commands.ts'
import { checksum, frameBytes, lengthField } from '../../../src/protocols/pylontech/frame.ts'
import { PylontechFramer } from '../../../src/protocols/pylontech/framer.ts'

/** Replies made up for these tests: nobody's battery, figures that all differ. */
const reply = (code: number, info: string, adr = 2): Buffer =>
  Buffer.from(frameBytes({ ver: 0x20, adr, cid1: 0x46, code, info: Buffer.from(info, 'hex') }))
const request = (cid2: number, adr = 2, all = false): Buffer => Buffer.from(requestFrame(cid2, adr, all))

const serial = reply(0, `02${Buffer.from('DEMO123456789012').toString('hex')}`)
const management = reply(0, '02CEA4B4DC00F3FEFF58')
const exchange = [request(0x93), serial, request(0x92), management]

interface Cut {
  readonly messages: { readonly keys: readonly string[]; readonly info: string; readonly device: string }[]
  readonly reasons: unknown[]
}

function cut(...chunks: readonly Uint8Array[]): Cut {
  const framer = new PylontechFramer()
  const result: Cut = { messages: [], reasons: [] }
  const reject = (error: FrameError) => void result.reasons.push(error.context['reason'])
  for (const data of chunks) {
    framer.push(
      { data, at: 0, origin: 'test' },
      ({ keys, payload, device }) =>
        void result.messages.push({ keys, info: Buffer.from(payload).toString('hex'), device }),
      reject,
    )
  }
  framer.end(reject)
  return result
}

const keysOf = ({ messages }: Cut) => messages.map(({ keys }) => keys[0])

describe('frames', () => {
  // the vendor's table of LENGTH, and the worked sums of the protocol page
  test.each([
    [0x000, 0x0000],
    [0x012, 0xd012],
    [0x06e, 0xc06e],
    [0x079, 0x0079],
    [0x142, 0x9142],
    [0x1dc, 0x61dc],
  ])('have LENGTH of LENID %i', (lenid, length) => expect(lengthField(lenid)).toBe(length))

  test('have the documented checksums', () => {
    expect(checksum(Buffer.from('20024642E00202'), 0, 14)).toBe(0xfd33)
    expect(request(0x42).toString()).toBe('~20024642E00202FD33\r')
    expect(request(0x42, 2, true).toString()).toBe('~20024642E002FFFD09\r')
    expect(request(0x42, 0x22, true).toString()).toBe('~20224642E002FFFD07\r')
    expect(request(0x96, 5).toString()).toBe('~20054696E00205FD24\r')
    expect(request(0x61).toString()).toBe('~200246610000FDAB\r')
  })

  test('can only be made of commands that read', () => {
    for (const cid2 of [0x82, 0x91, 0x94, 0x95, 0x99]) expect(() => requestFrame(cid2, 2)).toThrow(RangeError)
    expect(() => requestFrame(0x93, 2, true)).toThrow('cannot ask all')
    expect(() => requestFrame(0x42, 0)).toThrow('not an address')
    expect(READ_COMMANDS.size).toBe(13)
  })
})

describe('a stream', () => {
  const stream = Buffer.concat(exchange)
  const whole = cut(stream)

  test('gives replies the meaning of the request before them', () => {
    expect(keysOf(whole)).toEqual(['93', '92'])
    expect(whole.messages[1]!.info).toBe('02cea4b4dc00f3feff58')
    expect(whole.messages[1]!.device).toBe('0/2')
    expect(whole.reasons).toEqual([])
  })

  test('gives the same messages however it is chunked', () => {
    fc.assert(
      fc.property(fc.array(fc.nat(stream.length)), cuts => {
        const edges = [0, ...cuts.sort((a, b) => a - b), stream.length]
        expect(cut(...edges.slice(1).map((end, i) => stream.subarray(edges[i], end)))).toEqual(whole)
      }),
    )
  })

  test('survives noise before, NULs behind and echoes of every request', () => {
    const noise = fc.uint8Array({ maxLength: 40 }).map(bytes => bytes.filter(byte => byte !== 0x7e && byte !== 0x0d))
    fc.assert(
      fc.property(noise, noise, (before, between) => {
        const [ask, answer, ...rest] = exchange
        const noisy = cut(before, ask!, ask!, Buffer.of(0), between, answer!, Buffer.of(0, 0), ...rest)
        expect(noisy.messages).toEqual(whole.messages)
      }),
    )
  })

  test('tells of any flipped bit, and the frames after it survive', () => {
    fc.assert(
      fc.property(fc.nat(serial.length - 1), fc.nat(7), (at, bit) => {
        const broken = Buffer.from(serial)
        broken[at]! ^= 1 << bit
        fc.pre(at < serial.length - 5 || broken.toString().toUpperCase() !== serial.toString()) // CHKSUM in lower case
        const { reasons, messages } = cut(request(0x93), broken, request(0x92), management)
        expect(reasons.length).toBeGreaterThan(0)
        expect(messages).toEqual([whole.messages[1]])
      }),
      { numRuns: 500 },
    )
  })

  test('tells of a frame that breaks off, wherever', () => {
    for (let length = 2; length < serial.length; length++) {
      const part = serial.subarray(0, length)
      expect(cut(request(0x93), part).reasons).toEqual(['truncated'])
      expect(cut(request(0x93), part, request(0x92), management)).toEqual({
        messages: [whole.messages[1]],
        reasons: ['truncated'],
      })
    }
  })

  test('does not believe a length that lies, even under a right checksum', () => {
    const lying = (length: string) => {
      const text = Buffer.from(`20024600${length}02`)
      const sum = checksum(text, 0, text.length).toString(16).toUpperCase().padStart(4, '0')
      return Buffer.from(`~${text}${sum}\r`)
    }
    expect(cut(lying('C004'), ...exchange).reasons).toEqual(['length'])
    expect(cut(lying('C002'), ...exchange).reasons).toEqual(['length checksum'])
    expect(cut(lying('FFFF'), ...exchange).messages).toEqual(whole.messages)
  })

  test('ends a frame that is too long', () => {
    const { reasons, messages } = cut(Buffer.from(`~${'20'.repeat(3000)}\r`), ...exchange)
    expect(reasons).toEqual(['too long'])
    expect(messages).toEqual(whole.messages)
  })

  test('never throws at random bytes, and the next exchange is read', () => {
    const bytes = fc.uint8Array({ maxLength: 300 })
    const frameLike = fc.string({ unit: fc.constantFrom(...'~\r0123456789ABCDEFabcdef'), maxLength: 300 })
    fc.assert(
      fc.property(
        fc.oneof(
          bytes,
          frameLike.map(text => Buffer.from(text)),
        ),
        junk => {
          expect(cut(junk, Buffer.of(0x0d), ...exchange).messages.slice(-2)).toEqual(whole.messages)
        },
      ),
    )
  })

  test('reads lower-case hex, whose checksum is that of the characters', () => {
    const text = Buffer.from(management.toString().slice(1, -5).toLowerCase())
    const sum = checksum(text, 0, text.length).toString(16)
    expect(keysOf(cut(request(0x92), Buffer.from(`~${text}${sum}\r`)))).toEqual(['92'])
  })
})

describe('a reply', () => {
  test('must come from the address and the module that was asked', () => {
    expect(cut(request(0x92, 3), management).reasons).toEqual(['address'])
    expect(cut(request(0x92, 3), reply(0, '02CEA4B4DC00F3FEFF58', 3)).reasons).toEqual(['module'])
  })

  test('that is late and fits another layout is not taken for the answer, which may still come', () => {
    const { reasons, messages } = cut(
      request(0x44),
      management,
      reply(0, `0002020000${'01'.repeat(1)}00000000${'00'.repeat(5)}`),
    )
    expect(reasons).toEqual(['layout'])
    expect(messages.map(({ keys }) => keys[0])).toEqual(['44'])
  })

  test('may refuse, with any code', () => {
    const codes = [0x01, 0x04, 0x90, 0x91, 0x17]
    expect(codes.flatMap(code => keysOf(cut(request(0x42), reply(code, ''))))).toEqual(codes.map(() => 'RTN'))
  })

  test('is told from the request 90h, which looks like a refusal', () => {
    const { messages, reasons } = cut(request(0x90), request(0x90), reply(0, '04'))
    expect(messages.map(({ keys, info }) => [keys[0], info])).toEqual([['90', '04']])
    expect(reasons).toEqual([])
  })

  test('to a command that nobody should send is not guessed at', () => {
    const off = Buffer.from(frameBytes({ ver: 0x20, adr: 2, cid1: 0x46, code: 0x95, info: Uint8Array.of(2) }))
    expect(cut(off, reply(0, ''))).toEqual({ messages: [], reasons: ['unknown command'] })
  })

  test('in the manner of some emulators repeats the command in the place of RTN', () => {
    expect(keysOf(cut(request(0x62), reply(0x62, '00000000')))).toEqual(['62'])
  })

  test('without its request is taken for the only command that it fits, and refused where it fits none or two', () => {
    expect(keysOf(cut(management))).toEqual(['92'])
    expect(cut(reply(0, '0102')).reasons).toEqual(['layout'])
    // 25 bytes: limits, or alarms of ten cells and three sensors
    expect(cut(reply(0, `00020a${'00'.repeat(10)}03${'00'.repeat(11)}`)).reasons).toEqual(['ambiguous'])
  })

  test('of another protocol is refused', () => {
    const other = Buffer.from(frameBytes({ ver: 0x22, adr: 1, cid1: 0x4a, code: 0, info: new Uint8Array(0) }))
    expect(cut(other).reasons).toEqual(['cid1'])
  })
})
