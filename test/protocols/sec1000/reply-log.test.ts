import fc from 'fast-check'
import { expect, test } from 'vitest'
import type { Packet } from '../../../src/core/packet.ts'
import { ByteWriter } from '../../../src/core/writer.ts'
import { REPLY_LOG, ReplyLogReader } from '../../../src/protocols/sec1000/reply-log.ts'
import { cutAt } from '../../framing/capture-bytes.ts'

function read(...parts: readonly Uint8Array[]) {
  const reader = new ReplyLogReader('x.log')
  const packets = [...parts.flatMap(part => reader.push(part)), ...reader.end()]
  return { packets: packets.map(({ at, data }) => ({ at, data: [...data] })), skipped: reader.skipped }
}

test('what is written is read again, however it is cut', () => {
  const packet = fc.record({
    at: fc.integer({ min: 0, max: 4e12 }),
    data: fc.uint8Array({ minLength: 1, maxLength: 60 }),
  })
  fc.assert(
    fc.property(fc.array(packet, { maxLength: 5 }), fc.array(fc.nat(1000)), (packets, cuts) => {
      const blocks: Buffer[] = []
      const out = new ByteWriter(bytes => blocks.push(Buffer.from(bytes)))
      for (const one of packets) REPLY_LOG.record(out, { ...one, origin: '' } satisfies Packet)
      out.flush()
      const bytes = Buffer.concat(blocks)
      const parts = cutAt(
        bytes,
        cuts.filter(cut => cut <= bytes.length),
      )
      expect(read(...parts)).toEqual({
        packets: packets.map(({ at, data }) => ({ at, data: [...data] })),
        skipped: 0,
      })
    }),
  )
})

test.each<[string, string, number | undefined]>([
  ['a pasted reply', '0452 45 56 4F', Number.NaN],
  ['a local time', '2026-03-01T11:00:00+01:00 0452 4556\t4f', Date.UTC(2026, 2, 1, 10)],
  ['a line of Windows', '2026-03-01T10:00:00.123Z 045245564f\r\n', Date.UTC(2026, 2, 1, 10, 0, 0, 123)],
  ['a comment', '# 045245564f', undefined],
  ['nothing', '  \n\n', undefined],
])('takes %s', (_, line, at) => {
  const packets = at === undefined ? [] : [{ at, data: [4, 0x52, 0x45, 0x56, 0x4f] }]
  expect(read(Buffer.from(line))).toEqual({ packets, skipped: 0 })
})

test.each(['045', 'hello', '2026-03-01T10:00:00Z', '2026-03-01 04', '04 zz'])('skips %j', line => {
  expect(read(Buffer.from(`${line}\n04`))).toEqual({ packets: [{ at: Number.NaN, data: [4] }], skipped: 1 })
})

test('does not keep a line that never ends', () => {
  const reader = new ReplyLogReader('x.log')
  for (let i = 0; i < 100; i++) reader.push(Buffer.alloc(65_536, '0'))
  expect(reader.skipped).toBeGreaterThan(40)
  reader.push(Buffer.from('\n'))
  expect(reader.push(Buffer.from('04\n'))).toHaveLength(1)
})
