import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { CaptureLogReader } from '../../src/framing/capture-log.ts'
import {
  BIG,
  block,
  enhanced,
  interfaceBlock,
  LITTLE,
  type Order,
  option,
  pcapHeader,
  pcapPacket,
  section,
  simple,
} from './capture-bytes.ts'
import { contents, readFrames } from './read-frames.ts'

const hex = (text: string) => Buffer.from(text.replaceAll(' ', ''), 'hex')
const read = (format: 'pcap' | 'pcapng', ...parts: readonly Uint8Array[]) =>
  readFrames(sink => new CaptureLogReader(format, sink), Buffer.concat(parts))
const pcap = (linkType: number, ...packets: readonly Uint8Array[]) =>
  read('pcap', pcapHeader(LITTLE, linkType), ...packets.map((data, i) => pcapPacket(LITTLE, 1_700_000_000, i, data)))
/** What becomes of one packet of SocketCAN. */
const one = (packet: string, linkType = 227) => {
  const { frames, reader } = pcap(linkType, hex(packet))
  return contents(frames)[0] ?? Object.keys(reader.tally.rejects)[0]
}

/** docs/protocols/log-formats.md, section 7: the file of the page, checked with Wireshark. */
const VECTOR = hex(
  `D4C3B2A1 02000400 00000000 00000000 FFFF0000 E3000000
00F15365 00000000 10000000 10000000 00000123 08000000 DEADBEEF01020304
00F15365 DC050000 0B000000 0B000000 98FF50E5 03000000 A1B2C3
00F15365 B80B0000 08000000 08000000 40000123 00000000
00F15365 88130000 10000000 10000000 20000088 08000000 0000000000000000
00F15365 70170000 14000000 14000000 00000456 0C050000 000102030405060708090A0B`.replaceAll('\n', ''),
)

const FRAMES = [
  '1700000000.000000000 can0 123 dlc8 DEADBEEF01020304',
  '1700000000.001500000 can0 18FF50E5 extended dlc3 A1B2C3',
  '1700000000.003000000 can0 123 remote dlc0',
  '1700000000.005000000 can0 00000088 error dlc8 0000000000000000',
  '1700000000.006000000 can0 456 fd bitRateSwitch dlc9 000102030405060708090A0B',
]

test('the file of the protocol page is read with all properties', () => {
  const { frames, stamps } = read('pcap', VECTOR)
  expect(frames).toEqual(FRAMES)
  expect(stamps.slice(0, 2)).toEqual(['1700000000.000000', '1700000000.001500'])
})

test('any chunking gives the same frames', () => {
  fc.assert(
    fc.property(fc.array(fc.nat(VECTOR.length)), cuts => {
      expect(readFrames(sink => new CaptureLogReader('pcap', sink), VECTOR, cuts).frames).toEqual(FRAMES)
    }),
  )
})

describe('a packet of SocketCAN', () => {
  test.each([
    ['00000123 02 00 00 00 AABB', '123 dlc2 AABB'],
    ['80000123 00 00 00 00', '00000123 extended dlc0'],
    ['00000123 02 00 00 00 AABB000000000000', '123 dlc2 AABB'], // padded to the whole struct
    ['00000123 08 00 00 0E 0102030405060708', '123 dlc14 0102030405060708'],
    ['00000123 07 00 00 0E 01020304050607', '123 dlc7 01020304050607'],
    ['C0000123 04 00 00 00 0000000000000000', '00000123 extended remote dlc4'],
    ['40000123 08 00 00 09', '123 remote dlc9'],
    ['A0000004 08 00 00 00 0001000000000000', '00000004 error dlc8 0001000000000000'],
    ['00000123 03 04 00 00 AABBCC', '123 fd dlc3 AABBCC'],
    ['00000123 03 07 00 00 AABBCC', '123 fd bitRateSwitch errorState dlc3 AABBCC'],
    [`00000123 03 00 00 00 AABBCC ${'00'.repeat(61)}`, '123 fd dlc3 AABBCC'], // 72 bytes, from before the flag
    [`00000123 0C 01 00 00 ${'AA'.repeat(12)}`, `123 fd bitRateSwitch dlc9 ${'AA'.repeat(12)}`],
    [`00000123 09 04 00 00 ${'AA'.repeat(9)}`, `123 fd dlc9 ${'AA'.repeat(9)}`],
    ['00000800 00 00 00 00', 'frames with a bad ID'],
    [`00000123 41 04 00 00 ${'AA'.repeat(65)}`, 'frames with a bad length'],
    ['00000123 02 00 00 00 AA', 'frames with bad data'],
    ['00000123 02 00 00', 'packets that were cut when captured'],
    ['', 'packets that were cut when captured'],
  ])('%s is %s', (packet, expected) => {
    expect(one(packet)).toBe(expected)
  })

  test('that the capture has not all of is counted as that', () => {
    const packet = pcapPacket(LITTLE, 1, 0, hex('00000123 08 00 00 00 0102'), 16)
    const { reader } = read('pcap', pcapHeader(LITTLE, 227), packet)
    expect(reader.tally.rejects).toEqual({ 'packets that were cut when captured': 1 })
    expect(reader.tally.firstAt).toEqual({ 'packets that were cut when captured': 24 })
  })
})

describe('a packet of the device "any"', () => {
  test.each([
    ['0000 0118 0000 0000000000000000 000C 23010000 02 00 00 00 AABB', '123 rx dlc2 AABB'],
    ['0004 0118 0000 0000000000000000 000C E550FF98 01 00 00 00 AA', '18FF50E5 extended tx dlc1 AA'],
    ['0001 0118 0000 0000000000000000 000D 23010000 01 01 00 00 AA', '123 fd bitRateSwitch rx dlc1 AA'],
    ['0000 0118 0000 0000000000000000 000E 23010000 01 01 00 00 AA', 'CAN XL frames'],
    ['0000 0001 0006 0000000000000000 0800 45000000', 'packets of other protocols'],
    ['0000 0118', 'packets that were cut when captured'],
  ])('in its first form: %s', (packet, expected) => {
    expect(one(packet, 113)).toBe(expected)
  })

  test.each([
    ['000C 0000 00000003 0118 04 00 0000000000000000 23010000 02 00 00 00 AABB', '123 tx dlc2 AABB'],
    ['000D 0000 00000003 0118 00 00 0000000000000000 23010000 01 05 00 00 AA', '123 fd bitRateSwitch rx dlc1 AA'],
  ])('in its second form: %s', (packet, expected) => {
    expect(one(packet, 276)).toBe(expected)
  })

  test('has the byte order of the machine that captured it', () => {
    const packet = hex('0000 0118 0000 0000000000000000 000C 00000123 01 00 00 00 AA')
    const { frames } = read('pcap', pcapHeader(BIG, 113), pcapPacket(BIG, 1, 0, packet))
    expect(contents(frames)).toEqual(['123 rx dlc1 AA'])
  })
})

test('packets that are not CAN are counted by their link type', () => {
  const { frames, reader } = pcap(1, hex('FFFFFFFFFFFF0000000000000800'), hex('FFFFFFFFFFFF0000000000000800'))
  expect(frames).toEqual([])
  expect(reader.tally.rejects).toEqual({ 'packets of link type 1, which is not CAN': 2 })
  expect(reader.tally.firstAt).toEqual({ 'packets of link type 1, which is not CAN': 24 })
})

test('reasons are bounded, whatever a file makes of them', () => {
  const interfaces = Array.from({ length: 200 }, (_, i) => interfaceBlock(LITTLE, 300 + i))
  const packets = interfaces.map((_, i) => enhanced(LITTLE, i, 1n, Buffer.alloc(4)))
  const { tally } = read('pcapng', section(LITTLE), ...interfaces, ...packets).reader
  expect(Object.keys(tally.rejects)).toHaveLength(33)
  expect(tally.rejects['for other reasons']).toBe(200 - 32)
  expect(Object.keys(tally.firstAt)).toEqual(Object.keys(tally.rejects))
})

describe.each<[string, Order]>([
  ['little-endian', LITTLE],
  ['big-endian', BIG],
])('a %s pcapng file', (_, order) => {
  const end = Buffer.alloc(4)
  const packet = hex('00000123 01 00 00 00 AA')
  const named = (name: string, resolution = 6) =>
    interfaceBlock(
      order,
      227,
      Buffer.concat([option(order, 2, Buffer.from(name)), option(order, 9, Uint8Array.of(resolution)), end]),
    )
  const flagged = (id: number, flags: number) =>
    block(
      order,
      6,
      ...[order.u32(id), order.u32(0), order.u32(1_500_000), order.u32(packet.length), order.u32(packet.length)],
      ...[packet, Buffer.alloc(-packet.length & 3), option(order, 2, order.u32(flags)), end],
    )

  test('names its interfaces, else they are numbered', () => {
    const { frames } = read(
      'pcapng',
      ...[section(order), named('vcan1'), interfaceBlock(order, 227), named('my can\0')],
      ...[0, 1, 2].map(id => enhanced(order, id, 1_500_000n, packet)),
    )
    expect(frames).toEqual([
      '1.500000000 vcan1 123 dlc1 AA',
      '1.500000000 can1 123 dlc1 AA',
      '1.500000000 my_can 123 dlc1 AA',
    ])
  })

  test('tells the direction of packets', () => {
    const flags = [0, 1, 2, 3, 0x0000_0402]
    const { frames } = read('pcapng', section(order), named('can0'), ...flags.map(value => flagged(0, value)))
    expect(contents(frames)).toEqual([
      '123 dlc1 AA',
      '123 rx dlc1 AA',
      '123 tx dlc1 AA',
      '123 dlc1 AA',
      '123 tx dlc1 AA',
    ])
  })

  test('has times to the nanosecond', () => {
    const { frames, stamps } = read(
      'pcapng',
      ...[section(order), named('can0', 9), enhanced(order, 0, 1_700_000_000_123_456_789n, packet)],
    )
    expect(frames).toEqual(['1700000000.123456789 can0 123 dlc1 AA'])
    expect(stamps).toEqual(['1700000000.123456789'])
  })

  test('has packets without a time, which is then that of the one before', () => {
    const { frames } = read('pcapng', section(order), named('can0'), flagged(0, 0), simple(order, packet))
    expect(frames.map(frame => frame.split(' ')[0])).toEqual(['1.500000000', '1.500000000'])
  })
})

test('time stamps in any unit are exact to the nanosecond', () => {
  const units = fc.constantFrom(
    ...[0, 3, 6, 9, 10, 11].map(n => [n, 10n ** BigInt(n)] as const),
    ...[0, 10, 20, 30, 37].map(n => [n | 0x80, 2n ** BigInt(n)] as const),
  )
  fc.assert(
    fc.property(units, fc.bigInt(0n, (1n << 62n) - 1n), ([unit, perSecond], ticks) => {
      const options = Buffer.concat([option(LITTLE, 9, Uint8Array.of(unit)), Buffer.alloc(4)])
      const parts = [
        section(LITTLE),
        interfaceBlock(LITTLE, 227, options),
        enhanced(LITTLE, 0, ticks, hex('00000123 00 00 00 00')),
      ]
      const seconds = ticks / perSecond
      const nanos = ((ticks % perSecond) * 1_000_000_000n) / perSecond
      const [frame = ''] = read('pcapng', ...parts).frames
      const expected = seconds > 8_640_000_000_000n ? '0.000000000' : `${seconds}.${String(nanos).padStart(9, '0')}`
      if (perSecond <= 10n ** 9n) expect(frame.split(' ')[0]).toBe(expected)
      // a float of the remainder may be one nanosecond off where ticks are finer than that
      else expect(Math.abs(Number(frame.split(' ')[0]!.slice(-9)) - Number(nanos))).toBeLessThanOrEqual(1)
    }),
  )
})

describe('a capture that is damaged or cut off', () => {
  test('keeps what came before, and says where it ends', () => {
    for (let end = 4; end < VECTOR.length; end++) {
      const { frames, reader } = readFrames(sink => new CaptureLogReader('pcap', sink), VECTOR.subarray(0, end))
      const edges = [24, 56, 83, 107, 139, 175]
      const whole = edges.filter(edge => edge <= end).length - 1
      expect(frames).toEqual(FRAMES.slice(0, Math.max(whole, 0)))
      const damage = reader.kind === 'binary' ? reader.damage : undefined
      expect(damage?.context['at']).toBe(edges.includes(end) ? undefined : end < 24 ? 0 : edges[whole])
    }
  })

  test('by a length that cannot be is read up to there', () => {
    const lie = Buffer.concat([VECTOR, LITTLE.u32(1), LITTLE.u32(0), LITTLE.u32(0xffffffff), LITTLE.u32(0)])
    const { frames, reader } = readFrames(sink => new CaptureLogReader('pcap', sink), Buffer.concat([lie, VECTOR]))
    expect(frames).toEqual(FRAMES)
    expect(reader.kind === 'binary' && reader.damage?.context).toMatchObject({ at: VECTOR.length })
  })
})
