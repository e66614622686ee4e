import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import {
  BIG,
  block,
  cutAt,
  enhanced,
  interfaceBlock,
  LITTLE,
  option,
  pcapHeader,
  pcapPacket,
  readAll,
  section,
  simple,
} from './capture-bytes.ts'

const DATA = Buffer.from('0123456789', 'hex')
const END = Buffer.alloc(4)

describe.each([
  ['little-endian', LITTLE, BIG],
  ['big-endian', BIG, LITTLE],
])('a %s pcapng file', (_, order, other) => {
  test('gives packets of its interfaces, and skips blocks that it does not know', () => {
    const file = [
      section(order),
      block(order, 0xbad, Buffer.alloc(100_000)),
      interfaceBlock(order, 1),
      interfaceBlock(order, 227),
      block(order, 4, DATA),
      enhanced(order, 1, 1_700_000_000_123_456n, DATA),
      enhanced(order, 0, 5_000_000n, DATA, 9),
    ]
    expect(readAll(...file)).toMatchObject({
      packets: [
        { hex: '0123456789', at: 1_700_000_000_123.456, origin: 'x', linkType: 227, truncated: false },
        { hex: '0123456789', at: 5000, linkType: 1, truncated: true },
      ],
      rejects: [],
      damage: undefined,
    })
  })

  test.each([
    ['10^-9 s', 9, 1_500_000_000n, 1500],
    ['10^-3 s', 3, 1500n, 1500],
    ['2^-10 s', 0x8a, 1536n, 1500],
    ['10^-127 s', 127, 1500n, 0],
    ['2^0 s', 0x80, 3n, 3000],
  ])('with time stamps of %s', (_, resolution, ticks, at) => {
    const options = [option(order, 2, DATA), option(order, 9, Uint8Array.of(resolution)), END]
    const file = [section(order), interfaceBlock(order, 1, Buffer.concat(options)), enhanced(order, 0, ticks, DATA)]
    expect(readAll(...file).packets[0]!.at).toBeCloseTo(at, 9)
  })

  test('with a time offset', () => {
    const hour = order === LITTLE ? [order.u32(3600), order.u32(0)] : [order.u32(0), order.u32(3600)]
    const options = Buffer.concat([option(order, 14, Buffer.concat(hour)), END])
    const file = [section(order), interfaceBlock(order, 1, options), enhanced(order, 0, 2_000_000n, DATA)]
    expect(readAll(...file).packets).toMatchObject([{ at: 3_602_000 }])
  })

  test('with a time stamp beyond all dates has packets without a time', () => {
    const options = Buffer.concat([option(order, 9, Uint8Array.of(0)), END])
    const file = [section(order), interfaceBlock(order, 1, options), enhanced(order, 0, (1n << 64n) - 1n, DATA)]
    expect(readAll(...file).packets[0]!.at).toBeNaN()
  })

  test('with simple packets, which have no time and are cut at the snap length', () => {
    const file = [section(order), interfaceBlock(order, 1, END, 5), simple(order, DATA, 5), simple(order, DATA, 70)]
    const { packets } = readAll(...file)
    expect(packets).toMatchObject([
      { hex: '0123456789', truncated: false },
      { hex: '0123456789', truncated: true },
    ])
    expect(packets.map(({ at }) => at)).toEqual([Number.NaN, Number.NaN])
  })

  test('may go on in the other byte order, with interfaces of its own', () => {
    const file = [
      ...[section(order), interfaceBlock(order, 1), enhanced(order, 0, 1_000_000n, DATA)],
      ...[section(other), enhanced(other, 0, 2_000_000n, DATA)],
      ...[interfaceBlock(other, 113), enhanced(other, 0, 3_000_000n, DATA)],
    ]
    const read = readAll(...file)
    expect(read.packets).toMatchObject([
      { at: 1000, linkType: 1 },
      { at: 3000, linkType: 113 },
    ])
    expect(read.rejects).toEqual(['unknown_interface'])
  })
})

const START = Buffer.concat([section(LITTLE), interfaceBlock(LITTLE, 1)])
const FILE = Buffer.concat([
  START,
  block(LITTLE, 5, Buffer.alloc(50)),
  enhanced(LITTLE, 0, 1_000_000n, DATA),
  simple(LITTLE, DATA),
  enhanced(LITTLE, 0, 2_000_000n, Buffer.alloc(70_001, 7)),
])

test('gives the same packets however the file is cut into pieces', () => {
  const whole = readAll(FILE)
  expect(whole.packets).toHaveLength(3)
  const cuts = fc.array(fc.oneof(fc.nat(260), fc.nat(FILE.length)), { maxLength: 20 })
  fc.assert(
    fc.property(cuts, places => {
      expect(readAll(...cutAt(FILE, places)).packets).toEqual(whole.packets)
    }),
  )
})

test('a file that ends within a block is told so', () => {
  for (const end of [5, 30, START.length + 4, START.length + 20, FILE.length - 1]) {
    expect(readAll(FILE.subarray(0, end)).rejects).toEqual(['cut_tail'])
  }
})

test('a packet that is longer than its block is left out, and the next one is read', () => {
  const lie = enhanced(LITTLE, 0, 1n, DATA)
  lie.writeUInt32LE(4000, 20)
  const read = readAll(START, lie, enhanced(LITTLE, 0, 7000n, DATA))
  expect(read).toMatchObject({ packets: [{ at: 7 }], rejects: ['lying_length'] })
})

test.each([
  ['0', 0, 'a block of 0 bytes'],
  ['not a multiple of 4', 33, 'a block of 33 bytes'],
  ['less than it must have', 28, 'a block of 28 bytes'],
  ['4 GB', 0xfffffffc, 'a block of 4294967292 bytes'],
])('a block with length %s is damage', (_, length, text) => {
  const lie = enhanced(LITTLE, 0, 1n, DATA)
  lie.writeUInt32LE(length, 4)
  expect(readAll(START, lie, FILE)).toMatchObject({
    packets: [],
    damage: `the capture is damaged: ${text}`,
    pending: 0,
  })
})

test('two lengths of a block that differ are damage', () => {
  const lie = enhanced(LITTLE, 0, 1n, DATA)
  lie.writeUInt32LE(36, lie.length - 4)
  expect(readAll(START, lie).damage).toBe('the capture is damaged: a block with two lengths')
})

test('a block of 4 GB that nobody knows is skipped without keeping it', () => {
  const head = Buffer.concat([LITTLE.u32(0x99), LITTLE.u32(0xfffffffc), LITTLE.u32(0)])
  const pieces = Array.from({ length: 50 }, () => Buffer.alloc(65_536))
  expect(readAll(START, head, ...pieces)).toMatchObject({ pending: 0, rejects: ['cut_tail'] })
})

test('interfaces without end are damage', () => {
  const many = Buffer.concat(Array.from({ length: 4097 }, () => interfaceBlock(LITTLE, 1)))
  expect(readAll(START, many).damage).toBe('the capture is damaged: too many interfaces')
})

test('random bytes and flipped bits never throw and never pile up', () => {
  const spoiled = fc
    .tuple(fc.nat(FILE.length - 1), fc.nat(7), fc.uint8Array({ maxLength: 300 }))
    .map(([at, bit, more]) => {
      const bytes = Buffer.concat([FILE, more])
      bytes[at]! ^= 1 << bit
      return bytes
    })
  fc.assert(
    fc.property(spoiled, fc.array(fc.nat(), { maxLength: 5 }), (bytes, cuts) => {
      expect(readAll(...cutAt(bytes, cuts)).pending).toBeLessThanOrEqual(1 << 20)
    }),
  )
})

describe('a capture file', () => {
  test('of either format is known by its first four bytes, even one at a time', () => {
    const pcap = Buffer.concat([pcapHeader(BIG), pcapPacket(BIG, 1, 0, DATA)])
    for (const file of [pcap, FILE]) {
      const pieces = Array.from(file.subarray(0, 200), byte => Uint8Array.of(byte))
      expect(readAll(...pieces).packets.length).toBeGreaterThan(0)
    }
  })

  test('of another format is refused', () => {
    const text = 'no capture in pcap or pcapng format: it begins with 68656c6c'
    expect(readAll(Buffer.from('hello'), DATA)).toMatchObject({ damage: text, pending: 0 })
  })

  test('that is empty is refused', () => {
    const text = 'no capture in pcap or pcapng format: it is too short'
    expect(readAll().damage).toBe(text)
    expect(readAll(Uint8Array.of(1, 2)).damage).toBe(text)
  })
})
