import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { Definition, FieldRow } from '../../src/decode/definition.ts'
import { codecOf, decodedAs, encoded, hex } from './definitions.ts'

const CAN: Partial<Definition> = { unit: 'bit' }

describe('DBC signals', () => {
  // The message ExampleMessage of motohawk.dbc, which the README of cantools encodes: Enable 7|1@0+, AverageRadius
  // 6|6@0+ (0.1,0), Temperature 0|12@0- (0.01,250). By hand: C0 = 1 100000 0, 01 = 00000001, 40 = 010 00000; so
  // Enable 1, AverageRadius 32 -> 3.2, Temperature 0 00000001 010 = 10 -> (10 + 25000) / 100 = 250.1.
  const motohawk: Record<string, FieldRow> = {
    Enable: [7, 'u1be'],
    AverageRadius: [6, 'u6be', '0.1 m'],
    Temperature: [0, 'i12be', '0.01 K +25000'],
  }

  test('of Motorola order, as in the example of cantools', () => {
    const codec = codecOf(motohawk, CAN)
    const values = { Enable: 1, AverageRadius: 3.2, Temperature: 250.1 }
    expect(codec.decode(hex('c001400000000000'))).toEqual(values)
    expect(Buffer.from(codec.encode(values, 8)).toString('hex')).toBe('c001400000000000')
  })

  test('of Motorola order, as in the candump example of cantools', () => {
    // 80 = 1 000000 0, 4A = 01001010, 0F = 000 01111: Temperature 0 01001010 000 = 592 -> 255.92
    expect(codecOf(motohawk, CAN).decode(hex('804a0f0000000000'))).toEqual({
      Enable: 1,
      AverageRadius: 0,
      Temperature: 255.92,
    })
  })

  test('of Intel order, as in SAE J1939-71', () => {
    // EEC1, SPN 190 engine speed: 24|16@1+ (0.125,0); bytes 68 13 are 0x1368 = 4968, / 8 = 621 rpm
    expect(decodedAs([24, 'u16', '0.125 rpm'], 'ffffff6813ffffff', CAN)).toBe(621)
    // EEC1, SPN 512: 8|8@1+ (1,-125) %; 0x87 = 135 -> 10 %
    expect(decodedAs([8, 'u8', '% -125'], '00 87 000000000000', CAN)).toBe(10)
  })

  test('of Intel order that begin within a byte', () => {
    // 12|10@1+ over 00 F0 3F: bits 12..15 are F, bits 16..21 are 111111: 0x3FF
    expect(decodedAs([12, 'u10'], '00f03f', CAN)).toBe(0x3ff)
    expect(decodedAs([12, 'i10'], '00f03f', CAN)).toBe(-1)
    expect(decodedAs([12, 'u10'], '00103f', CAN)).toBe(0x3f1)
  })

  test('of Motorola order: the start bit is the most significant one', () => {
    // 39|10@0+: byte 4 from bit 7 down, then byte 5 bits 7 and 6: AB C0 -> 10101011 11 = 687
    expect(decodedAs([39, 'u10be', '0.1 %'], '00000000abc0', CAN)).toBe(68.7)
    // 7|16@0+ is bytes 0 and 1, high byte first; 3|12@0+ the twelve low bits of that
    expect(decodedAs([7, 'u16be'], '1234', CAN)).toBe(0x1234)
    expect(decodedAs([3, 'u12be'], '1234', CAN)).toBe(0x234)
  })

  test('are found in any position that a bit by bit reading finds', () => {
    const any = fc.record({
      start: fc.nat(63),
      width: fc.integer({ min: 1, max: 53 }),
      signed: fc.boolean(),
      motorola: fc.boolean(),
    })
    fc.assert(
      fc.property(any, fc.uint8Array({ minLength: 16, maxLength: 16 }), ({ start, width, signed, motorola }, bytes) => {
        const type = `${signed ? 'i' : 'u'}${width}${motorola ? 'be' : 'le'}`
        const value = codecOf({ x: [start, type] }, CAN).decode(bytes)['x']
        const raw = motorola ? readMotorola(bytes, start, width) : readIntel(bytes, start, width)
        expect(value).toBe(Number(signed ? BigInt.asIntN(width, raw) : raw))
      }),
    )
  })

  test('are written where they are read', () => {
    const any = fc.tuple(
      fc.nat(40),
      fc.integer({ min: 1, max: 20 }),
      fc.constantFrom('u', 'i'),
      fc.constantFrom('le', 'be'),
    )
    fc.assert(
      fc.property(any, fc.uint8Array({ minLength: 9, maxLength: 9 }), ([start, width, sign, order], bytes) => {
        const codec = codecOf({ x: [start, `${sign}${width}${order}`] }, CAN)
        const values = codec.decode(bytes)
        expect(codec.decode(codec.encode(values, 9))).toEqual(values)
      }),
    )
  })

  test('that share a place are told apart by their multiplexer', () => {
    const codec = codecOf(
      {
        page: [0, 'u8'],
        volts: [8, 'u16', '0.1 V', { when: ['page', '==', 0] }],
        amps: [8, 'i16', '0.1 A', { when: ['page', '==', 1] }],
      },
      CAN,
    )
    expect(codec.decode(hex('00f401'))).toEqual({ page: 0, volts: 50 })
    expect(codec.decode(hex('019cff'))).toEqual({ page: 1, amps: -10 })
    expect(encoded(codec, { page: 1, amps: -10 })).toBe('019cff')
  })
})

/** DBC Intel: the start bit is the least significant; bits go up. */
function readIntel(bytes: Uint8Array, start: number, width: number): bigint {
  let value = 0n
  for (let i = width - 1; i >= 0; i--) value = value * 2n + BigInt((bytes[(start + i) >> 3]! >> ((start + i) & 7)) & 1)
  return value
}

/** DBC Motorola: from the most significant bit down within a byte, then on at bit 7 of the next byte. */
function readMotorola(bytes: Uint8Array, start: number, width: number): bigint {
  let value = 0n
  let at = start >> 3
  let bit = start & 7
  for (let i = 0; i < width; i++) {
    value = value * 2n + BigInt((bytes[at]! >> bit) & 1)
    if (--bit < 0) {
      at++
      bit = 7
    }
  }
  return value
}

describe('registers', () => {
  const map = (file: Partial<Definition>): Partial<Definition> => ({ unit: 'register', ...file })

  // 0x11223344 in the four orders that Modbus devices use, commonly called ABCD, CDAB, BADC and DCBA
  test.each([
    ['11223344', { endian: 'big' }],
    ['33441122', { endian: 'big', wordOrder: 'little' }],
    ['22114433', { endian: 'little', wordOrder: 'big' }],
    ['44332211', { endian: 'little' }],
  ] as const)('%s is one number of two registers with %o', (bytes, file) => {
    expect(decodedAs([1, 'u32'], `0000${bytes}`, map(file))).toBe(0x11223344)
    expect(encoded(codecOf({ x: [0, 'u32'] }, map(file)), { x: 0x11223344 })).toBe(bytes)
  })

  // 0xC2F6E979 is -123.456 as a single; its registers are C2F6 and E979
  test.each([
    ['c2f6e979', { endian: 'big' }],
    ['e979c2f6', { endian: 'big', wordOrder: 'little' }],
    ['f6c279e9', { endian: 'little', wordOrder: 'big' }],
    ['79e9f6c2', { endian: 'little' }],
  ] as const)('%s is one float of two registers with %o', (bytes, file) => {
    expect(decodedAs([1, 'f32'], `0000${bytes}`, map(file))).toBe(-123.456)
    expect(encoded(codecOf({ x: [0, 'f32'] }, map(file)), { x: -123.456 })).toBe(bytes)
  })

  test('hold doubles', () => {
    // 0x400921FB54442D18 is pi; the registers are swapped
    const file = map({ endian: 'big', wordOrder: 'little' })
    expect(decodedAs([0, 'f64'], '2d185444 21fb4009', file)).toBe(Math.PI)
    expect(encoded(codecOf({ x: [0, 'f64'] }, file), { x: Math.PI })).toBe('2d18544421fb4009')
  })

  test('hold no float that begins within a byte', () => {
    expect(() => decodedAs(['0.4', 'f32'], '0000000000')).toThrow('a float must stand in whole bytes')
  })

  test('hold halves and bits, counted from the least significant', () => {
    for (const [endian, bytes] of [
      ['big', '1234'],
      ['little', '3412'],
    ] as const) {
      expect(decodedAs(['0.0', 'u8'], bytes, map({ endian }))).toBe(0x34)
      expect(decodedAs(['0.8', 'u8'], bytes, map({ endian }))).toBe(0x12)
      expect(decodedAs(['0.4', 'u8'], bytes, map({ endian }))).toBe(0x23)
      expect(decodedAs(['0.12', 'u4'], bytes, map({ endian }))).toBe(1)
      expect(decodedAs(['0.2', 'bool'], bytes, map({ endian }))).toBe(true)
      expect(decodedAs(['0.3', 'bool'], bytes, map({ endian }))).toBe(false)
    }
  })

  test('follow each other whole, also where only half of one is read', () => {
    const codec = codecOf({ a: [0, 'u16'], b: ['+', 'u8'], c: ['+', 'u16'] }, map({ endian: 'big' }))
    expect(codec.decode(hex('000100020003'))).toEqual({ a: 1, b: 2, c: 3 })
  })

  test('take arrays of whole registers', () => {
    expect(decodedAs([1, 'u16', { repeat: 3 }], '0000 0001 0002 0003', map({ endian: 'big' }))).toEqual([1, 2, 3])
    expect(decodedAs([1, 'u32', { repeat: 2 }], '0000 00000001 00000002', map({ endian: 'big' }))).toEqual([1, 2])
  })
})
