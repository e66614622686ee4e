import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { Value, Values } from '../../../src/core/values.ts'
import { Sec1000Framer } from '../../../src/protocols/sec1000/framer.ts'
import { cutAt } from '../../framing/capture-bytes.ts'
import { powerReply, reply, statusReply } from './replies.ts'
import { SEC1000 } from './structs.ts'

interface Seen {
  readonly message: string | undefined
  readonly values: Values
}

function frames(...packets: readonly Uint8Array[]) {
  return framesOf(new Sec1000Framer(), packets)
}

function framesOf(framer: Sec1000Framer, packets: readonly Uint8Array[]) {
  const seen: Seen[] = []
  const errors: string[] = []
  const reject = (error: Error) => errors.push(error.message.replace('sec1000: ', ''))
  for (const data of packets) {
    const packet = { data, at: 1, origin: 'x' }
    framer.push(
      packet,
      ({ keys, payload, header }) => {
        const codec = SEC1000.codec(keys)
        seen.push({ message: codec?.name, values: { ...header, ...codec?.decode(payload) } })
      },
      reject,
    )
  }
  framer.end(reject)
  return { seen, errors }
}

const POWER = powerReply([11, 22, 33, 44, 55, 66, 77, -88, -99, 110, 121])
const REFUSED = statusReply(0x15)

// vectors C, E and F of the source of docs/protocols/sec1000.md, made up there
test('replies are told apart by their request bytes', () => {
  const vectors = [
    '045245564f000601010b150022',
    '045245564f00120101430300004e200000000000001d4c011f',
    `045245564f003101010b${'00'.repeat(44)}000d`,
  ]
  const { seen, errors } = frames(...vectors.map(hex => Buffer.from(hex, 'hex')))
  const limit = { mode: 3, mode_name: 'value', total_capacity_kw: 20, ct_ratio_raw: 0, export_limit_kw: 7.5 }
  expect(errors).toEqual([])
  expect(seen.slice(0, 2)).toEqual([
    { message: 'status', values: { command: 0x0b, status: 'refused' } },
    { message: 'limit', values: limit },
  ])
  expect(seen[2]!.message).toBe('power')
  expect(Object.values(seen[2]!.values)).toEqual(Array.from({ length: 11 }, () => 0))
})

test('gives the same messages however the stream is cut, with noise before', () => {
  const stream = Buffer.concat([Buffer.from('04524556noise'), POWER, REFUSED, POWER])
  const whole = frames(stream)
  expect(whole.seen).toHaveLength(3)
  expect(whole.errors).toHaveLength(1)
  fc.assert(
    fc.property(fc.array(fc.nat(stream.length), { maxLength: 20 }), cuts => {
      expect(frames(...cutAt(stream, cuts)).seen).toEqual(whole.seen)
    }),
  )
})

test('a flipped bit is reported, and the next frame is read', () => {
  fc.assert(
    fc.property(fc.nat(POWER.length * 8 - 1), bit => {
      const broken = Buffer.from(POWER)
      broken[bit >> 3]! ^= 1 << (bit & 7)
      const behind = Buffer.concat(Array.from({ length: 24 }, () => POWER)) // more than any length field may claim
      const { seen, errors } = frames(broken, behind)
      expect(errors).toHaveLength(1)
      expect(seen.length).toBeGreaterThanOrEqual(23)
    }),
  )
})

test('a length that cannot be is refused at once', () => {
  const lie = Buffer.from(POWER)
  lie.writeUInt16BE(1025, 5)
  expect(frames(lie, POWER)).toMatchObject({ seen: [{ message: 'power' }], errors: ['bad length: 1025'] })
})

test('a wrong prefix is shown with all seven bytes of the head, however they come', () => {
  const wrong = Buffer.from(POWER)
  wrong[4] = 0x30
  const shown = `bad prefix: ${wrong.subarray(0, 7).toString('hex')}`
  fc.assert(
    fc.property(fc.array(fc.nat(wrong.length), { maxLength: 20 }), cuts => {
      expect(frames(...cutAt(wrong, cuts)).errors).toEqual([shown])
    }),
  )
})

test('takes a frame with a wrong prefix and checksum where that is wanted, and tells of both', () => {
  const wrong = Buffer.from(POWER)
  wrong[0] = 5
  wrong[wrong.length - 1]! ^= 1
  const flaws: string[] = []
  const framer = new Sec1000Framer(({ message }) => flaws.push(message))
  const { seen, errors } = framesOf(framer, [wrong.subarray(0, 20), wrong.subarray(20), reply(1, 1, 0x0b, 6)])
  expect(seen.map(({ message }) => message)).toEqual(['power', 'status'])
  expect(seen[0]!.values).toEqual(frames(POWER).seen[0]!.values)
  expect(errors).toEqual([])
  expect(flaws).toEqual([
    expect.stringMatching(/^sec1000: bad prefix: 055245564f0031$/),
    expect.stringMatching(/^sec1000: bad checksum: got 0x[0-9A-F]{4}, computed 0x[0-9A-F]{4}$/),
  ])
})

test('a length that cannot be is refused also where flaws are tolerated', () => {
  const lie = Buffer.from(POWER)
  lie.writeUInt16BE(4, 5)
  const framer = new Sec1000Framer(() => {})
  expect(framesOf(framer, [lie]).errors[0]).toBe('bad length: 4')
})

test('random bytes, also behind a prefix, never throw', () => {
  const prefix = POWER.subarray(0, 5)
  const piece = fc.uint8Array({ maxLength: 80 }).map(bytes => Buffer.concat([prefix, bytes]))
  fc.assert(
    fc.property(fc.array(fc.oneof(fc.uint8Array({ maxLength: 80 }), piece), { maxLength: 30 }), pieces => {
      frames(...pieces)
    }),
  )
})

// Made by hand, one reply as a public README prints it; WATTZUP_CAPTURES names the folder of the shared captures.

interface Case {
  readonly name: string
  readonly request: string
  readonly reply: string
  readonly expect: { readonly ok: boolean; readonly values?: Readonly<Record<string, Value>>; readonly error?: string }
}

const ROOT = process.env['WATTZUP_CAPTURES']
const FILE = join(ROOT ?? '', 'sec1000/synthetic_replies.json')
const missing = ROOT === undefined || !existsSync(FILE)

describe.skipIf(missing)(
  missing ? 'the shared replies (skipped: WATTZUP_CAPTURES does not name their folder)' : 'the shared replies',
  () => {
    const cases = missing ? [] : (JSON.parse(readFileSync(FILE, 'utf8')) as Case[])

    test.each(cases.filter(one => one.expect.ok))('$name', one => {
      const { seen } = frames(Buffer.from(one.reply, 'hex'))
      expect(seen).toEqual([{ message: expect.any(String), values: one.expect.values }])
    })

    test.each(cases.filter(one => !one.expect.ok))('$name: no data', one => {
      const { seen, errors } = frames(Buffer.from(one.reply, 'hex'))
      expect(seen.filter(({ message }) => message === 'power')).toEqual([])
      const text = one.expect.error!
      const status = /status reply 0x(..)/.exec(text)?.[1]
      const command = /^command 0x(..) in/.exec(text)?.[1]
      if (status !== undefined) expect(seen[0]!.values['status']).toBe({ '06': 'accepted', 15: 'refused' }[status])
      else if (command !== undefined) expect(seen).toMatchObject([{ message: 'limit' }])
      else if (text.startsWith('connection')) expect(errors).toEqual([text])
      else expect(errors[0]).toBe(text.startsWith('bad magic') ? 'bad prefix: 04524556300031' : `bad ${text}`)
    })

    test('the reply that a README prints', () => {
      const hex = readFileSync(join(ROOT!, 'sec1000/real_reply_1.hex'), 'utf8').replace(/\s/g, '')
      const { seen, errors } = frames(Buffer.from(hex, 'hex'))
      expect(errors).toEqual([])
      expect(seen[0]!.values).toEqual(cases.find(({ name }) => name.startsWith('real reply'))!.expect.values)
    })
  },
)
