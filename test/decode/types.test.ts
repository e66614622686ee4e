import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { parseType, TYPE_NAMES } from '../../src/decode/type.ts'
import { codecOf, decodedAs, encoded, hex } from './definitions.ts'

// Expected values are the two's complement and IEEE 754 readings of the bytes, worked out by DataView or by hand.

describe('whole numbers', () => {
  const widths = [1, 2, 3, 4, 5, 6, 7, 8]

  test.each(widths)('of %i bytes read like sums of bytes, in both orders and signs', size => {
    fc.assert(
      fc.property(fc.uint8Array({ minLength: size, maxLength: size }), bytes => {
        const little = bytes.reduceRight((sum, byte) => sum * 256n + BigInt(byte), 0n)
        const big = bytes.reduce((sum, byte) => sum * 256n + BigInt(byte), 0n)
        const read = (type: string) => BigInt(codecOf({ x: [0, type] }).decode(bytes)['x'] as number | bigint)
        expect(read(`u${size * 8}`)).toBe(little)
        expect(read(`u${size * 8}be`)).toBe(big)
        expect(read(`i${size * 8}le`)).toBe(BigInt.asIntN(size * 8, little))
        expect(read(`i${size * 8}be`)).toBe(BigInt.asIntN(size * 8, big))
      }),
    )
  })

  test('take the byte order of the file where the type names none', () => {
    expect(decodedAs([0, 'u16'], '1234')).toBe(0x3412)
    expect(decodedAs([0, 'u16'], '1234', { endian: 'big' })).toBe(0x1234)
    expect(decodedAs([0, 'u16le'], '1234', { endian: 'big' })).toBe(0x3412)
  })

  test('beyond 2^53 are bigints, below plain numbers', () => {
    expect(decodedAs([0, 'u64'], 'ffffffffffffff7f')).toBe(9223372036854775807n)
    expect(decodedAs([0, 'u64'], 'ffffffffffff1f00')).toBe(9007199254740991)
    expect(decodedAs([0, 'i64be'], '8000000000000000')).toBe(-9223372036854775808n)
    expect(decodedAs([0, 'i64be'], 'ffffffffffffffff')).toBe(-1)
  })

  test('beyond 2^53 are scaled all the same, and their markers are found although JSON rounds them', () => {
    expect(decodedAs([0, 'u64', '0.001 kWh'], 'ffffffffffffff7f')).toBe(9223372036854776)
    expect(decodedAs([0, 'u64', { na: 18446744073709552000 }], 'ffffffffffffffff')).toBeNull()
    expect(decodedAs([0, 'u64', { na: 18446744073709552000 }], '0100000000000000')).toBe(1)
  })

  test('of a few bits begin at a bit of their byte', () => {
    expect(decodedAs(['0.4', 'u4'], 'a5')).toBe(0xa)
    expect(decodedAs([0, 'u4'], 'a5')).toBe(0x5)
    expect(decodedAs(['0.4', 'i4'], 'a5')).toBe(-6)
    expect(decodedAs(['0.4', 'u12'], 'a5b6')).toBe(0xb6a)
    expect(decodedAs(['1.6', 'bool'], '0040')).toBe(true)
    expect(decodedAs([0, 'bool'], 'fe')).toBe(false)
  })
})

describe('floating point', () => {
  test('reads IEEE 754 in both orders', () => {
    expect(decodedAs([0, 'f32'], '0000803f')).toBe(1)
    expect(decodedAs([0, 'f32be'], 'c2c80000')).toBe(-100)
    expect(decodedAs([0, 'f64'], '182d4454fb210940')).toBe(Math.PI)
    expect(decodedAs([0, 'f64be'], '400921fb54442d18')).toBe(Math.PI)
  })

  test('gives the shortest decimal of a single, and null for what is no number', () => {
    expect(decodedAs([0, 'f32be'], '3dcccccd')).toBe(0.1)
    expect(decodedAs([0, 'f32be'], '7fc00000')).toBeNull()
    expect(decodedAs([0, 'f32be'], 'ff800000')).toBeNull()
    expect(decodedAs([0, 'f64be'], '7ff0000000000000')).toBeNull()
  })

  test('is written back to the same bits', () => {
    fc.assert(
      fc.property(
        fc.float({ noDefaultInfinity: true, noNaN: true }),
        fc.double({ noDefaultInfinity: true, noNaN: true }),
        (a, b) => {
          const codec = codecOf({ a: [0, 'f32'], b: [4, 'f64be'] })
          const bytes = new DataView(new ArrayBuffer(12))
          bytes.setFloat32(0, a, true)
          bytes.setFloat64(4, b)
          const payload = new Uint8Array(bytes.buffer)
          expect(codec.encode(codec.decode(payload))).toEqual(payload)
        },
      ),
    )
  })
})

describe('text', () => {
  test('of fixed length loses NULs and spaces at its end, unless told not to', () => {
    expect(decodedAs([0, 'ascii6'], '4142 2000 2000')).toBe('AB')
    expect(decodedAs([0, 'ascii6', { trim: false }], '4142 2000 2000')).toBe('AB \0 \0')
  })

  test('is Latin-1 for every byte, C1 controls too', () => {
    const all = Uint8Array.from({ length: 256 }, (_, i) => i)
    const text = codecOf({ x: [0, 'ascii256', { trim: false }] }).decode(all)['x'] as string
    expect([...text].map(char => char.charCodeAt(0))).toEqual([...all])
  })

  test('with a length byte takes as much as that says, and never more than there is', () => {
    expect(decodedAs([1, 'pascal'], 'ff 03 414243 44')).toBe('ABC')
    expect(decodedAs([0, 'pascal'], '05 4142')).toBe('AB')
    expect(decodedAs([0, 'pascal'], '00')).toBe('')
  })

  test('as hex, BCD and dotted numbers', () => {
    expect(decodedAs([0, 'hex3'], '0aff10')).toBe('0aff10')
    expect(decodedAs([0, 'bcd3'], '202603')).toBe('202603')
    expect(decodedAs([0, 'dqbe'], '01020304')).toBe('1.2.3.4')
    expect(decodedAs([0, 'dqle'], '50040101')).toBe('1.1.4.80')
    expect(decodedAs([0, 'dq2be'], '010c')).toBe('1.12')
    expect(decodedAs([0, 'dq3le'], '050600')).toBe('0.6.5')
  })

  test('is written back to the same bytes', () => {
    const codec = codecOf({
      a: [0, 'ascii4'],
      b: [4, 'hex2'],
      c: [6, 'dqle'],
      d: [10, 'pascal'],
      e: ['+', 'bcd2'],
      f: ['+', 'dq3be'],
    })
    const payload = '41420000 beef 50040101 0258ff 1234 00060b'.replaceAll(' ', '')
    expect(encoded(codec, codec.decode(hex(payload)))).toBe(payload)
  })
})

describe('odd encodings', () => {
  test('hhmm is an hour in the low and a minute in the high byte', () => {
    expect(decodedAs([0, 'hhmm'], '173b')).toBe('23:59') // LuxPower register 0x3b17: 23:59
    expect(decodedAs([0, 'hhmm'], '0700', { endian: 'little' })).toBe('07:00')
    expect(decodedAs([0, 'hhmm'], '3b17', { endian: 'big' })).toBe('23:59')
  })

  test('pf is a power factor, 1001 to 2000 capacitive and negative', () => {
    expect(decodedAs([0, 'pf'], 'e803')).toBe(1)
    expect(decodedAs([0, 'pf'], 'd603')).toBe(0.982)
    expect(decodedAs([0, 'pf'], '6c07')).toBe(-0.9)
    expect(decodedAs([0, 'pf'], 'd007')).toBe(-1)
  })

  test('both are written back', () => {
    const codec = codecOf({ at: [0, 'hhmm'], pf: [2, 'pf'] })
    for (const payload of ['173be803', '00006c07', '0a00d603']) {
      expect(encoded(codec, codec.decode(hex(payload)))).toBe(payload)
    }
  })
})

describe('the names of types', () => {
  test('that are suggested all exist', () => {
    for (const name of TYPE_NAMES) expect(parseType(name), name).toBeDefined()
  })

  test.each([
    'u0',
    'u65',
    'u08',
    'i',
    'f16',
    'f33',
    'ascii',
    'ascii0',
    'hex01',
    'U8',
    'u8 ',
    'constructor',
    '__proto__',
    '@',
    '@A',
  ])('%j is none', name => expect(parseType(name)).toBeUndefined())
})
