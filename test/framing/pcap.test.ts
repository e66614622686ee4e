import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { ByteWriter } from '../../src/core/writer.ts'
import { writePcapHeader, writePcapPacket } from '../../src/framing/pcap-writer.ts'
import { BIG, cutAt, LITTLE, pcapHeader, pcapPacket, readAll } from './capture-bytes.ts'

const DATA = Buffer.from('0123456789abcdef', 'hex')

describe.each([
  ['little-endian', LITTLE],
  ['big-endian', BIG],
])('a %s pcap file', (_, order) => {
  test('gives packets with time, link type and whether they were cut', () => {
    const file = [
      pcapHeader(order, 147),
      pcapPacket(order, 1_700_000_000, 123_456, DATA),
      pcapPacket(order, 4_294_967_295, 0, DATA, 60),
    ]
    expect(readAll(...file)).toEqual({
      packets: [
        { hex: '0123456789abcdef', at: 1_700_000_000_123.456, origin: 'x', linkType: 147, truncated: false },
        { hex: '0123456789abcdef', at: 4_294_967_295_000, origin: 'x', linkType: 147, truncated: true },
      ],
      rejects: [],
      damage: undefined,
      pending: 0,
    })
  })

  test('with times in nanoseconds has another magic number', () => {
    const file = [pcapHeader(order, 227, 0xa1b23c4d), pcapPacket(order, 1, 250_000_000, DATA)]
    expect(readAll(...file).packets).toMatchObject([{ at: 1250, linkType: 227 }])
  })

  test('has a link type of 16 bits: what stands above is about checksums', () => {
    const file = [pcapHeader(order, 0x3400_0001), pcapPacket(order, 1, 0, DATA)]
    expect(readAll(...file).packets).toMatchObject([{ linkType: 1 }])
  })
})

const FILE = Buffer.concat([
  pcapHeader(LITTLE),
  pcapPacket(LITTLE, 1, 0, DATA),
  pcapPacket(LITTLE, 2, 0, Buffer.alloc(0)),
  pcapPacket(LITTLE, 3, 0, Buffer.alloc(70_000, 7)),
])

test('gives the same packets however the file is cut into pieces', () => {
  const whole = readAll(FILE)
  expect(whole.packets).toHaveLength(3)
  const cuts = fc.array(fc.oneof(fc.nat(120), fc.nat(FILE.length)), { maxLength: 20 })
  fc.assert(
    fc.property(cuts, places => {
      expect(readAll(...cutAt(FILE, places)).packets).toEqual(whole.packets)
    }),
  )
})

test('takes a long packet byte by byte in linear time', () => {
  const pieces = Array.from(FILE, byte => Uint8Array.of(byte))
  expect(readAll(...pieces).packets).toHaveLength(3)
})

test('a file that ends within a packet is told so, and all before it is there', () => {
  for (let end = 4; end < 24 + 24; end++) {
    const read = readAll(FILE.subarray(0, end))
    expect(read).toMatchObject({ packets: [], rejects: end === 24 ? [] : ['cut_tail'], damage: undefined })
  }
  expect(readAll(FILE.subarray(0, FILE.length - 1))).toMatchObject({ rejects: ['cut_tail'] })
})

test('a packet of more than 262144 bytes is damage: reading stops, what came before stays', () => {
  const lie = Buffer.concat([LITTLE.u32(1), LITTLE.u32(0), LITTLE.u32(262_145), LITTLE.u32(262_145)])
  const read = readAll(pcapHeader(LITTLE), pcapPacket(LITTLE, 1, 0, DATA), lie, FILE)
  expect(read).toMatchObject({ rejects: [], damage: 'the capture is damaged: a packet of 262145 bytes', pending: 0 })
  expect(read.packets).toHaveLength(1)
})

test('random bytes behind the header never throw and never pile up', () => {
  fc.assert(
    fc.property(fc.array(fc.uint8Array({ maxLength: 400 }), { maxLength: 20 }), pieces => {
      expect(readAll(pcapHeader(BIG), ...pieces).pending).toBeLessThanOrEqual(262_144 + 16)
    }),
  )
})

test('what the writer writes is what the format says', () => {
  const blocks: Buffer[] = []
  const out = new ByteWriter(bytes => blocks.push(Buffer.from(bytes)))
  writePcapHeader(out, 1)
  writePcapPacket(out, 1_700_000_000_123.456, DATA, 60)
  out.flush()
  const header = Buffer.from(pcapHeader(LITTLE))
  header.writeUInt32LE(262_144, 16)
  const packet = pcapPacket(LITTLE, 1_700_000_000, 123_456, DATA, 60)
  expect(Buffer.concat(blocks)).toEqual(Buffer.concat([header, packet]))
})
