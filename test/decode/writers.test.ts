import { inspect } from 'node:util'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { DecodeError } from '../../src/core/errors.ts'
import { ByteWriter } from '../../src/core/writer.ts'
import type { Codec } from '../../src/decode/codec.ts'
import type { Definition, FieldRow } from '../../src/decode/definition.ts'
import { StructLibrary } from '../../src/decode/library.ts'
import { InspectWriter } from '../../src/decode/to-inspect.ts'
import { JsonWriter } from '../../src/decode/to-json.ts'
import { STRUCTS } from '../fake-io.ts'
import { codecOf } from './definitions.ts'

const library = new StructLibrary(STRUCTS, undefined, () => {
  throw new Error('nothing of the user is read here')
})
const LENIENT = { guesses: true, short: true, origin: 0 }

function codecsOf(file: string): Codec[] {
  const set = library.load(file)
  return set.messages.map(name => set.message(name)!)
}

function isProtobuf(codec: Codec): boolean {
  return codec.message.unit === 'protobuf'
}

function written(write: (out: ByteWriter) => void): string {
  let text = ''
  const out = new ByteWriter(bytes => (text += Buffer.from(bytes).toString('utf8')))
  write(out)
  out.flush()
  return text
}

function jsonOf(codec: Codec, payload: Uint8Array): string {
  return written(out => {
    out.byte(0x7b)
    codec.visit(payload, 0, payload.length, new JsonWriter(out), LENIENT)
    out.byte(0x7d)
  })
}

function stringified(codec: Codec, payload: Uint8Array): string {
  const values = codec.decode(payload, { guesses: true, short: 'omit' })
  return JSON.stringify(values, (_, value) => (typeof value === 'bigint' ? String(value) : value))
}

/** What a text says, or why there is none: bytes under a number that should hold a message need not be one. */
function parsed(write: () => string): unknown {
  try {
    return JSON.parse(write())
  } catch (error) {
    expect(error).toBeInstanceOf(DecodeError)
    return String(error)
  }
}

/** Any bytes, with those that need escapes more often than by chance, about as long as the message. */
function payloads(codec: Codec): fc.Arbitrary<Uint8Array> {
  const byte = fc.oneof(
    fc.nat(255),
    fc.constantFrom(0, 9, 10, 0x1b, 0x20, 0x22, 0x24, 0x27, 0x5c, 0x60, 0x7b, 0x7f, 0x80, 0xff),
  )
  const size = codec.layout.size
  const exact = fc.array(byte, { minLength: size, maxLength: size + 8 })
  const cut = fc.array(byte, { maxLength: size })
  return fc.oneof({ weight: 3, arbitrary: exact }, cut).map(bytes => Uint8Array.from(bytes))
}

/** Well-formed protobuf, with the field numbers that the message knows more often than others. */
function protobufs(codec: Codec): fc.Arbitrary<Uint8Array> {
  const known = codec.layout.fields.flatMap(field => field.path)
  const number = fc.oneof(fc.constantFrom(...known), fc.integer({ min: 1, max: 500 }))
  const { message } = fc.letrec<{ message: number[]; entry: number[] }>(tie => ({
    message: fc.array(tie('entry'), { maxLength: 6 }).map(entries => entries.flat()),
    entry: fc.oneof(
      { depthSize: 'small' },
      fc
        .tuple(number, fc.bigInt({ min: 0n, max: 2n ** 64n - 1n }))
        .map(([n, value]) => [...tag(n, 0), ...varint(value)]),
      fc
        .tuple(number, fc.array(fc.nat(255), { minLength: 4, maxLength: 4 }))
        .map(([n, bytes]) => [...tag(n, 5), ...bytes]),
      fc
        .tuple(number, fc.array(fc.nat(255), { minLength: 8, maxLength: 8 }))
        .map(([n, bytes]) => [...tag(n, 1), ...bytes]),
      fc
        .tuple(number, fc.array(fc.nat(255), { maxLength: 6 }))
        .map(([n, bytes]) => [...tag(n, 2), bytes.length, ...bytes]),
      fc.tuple(number, tie('message')).map(([n, inner]) => [...tag(n, 2), ...varint(BigInt(inner.length)), ...inner]),
    ),
  }))
  return message.map(bytes => Uint8Array.from(bytes))
}

function tag(number: number, wire: number): number[] {
  return varint(BigInt(number * 8 + wire))
}

function varint(value: bigint): number[] {
  return value < 128n ? [Number(value)] : [Number(value & 127n) | 128, ...varint(value >> 7n)]
}

describe('JsonWriter', () => {
  const fixed = ['ecoflow', 'ecoflow-records'].flatMap(codecsOf).filter(codec => !isProtobuf(codec))

  test('writes what JSON.stringify writes, for every built-in message and any payload', () => {
    for (const codec of fixed) {
      fc.assert(
        fc.property(payloads(codec), payload => {
          expect(jsonOf(codec, payload)).toBe(stringified(codec, payload))
        }),
        { numRuns: 30 },
      )
    }
  })

  // an object puts whole numbers among its names first, so only what the text says is compared
  test('writes what JSON.stringify says, for every protobuf message', () => {
    for (const codec of codecsOf('ecoflow').filter(isProtobuf)) {
      fc.assert(
        fc.property(protobufs(codec), payload => {
          const [ours, theirs] = [jsonOf, stringified].map(write => parsed(() => write(codec, payload)))
          expect(ours).toEqual(theirs)
        }),
        { numRuns: 300 },
      )
    }
  })

  const everything: Record<string, FieldRow> = {
    a: [0, 'i16', '0.01 V -7'],
    b: [2, 'u32', '25 W', { na: 0 }],
    c: [6, 'u53', '0.000001'],
    tiny: [0, 'u16', '0.000000001'],
    huge: [6, 'u48', '999999 m'],
    negative: [0, 'u16', '-0.1 A'],
    f: [13, 'f32', '0.1 V'],
    g: [17, 'f64'],
    'quoted"\\': [25, 'u8'],
    e: [26, 'u8', { enum: { 1: 'a "b"' } }],
    h: [27, 'u16', { flags: { 0: 'x', 3: 'y' } }],
    gone: [0, 'u8', { flags: { 0: 'x' }, na: [0, 1, 255] }],
    none: [0, 'u8', { enum: { 0: 'x' }, na: [0, 1, 255] }],
    nan: [13, 'f32', { na: [0, 1] }],
    t: [29, 'ascii8'],
    p: [37, 'pascal'],
    n: [40, '@pair', { repeat: 2 }],
    _count: [60, 'u3'],
    list: ['+', '@pair', { repeat: '_count' }],
    big: ['+', 'u64', '0.001 kWh'],
    plain: ['+', 'i64'],
    time: ['+', 'hhmm'],
    v: ['+', 'dqle'],
    x: ['+', 'hex2'],
    on: ['+', 'bool'],
    pf: ['+', 'pf'],
  }
  const types: Definition['types'] = {
    pair: { fields: { one: [0, 'u8'], two: [1, 'i16be', '0.1 °C'], three: ['+', '@inner', { repeat: 1 }] } },
    inner: { fields: { x: [0, 'u8', { repeat: 2 }], y: ['+', 'ascii1', { confidence: 'guess' }] } },
  }

  test('writes what JSON.stringify writes, for every type and option', () => {
    const codec = codecOf(everything, { types })
    const bytes = fc.uint8Array({ maxLength: 160, size: 'max' })
    fc.assert(
      fc.property(bytes, payload => {
        expect(jsonOf(codec, payload)).toBe(stringified(codec, payload))
      }),
      { numRuns: 500 },
    )
  })

  test('begins anew after a payload that was too short', () => {
    const codec = codecOf({ n: [0, '@pair'], end: [20, 'u8'] }, { types })
    const text = written(out => {
      const writer = new JsonWriter(out)
      expect(() => codec.visit(new Uint8Array(3), 0, 3, writer, { ...LENIENT, short: false })).toThrow()
      out.length = 0
      writer.reset()
      codec.visit(new Uint8Array(21), 0, 21, writer, LENIENT)
    })
    expect(JSON.parse(`{${text}}`)).toMatchObject({ n: { one: 0 }, end: 0 })
  })
})

describe('InspectWriter', () => {
  test('writes what Node prints, for raw values of every record and any payload', () => {
    for (const codec of codecsOf('ecoflow-records')) {
      fc.assert(
        fc.property(payloads(codec), payload => {
          const text = written(out => {
            const writer = new InspectWriter(out)
            writer.open()
            codec.visit(payload, 0, payload.length, writer, LENIENT)
            writer.close()
          })
          const values = codec.decode(payload, { raw: true, guesses: true, short: 'omit' })
          expect(text).toBe(inspect(values, { breakLength: Number.POSITIVE_INFINITY, compact: true }))
        }),
        { numRuns: 30 },
      )
    }
  })

  test('quotes names as Node does', () => {
    const names = ['plain', 'temp5(°C)', "it's", '"a"', `both'"`, `all'"\``, 'back\\slash', '1st']
    for (const name of names) {
      const codec = codecOf({ [name]: [0, 'u8'] })
      const text = written(out => {
        const writer = new InspectWriter(out)
        writer.open()
        codec.visit(Uint8Array.of(7), 0, 1, writer, LENIENT)
        writer.close()
      })
      expect(text).toBe(inspect({ [name]: 7 }))
    }
  })
})
