import { deflateSync } from 'node:zlib'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { BlfReader } from '../../src/framing/blf.ts'
import { UTC, zoneOf } from '../../src/framing/zone.ts'
import { capture, contents, hasCaptures, inflate, readFrames } from './read-frames.ts'

// BLF files put together byte by byte from docs/protocols/log-formats.md, section 8.

const u8 = (...values: number[]) => Buffer.from(values)
const u16 = (...values: number[]) => Buffer.concat(values.map(value => u8(value & 255, value >> 8)))
const u32 = (...values: number[]) =>
  Buffer.concat(values.map(value => u8(value & 255, (value >> 8) & 255, (value >> 16) & 255, value >>> 24)))
const u64 = (value: bigint) => u32(Number(value & 0xffffffffn), Number(value >> 32n))

/** A file header; the start is 2023-11-14 22:13:20.250. */
const header = (start = [2023, 11, 2, 14, 22, 13, 20, 250]) =>
  Buffer.concat([Buffer.from('LOGG'), u32(144), Buffer.alloc(32), u16(...start), Buffer.alloc(144 - 56)])

const NANOS = 2
const TEN_MICROS = 1

/** An object with a time, with the first or second kind of header. */
function object(type: number, time: bigint, body: Uint8Array, { unit = NANOS, version = 1, size = 0 } = {}): Buffer {
  const head = version === 1 ? 32 : 40
  const rest =
    version === 1
      ? Buffer.concat([u32(unit), u16(0, 0), u64(time)])
      : Buffer.concat([u32(unit), u8(0, 0), u16(0), u64(time), u64(0n)])
  return Buffer.concat([
    Buffer.from('LOBJ'),
    u16(head, version),
    u32(size || head + body.length),
    u32(type),
    rest,
    body,
  ])
}

const message = (channel: number, flags: number, dlc: number, id: number, data: string) =>
  Buffer.concat([u16(channel), u8(flags, dlc), u32(id), Buffer.from(data.padEnd(16, '0'), 'hex')])
const fdMessage = (channel: number, flags: number, dlc: number, id: number, fdFlags: number, data: string) =>
  Buffer.concat([
    u16(channel),
    u8(flags, dlc),
    u32(id, 0),
    u8(0, fdFlags, data.length / 2),
    Buffer.alloc(5),
    Buffer.from(data.padEnd(128, '0'), 'hex'),
  ])
const fd64 = (
  channel: number,
  dlc: number,
  id: number,
  flags: number,
  direction: number,
  data: string,
  valid = data.length / 2,
  more = 0,
) =>
  Buffer.concat([
    u8(channel, dlc, valid, 0),
    u32(id, 0, flags),
    Buffer.alloc(16),
    u16(0),
    u8(direction, more),
    u32(0),
    Buffer.from(data, 'hex'),
  ])

function container(content: Uint8Array, method = 2, size = 0): Buffer {
  const data = method === 2 ? deflateSync(content) : content
  const whole = 32 + data.length
  const padding = Buffer.alloc(whole % 4)
  return Buffer.concat([
    Buffer.from('LOBJ'),
    u16(16, 1),
    u32(size || whole),
    u32(10),
    u16(method),
    Buffer.alloc(6),
    u32(content.length, 0),
    data,
    padding,
  ])
}

const read = (log: Uint8Array, cuts: number[] = []) => readFrames(sink => new BlfReader(sink, inflate, UTC), log, cuts)
const file = (...objects: readonly Uint8Array[]) => Buffer.concat([header(), container(Buffer.concat(objects))])
const one = (type: number, body: Uint8Array) => {
  const { frames, reader } = read(file(object(type, 0n, body)))
  return contents(frames)[0] ?? Object.keys(reader.tally.rejects)[0]
}
const damageOf = (log: Uint8Array) => {
  const { reader } = read(log)
  return reader.kind === 'binary' ? reader.damage : undefined
}

describe('objects of each type', () => {
  test.each([
    [1, message(1, 0, 3, 0x123, 'A1B2C3'), '123 rx dlc3 A1B2C3'],
    [86, message(1, 1, 8, 0x98ff50e5, '0102030405060708'), '18FF50E5 extended tx dlc8 0102030405060708'],
    [1, message(1, 0x80, 4, 0x123, ''), '123 remote rx dlc4'],
    [1, message(1, 0, 14, 0x123, '0102030405060708'), '123 rx dlc14 0102030405060708'],
    [1, message(1, 0, 51, 0x123, '0102030405060708'), '123 rx dlc8 0102030405060708'],
    [1, message(1, 0, 0, 0x80000123, ''), '00000123 extended rx dlc0'],
    [
      100,
      fdMessage(1, 1, 9, 0x456, 3, '000102030405060708090A0B'),
      '456 fd bitRateSwitch tx dlc9 000102030405060708090A0B',
    ],
    [100, fdMessage(1, 0, 1, 0x456, 5, 'FF'), '456 fd errorState rx dlc1 FF'],
    [100, fdMessage(1, 0, 2, 0x456, 0, 'FF00'), '456 rx dlc2 FF00'],
    [
      101,
      fd64(1, 9, 0x80000456, 0x3000, 0, '000102030405060708090A0B'),
      '00000456 extended fd bitRateSwitch rx dlc9 000102030405060708090A0B',
    ],
    [101, fd64(1, 1, 0x456, 0x5000, 1, 'FF'), '456 fd errorState tx dlc1 FF'],
    [101, fd64(1, 4, 0x456, 0x0010, 0, '', 4), '456 remote rx dlc4'],
    [101, fd64(1, 9, 0x456, 0x1000, 0, 'AABB', 12), '456 fd rx dlc9 AABB00000000000000000000'],
    [101, fd64(1, 2, 0x456, 0x1000, 0, 'AABBCCDD', 2, 32 + 40 + 2), '456 fd rx dlc2 AABB'],
    [101, fd64(1, 9, 0x456, 0x1000, 0, 'AABBCCDD', 12, 32 + 40 + 2), '456 fd rx dlc9 AABB00000000000000000000'],
    [73, Buffer.alloc(32, 0x11), '00000080 error dlc8 0000000000000000'],
    [101, fd64(1, 15, 0x456, 0x1000, 0, '', 65), 'frames with a bad length'],
    [1, Buffer.alloc(15), 'objects that are too short'],
  ])('%i', (type, body, expected) => {
    expect(one(type, body)).toBe(expected)
  })

  test('that are no frames are passed over', () => {
    const { frames, reader } = read(
      file(object(115, 0n, Buffer.alloc(100_000)), object(1, 0n, message(1, 0, 0, 1, ''))),
    )
    expect(contents(frames)).toEqual(['001 rx dlc0'])
    expect(reader.tally).toMatchObject({ lines: 2, rejects: {} })
  })

  test('may stand outside a container', () => {
    expect(contents(read(Buffer.concat([header(), object(1, 0n, message(1, 0, 0, 1, ''))])).frames)).toEqual([
      '001 rx dlc0',
    ])
  })
})

test('times count from the start of the measurement, in units of 1 ns or 10 us', () => {
  const body = message(2, 0, 0, 1, '')
  const log = file(object(1, 1_500_000_001n, body), object(86, 150_000n, body, { unit: TEN_MICROS, version: 2 }))
  expect(read(log).frames).toEqual(['1700000001.750000001 can1 001 rx dlc0', '1700000001.750000000 can1 001 rx dlc0'])
})

test('times without a start count from 0', () => {
  const log = Buffer.concat([
    header([0, 0, 0, 0, 0, 0, 0, 0]),
    container(object(1, 1_500_000n, message(0, 0, 0, 1, ''))),
  ])
  expect(read(log).frames).toEqual(['0.001500000 can0 001 rx dlc0'])
})

test('the start is a wall clock of the zone that is asked for', () => {
  const log = file(object(1, 0n, message(1, 0, 0, 1, '')))
  const { frames } = readFrames(sink => new BlfReader(sink, inflate, zoneOf('+01:00')), log)
  expect(frames[0]).toMatch(/^1699996400\.25/)
})

const OBJECTS = Buffer.concat(
  Array.from({ length: 50 }, (_, i) =>
    Buffer.concat([
      object(1, BigInt(i), message(1, 0, 8, i, '0102030405060708'), { version: 1 + (i % 2) }),
      object(100, BigInt(i), fdMessage(1, 0, 15, i, 1, 'AB'.repeat(64))),
      Buffer.alloc(i % 4), // padding
    ]),
  ),
)
const EXPECTED = read(Buffer.concat([header(), container(OBJECTS)])).frames

test('objects may begin in one container and end in the next, however those are cut', () => {
  expect(EXPECTED).toHaveLength(100)
  const cuts = fc.array(fc.nat(OBJECTS.length), { maxLength: 12 })
  fc.assert(
    fc.property(cuts, fc.constantFrom(0, 2), fc.array(fc.nat(20_000), { maxLength: 4 }), (places, method, chunks) => {
      const edges = [0, ...places.sort((a, b) => a - b), OBJECTS.length]
      const containers = edges.slice(1).map((end, i) => container(OBJECTS.subarray(edges[i], end), method))
      expect(read(Buffer.concat([header(), ...containers]), chunks).frames).toEqual(EXPECTED)
    }),
  )
})

describe('a log that is damaged or cut off', () => {
  const good = Buffer.concat([header(), container(object(1, 0n, message(1, 0, 0, 1, '')))])

  test('keeps what came before, and says at which byte it ends', () => {
    for (let end = 5; end < good.length - 1; end++) {
      const { frames, reader } = read(Buffer.concat([good, good.subarray(144)]).subarray(0, good.length + end))
      expect(frames.length).toBeGreaterThanOrEqual(1)
      if (good.length + end < good.length * 2 - 144 - 3)
        expect(reader.kind === 'binary' && reader.damage?.context).toMatchObject({ at: good.length })
    }
  })

  test.each<[string, Uint8Array, string, number]>([
    ['a header that is cut off', good.subarray(0, 60), 'the header is cut off', 60],
    ['a header of no length', Buffer.concat([Buffer.from('LOGG'), Buffer.alloc(140)]), 'a header of 0 bytes', 4],
    ['no object', Buffer.concat([header(), Buffer.from('nonsense')]), 'no object where one has to begin', 144],
    [
      'a container that cannot be unpacked',
      Buffer.concat([header(), container(Buffer.alloc(99), 2).fill(7, 40)]),
      'a container cannot be unpacked',
      144,
    ],
    [
      'another packing',
      Buffer.concat([header(), container(Buffer.alloc(9), 1)]),
      'a container packed by method 1',
      144,
    ],
    [
      'an object of 3 bytes',
      Buffer.concat([header(), object(1, 0n, message(1, 0, 0, 1, ''), { size: 3 })]),
      'an object of 3 bytes',
      144,
    ],
    [
      'an object of 4 GB',
      Buffer.concat([header(), container(Buffer.alloc(9), 2, 0xffffffff)]),
      'an object of 4294967295 bytes',
      144,
    ],
    [
      'an object that ends behind the last container',
      Buffer.concat([header(), container(object(1, 0n, Buffer.alloc(3), { size: 48 }))]),
      'the last container is cut off',
      144,
    ],
    [
      'nonsense in a container',
      Buffer.concat([header(), container(Buffer.from('nonsense'))]),
      'no object where one has to begin, in a container',
      144,
    ],
  ])('%s', (_, log, text, at) => {
    const damage = damageOf(log)
    expect(damage?.message).toContain(text)
    expect(damage?.context['at']).toBe(at)
  })

  test('gives the frames of a container up to where that is cut off', () => {
    const random = fc.sample(fc.uint8Array({ minLength: 8, maxLength: 8 }), { numRuns: 500, seed: 1 })
    const objects = random.map((data, i) =>
      object(1, BigInt(i), message(1, 0, 8, 0x123, Buffer.from(data).toString('hex'))),
    )
    const log = file(...objects)
    const whole = read(log).frames
    expect(whole).toHaveLength(500)
    for (const share of [0.2, 0.5, 0.9]) {
      const { frames, reader } = read(log.subarray(0, log.length * share))
      expect(frames).toEqual(whole.slice(0, frames.length))
      expect(frames.length).toBeGreaterThan(500 * (share - 0.15))
      expect(reader.kind === 'binary' && reader.damage?.message).toBe('the log is damaged: the last object is cut off')
    }
  })

  test('says of a container that it holds less than it says', () => {
    const log = file(object(1, 0n, message(1, 0, 8, 0x123, '0102030405060708')))
    log.writeUInt32LE(4711, 144 + 16 + 8)
    expect(read(log).frames).toHaveLength(1)
    expect(damageOf(log)?.message).toBe('the log is damaged: a container holds less than it says')
  })

  test('a container that would unpack to more than 16 MB is refused', () => {
    const bomb = Buffer.concat([header(), container(Buffer.alloc(64_000_000))])
    expect(damageOf(bomb)?.message).toContain('a container cannot be unpacked')
  })
})

test('random bytes and flipped bits never throw', () => {
  const log = Buffer.concat([header(), container(OBJECTS), container(OBJECTS, 0), object(100, 0n, Buffer.alloc(84))])
  const spoiled = fc.tuple(fc.nat(log.length - 1), fc.nat(255), fc.nat(log.length)).map(([at, byte, end]) => {
    const bytes = Buffer.from(log)
    bytes[at] = byte
    return bytes.subarray(0, end)
  })
  const random = fc.uint8Array({ maxLength: 600 }).map(bytes => Buffer.concat([header(), container(bytes, 0), bytes]))
  fc.assert(
    fc.property(fc.oneof(spoiled, random), bytes => {
      const { frames } = read(bytes)
      expect(frames.every(frame => /^-?\d+\.\d{9} can\d+ [0-9A-F]+ .*dlc\d+/.test(frame))).toBe(true)
    }),
    { numRuns: 500 },
  )
})

describe.skipIf(!hasCaptures)('captures (skipped without the folder WATTZUP_CAPTURES)', () => {
  test('have the frames that python-can reads', () => {
    const message = '04444444 extended rx dlc8 5566778899AABBCC'
    expect(contents(read(capture('log-formats/test_CanMessage.blf')).frames)).toEqual([message, message])
    const bytes = Buffer.from(Array.from({ length: 64 }, (_, i) => i))
      .toString('hex')
      .toUpperCase()
    const fd = `04444444 extended fd bitRateSwitch errorState rx dlc15 ${bytes}`
    expect(contents(read(capture('log-formats/test_CanFdMessage.blf')).frames)).toEqual([fd, fd])
  })
})
