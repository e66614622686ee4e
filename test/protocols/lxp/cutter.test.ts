import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { crc16Modbus } from '../../../src/core/checksum.ts'
import { FrameCutter, IDLE_MS, parseDatagram } from '../../../src/protocols/lxp/cutter.ts'
import type { Direction, LxpFrame } from '../../../src/protocols/lxp/frame.ts'
import { block, crcBitByBit, dataFrame, frame, heartbeat } from './build-frame.ts'

interface Cut {
  readonly frames: string[]
  readonly reasons: string[]
}

/** Frames, as hex, and reasons of what was rejected. */
function cut(chunks: readonly Uint8Array[], direction: Direction = 'reply'): Cut {
  const frames: string[] = []
  const reasons: string[] = []
  const cutter = new FrameCutter(direction)
  const take = (frame: LxpFrame) => frames.push(Buffer.from(frame.bytes).toString('hex'))
  const reject = (error: { context: Readonly<Record<string, unknown>> }) =>
    void reasons.push(String(error.context['reason']))
  for (const data of chunks) cutter.push({ data, at: Number.NaN, origin: 'test' }, take, reject)
  cutter.end(take, reject)
  return { frames, reasons }
}

const hex = (bytes: Uint8Array) => Buffer.from(bytes).toString('hex')

const WORDS = Array.from({ length: 40 }, (_, i) => (i * 2654 + 17) & 0xffff)
const INPUT = block(4, 0, WORDS)
const HOLD = block(3, 80, WORDS.slice(0, 5), { protocol: 2 })
const ONE_WORD = dataFrame(3, 12, [0x1e, 0x28], { protocol: 1 })
const EXCEPTION = dataFrame(0x86, 234, [3])
const PARAM = frame(Uint8Array.of(0, 0, 2, 0, 0x2c, 1), { tcpFunction: 0xc3, protocol: 2 })
const ALL = [INPUT, heartbeat(), HOLD, ONE_WORD, EXCEPTION, heartbeat(5), PARAM, INPUT]

/** Bytes that cannot begin a frame. */
const noise = fc.uint8Array({ maxLength: 300 }).map(bytes => bytes.map(byte => (byte === 0xa1 ? 0 : byte)))

function split(stream: Uint8Array, cuts: readonly number[]): Uint8Array[] {
  const edges = [0, ...[...cuts].sort((a, b) => a - b), stream.length]
  return edges.slice(1).map((end, i) => stream.subarray(edges[i], end))
}

describe('a stream of frames', () => {
  const stream = Buffer.concat(ALL)

  test('gives the same frames however it is split and glued', () => {
    fc.assert(
      fc.property(fc.array(fc.nat(stream.length)), cuts => {
        expect(cut(split(stream, cuts))).toEqual({ frames: ALL.map(hex), reasons: [] })
      }),
    )
  })

  test('gives its frames byte by byte', () => {
    expect(cut([...stream].map(byte => Uint8Array.of(byte))).frames).toEqual(ALL.map(hex))
  })

  test('gives them with noise between, which is reported once per place', () => {
    fc.assert(
      fc.property(fc.array(noise, { minLength: ALL.length, maxLength: ALL.length }), fc.nat(), (parts, at) => {
        const noisy = Buffer.concat(ALL.flatMap((good, i) => [parts[i]!, good]))
        const { frames, reasons } = cut(split(noisy, [at % noisy.length]))
        expect(frames).toEqual(ALL.map(hex))
        expect(reasons).toEqual(parts.filter(({ length }) => length > 0).map(() => 'magic'))
      }),
    )
  })

  test('loses one frame to a flipped bit under the checksum, says so, and gives the next', () => {
    fc.assert(
      fc.property(fc.integer({ min: 20, max: INPUT.length - 1 }), fc.nat(7), (byte, bit) => {
        const bad = Buffer.from(INPUT)
        bad[byte] = bad[byte]! ^ (1 << bit)
        const { frames, reasons } = cut([Buffer.concat([bad, HOLD])])
        expect(frames).toEqual([hex(HOLD)])
        expect(reasons).toContain('crc')
      }),
    )
  })

  test('reports a flipped bit in the header, except in what has no checksum, and gives the next frame', () => {
    for (const byte of [0, 1, 4, 6, 18]) {
      for (let bit = 0; bit < 8; bit++) {
        const bad = Buffer.from(INPUT)
        bad[byte] = bad[byte]! ^ (1 << bit)
        const { frames, reasons } = cut([Buffer.concat([bad, HOLD])])
        expect(frames).toEqual([hex(HOLD)])
        expect(reasons.length).toBeGreaterThan(0)
      }
    }
  })

  test('finds the good frame that a cut one has swallowed', () => {
    fc.assert(
      fc.property(fc.integer({ min: 8, max: INPUT.length - 1 }), length => {
        const { frames, reasons } = cut([Buffer.concat([INPUT.subarray(0, length), HOLD, INPUT])])
        expect(frames).toEqual([hex(HOLD), hex(INPUT)])
        expect(reasons.length).toBeGreaterThan(0)
      }),
    )
  })

  test('reports a cut frame at its end as truncated', () => {
    for (let length = 2; length < INPUT.length; length++) {
      expect(cut([HOLD, INPUT.subarray(0, length)])).toEqual({ frames: [hex(HOLD)], reasons: ['truncated'] })
    }
  })

  test('finds frames inside an unfinished one when the bytes end', () => {
    const lying = Buffer.from(INPUT)
    lying.writeUInt16LE(1018, 4)
    expect(cut([lying, HOLD])).toEqual({ frames: [hex(HOLD)], reasons: ['truncated'] })
  })

  test('survives any lying length', () => {
    fc.assert(
      fc.property(fc.nat(0xffff), length => {
        fc.pre(length !== INPUT.length - 6)
        const lying = Buffer.from(INPUT)
        lying.writeUInt16LE(length, 4)
        const { frames, reasons } = cut([lying, HOLD, HOLD])
        expect(frames).toEqual([hex(HOLD), hex(HOLD)])
        expect(reasons.length).toBeGreaterThan(0)
      }),
    )
  })

  test('of random bytes is never an exception and never piles up', () => {
    const nearly = fc.oneof(fc.uint8Array({ maxLength: 50 }), fc.constantFrom(INPUT.subarray(0, 30), HOLD, heartbeat()))
    fc.assert(
      fc.property(fc.array(nearly, { maxLength: 60 }), chunks => {
        const { frames } = cut(chunks)
        const total = chunks.reduce((sum, { length }) => sum + length, 0)
        expect(frames.reduce((sum, text) => sum + text.length / 2, 0)).toBeLessThanOrEqual(total)
      }),
    )
  })
})

test("a packet is its owner's again after the push", () => {
  const stream = Buffer.concat(ALL)
  const packet = Buffer.alloc(100) // one for all, as file readers have it
  const cutter = new FrameCutter()
  const frames: string[] = []
  const take = ({ bytes }: LxpFrame) => void frames.push(hex(bytes))
  for (let at = 0; at < stream.length; at += 37) {
    const count = stream.copy(packet, 0, at, at + 37)
    cutter.push({ data: packet.subarray(0, count), at: Number.NaN, origin: 'test' }, take, () => {})
    packet.fill(0xa1)
  }
  expect(frames).toEqual(ALL.map(hex))
})

test('an unfinished frame keeps at most 1024 bytes waiting', () => {
  const lying = Buffer.from(INPUT)
  lying.writeUInt16LE(1018, 4)
  const cutter = new FrameCutter()
  const reasons: unknown[] = []
  let frames = 0
  for (let sent = 0; sent < 1024; sent += HOLD.length) {
    const data = sent === 0 ? lying : HOLD
    const packet = { data, at: 0, origin: 'test' }
    cutter.push(
      packet,
      () => frames++,
      error => reasons.push(error.context['reason']),
    )
  }
  expect(reasons).toEqual(['data_length'])
  expect(frames).toBeGreaterThan(10)
})

test('an unfinished frame ends after two silent seconds, and what it hid is found', () => {
  const lying = Buffer.from(INPUT)
  lying.writeUInt16LE(1018, 4)
  const cutter = new FrameCutter()
  const frames: string[] = []
  const reasons: unknown[] = []
  const push = (data: Uint8Array, at: number) =>
    cutter.push(
      { data, at, origin: 'test' },
      ({ type }) => frames.push(type),
      error => reasons.push(error.context['reason']),
    )
  push(Buffer.concat([lying, HOLD]), 1000)
  push(heartbeat(), 1000 + IDLE_MS - 1)
  expect(frames).toEqual([])
  push(INPUT, 1000 + 2 * IDLE_MS)
  expect(frames).toEqual(['hold', 'heartbeat', 'input'])
  expect(reasons).toEqual(['truncated'])
})

test('long noise is reported before a frame comes', () => {
  const reasons: unknown[] = []
  const cutter = new FrameCutter()
  const packet = { data: new Uint8Array(4000).fill(7), at: 0, origin: 'test' }
  cutter.push(
    packet,
    () => {},
    error => reasons.push(error.context),
  )
  expect(reasons).toEqual([{ reason: 'magic', offset: 0, size: 4000, origin: 'test' }])
  expect(cutter.skipped).toBe(4000)
})

describe('a frame', () => {
  const reasonOf = (bytes: Uint8Array, direction?: Direction) => cut([bytes], direction).reasons

  test.each<[string, Uint8Array, string]>([
    ['a data frame of 36 bytes', frame(Buffer.alloc(18)), 'short'],
    ['a data length that is not L-14', frame(Buffer.alloc(40)), 'data_length'],
    ['a byte count that is not that of the values', dataFrame(4, 0, [4, 1, 2]), 'value_length'],
    ['an odd byte count', dataFrame(4, 0, [3, 1, 2, 3]), 'value_length'],
    ['a write of three bytes', dataFrame(6, 0, [1, 2, 3]), 'value_length'],
    ['a reply to a write of several with words', dataFrame(16, 0, [1, 0, 2, 1, 2]), 'value_length'],
    ['an exception of two bytes', dataFrame(0x83, 0, [1, 2]), 'value_length'],
    ['a word of protocol 1 with a byte count', dataFrame(3, 0, [2, 1, 2], { protocol: 1 }), 'value_length'],
    [
      'a parameter with a wrong length word',
      frame(Uint8Array.of(0, 0, 3, 0, 1, 1), { tcpFunction: 0xc3 }),
      'value_length',
    ],
    ['a parameter without a register', frame(Uint8Array.of(0), { tcpFunction: 0xc3 }), 'short'],
  ])('%s is rejected', (_, bytes, reason) => {
    expect(reasonOf(bytes)[0]).toBe(reason)
  })

  test('of a client is read as such only when asked', () => {
    const request = dataFrame(4, 40, [40, 0], { protocol: 1 })
    const types: unknown[] = []
    for (const direction of ['reply', 'request'] as const) {
      const packet = { data: request, at: 0, origin: '' }
      new FrameCutter(direction).push(
        packet,
        ({ type, register, count, data }) => types.push([type, register, count, data.length]),
        () => {},
      )
    }
    expect(types).toEqual([
      ['input', 40, 1, 2],
      ['input', 40, 40, 0],
    ])
  })

  test('of another TCP function passes as unknown', () => {
    expect(cut([frame(Buffer.alloc(30), { tcpFunction: 0xd0 })]).reasons).toEqual([])
  })
})

describe('a datagram', () => {
  test('is one frame', () => {
    expect(parseDatagram(INPUT)).toMatchObject({ type: 'input', register: 0, count: 40, inverter: 'DEMO000001' })
    expect(parseDatagram(heartbeat())).toMatchObject({ type: 'heartbeat', datalog: 'DEMODONGLE' })
  })

  test('that is cut, foreign or damaged says so', () => {
    const bad = Buffer.from(INPUT)
    bad[50] = bad[50]! ^ 1
    expect(parseDatagram(INPUT.subarray(0, 100))).toBe('truncated')
    expect(parseDatagram(INPUT.subarray(0, 5))).toBe('truncated')
    expect(parseDatagram(INPUT.subarray(1))).toBe('magic')
    expect(parseDatagram(new Uint8Array(0))).toBe('magic')
    expect(parseDatagram(bad)).toBe('crc')
  })

  test('of any bytes is never an exception', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 400 }), bytes => {
        parseDatagram(Buffer.concat([Buffer.from('a11a', 'hex'), bytes]))
      }),
    )
  })
})

test('the checksum is that of the catalogue, and the one made bit by bit', () => {
  expect(crc16Modbus(Buffer.from('123456789'), 0, 9)).toBe(0x4b37)
  fc.assert(fc.property(fc.uint8Array(), bytes => crc16Modbus(bytes, 0, bytes.length) === crcBitByBit(bytes)))
})
