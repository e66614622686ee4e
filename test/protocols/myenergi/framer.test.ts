import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { MyenergiFramer } from '../../../src/protocols/myenergi/framer.ts'
import { frame, packet, payload, publish, STRUCTS } from './frames.ts'

const POWERS = payload(0x22, [0x22, 'i16', 2715], [0x1e, 'i32', -64], [0x32, 'i16', 1790])
const VALUES = { serial: 14_725_836, gen_pwr: 2715, grid_pwr: -64, divert_pwr: 1790 }
const hex = (text: string) => Buffer.from(text.replaceAll(' ', ''), 'hex')

describe('a record is found behind', () => {
  test.each([
    ['an Ethernet header', 1, frame(POWERS)],
    ['a header with any addresses', 1, Buffer.concat([hex('00112233445566778899aabb 88b5'), POWERS])],
    ['a VLAN tag', 1, Buffer.concat([hex('71b3d53a6f00 020000000001 8100 0007 88b5'), POWERS])],
    ['two VLAN tags', 1, Buffer.concat([hex('71b3d53a6f00 020000000001 88a8 0001 8100 0007 88b5'), POWERS])],
    ['a Linux cooked header', 113, Buffer.concat([hex('0002 0001 0006 0200000000010000 88b5'), POWERS])],
    ['one of version 2', 276, Buffer.concat([hex('88b5 0000 00000003 0001 02 06 0200000000010000'), POWERS])],
    [
      'one with a VLAN tag',
      276,
      Buffer.concat([hex('8100 0000 00000003 0001 02 06 0200000000010000 000788b5'), POWERS]),
    ],
  ])('%s', async (_, linkType, data) => {
    expect(await publish([packet(data, { linkType })])).toMatchObject({ values: [VALUES], rejects: {}, unknown: 0 })
  })
})

test('the device is the serial number as text, the message the length byte', async () => {
  const { readings } = await publish([packet(frame(POWERS))])
  expect(readings).toMatchObject([{ time: 1000, family: 'myenergi', device: '14725836', message: '0x22' }])
})

test('padding behind the record is ignored', async () => {
  const padded = frame(Buffer.concat([POWERS, Buffer.alloc(20, 255)]))
  expect((await publish([packet(padded)])).values).toEqual([VALUES])
})

describe('a frame is rejected, and the next one is read:', () => {
  const broken = Buffer.from(POWERS)
  broken[3]! ^= 1
  test.each([
    ['link_type', frame(POWERS), { linkType: 105 }],
    ['short_frame', frame(POWERS).subarray(0, 13), {}],
    ['short_frame', hex('71b3d53a6f00 020000000001 8100 00'), {}],
    ['ethertype', frame(POWERS, '0800'), {}],
    ['ethertype', frame(POWERS, '0800'), { truncated: true }],
    ['ethertype', Buffer.concat([hex('71b3d53a6f00 020000000001 8100000781000007 8100'), POWERS]), {}],
    ['short', frame(POWERS.subarray(0, 24)), {}],
    ['magic', frame(broken), {}],
    ['truncated', frame(POWERS.subarray(0, POWERS.length - 1)), {}],
    ['truncated', frame(POWERS), { truncated: true }],
  ])('%s', async (reason, data, more) => {
    const result = await publish([packet(data, more), packet(frame(POWERS))])
    expect(result).toMatchObject({ values: [VALUES], rejects: { [reason]: 1 }, unknown: 0 })
  })
})

test.each([0x00, 0x41, 0xff])('length byte %i is unknown, not an error', async length => {
  expect(await publish([packet(frame(payload(255, [0x18, 'u8', length])))])).toMatchObject({
    values: [],
    rejects: {},
    unknown: 1,
  })
})

test('random bytes, also behind a good header, never throw', () => {
  const framer = new MyenergiFramer(STRUCTS)
  const head = frame(POWERS.subarray(0, 24))
  const bytes = fc.oneof(
    fc.uint8Array({ maxLength: 120 }),
    fc.uint8Array({ maxLength: 120 }).map(tail => Buffer.concat([head, tail])),
  )
  fc.assert(
    fc.property(bytes, fc.constantFrom(1, 113, 276, 0, 65_535), (data, linkType) => {
      let answers = 0
      const answer = () => {
        answers++
      }
      framer.push(packet(data, { linkType }), answer, answer)
      expect(answers).toBe(1)
    }),
  )
})

test('a flipped bit anywhere changes nothing but its own frame', async () => {
  await fc.assert(
    fc.asyncProperty(fc.nat(14 * 8 + POWERS.length * 8 - 1), async bit => {
      const data = frame(POWERS)
      data[bit >> 3]! ^= 1 << (bit & 7)
      const { values } = await publish([packet(data), packet(frame(POWERS))], { filter: false })
      expect(values.at(-1)).toEqual(VALUES)
    }),
  )
})
