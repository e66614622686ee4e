import { describe, expect, test } from 'vitest'
import { DecodeError } from '../../src/core/errors.ts'
import type { Definition, FieldRow } from '../../src/decode/definition.ts'
import { StructSet } from '../../src/decode/struct-set.ts'
import { codecOf, decodedAs, definitionOf, encoded, hex } from './definitions.ts'

describe('a fixed layout', () => {
  const fields: Record<string, FieldRow> = { a: [0, 'u8'], b: [1, 'u16'], name: [3, 'ascii4'] }

  test('decodes in definition order', () => {
    expect(Object.keys(codecOf({ z: [2, 'u8'], a: [0, 'u8'] }).decode(hex('010203')))).toEqual(['z', 'a'])
  })

  test('is a DecodeError where the payload ends before a field, and says which', () => {
    expect(() => codecOf(fields).decode(hex('0102'))).toThrow('b ends at byte 3, the payload has 2')
    for (let length = 0; length < 7; length++) {
      expect(() => codecOf(fields).decode(new Uint8Array(length))).toThrow(DecodeError)
    }
  })

  test('leaves out and counts what is not there with short: omit, and shortens a text', () => {
    let missing = 0
    const options = { short: 'omit', onMissing: (count: number) => (missing = count) } as const
    expect(codecOf(fields).decode(hex('01'), options)).toEqual({ a: 1 })
    expect(missing).toBe(2)
    missing = 0
    expect(codecOf(fields).decode(hex('0102004142'), options)).toEqual({ a: 1, b: 2, name: 'AB' })
    expect(missing).toBe(0)
  })

  test('knows guesses and shows them only when asked', () => {
    const codec = codecOf({ sure: [0, 'u8'], maybe: [1, 'u8', { confidence: 'guess' }] })
    expect(codec.decode(hex('01'))).toEqual({ sure: 1 })
    expect(codec.decode(hex('0102'), { guesses: true })).toEqual({ sure: 1, maybe: 2 })
  })

  test('gives raw numbers, and texts with every byte, when asked', () => {
    const codec = codecOf({
      v: [0, 'u8', '0.1 V', { na: 255 }],
      mode: [1, 'u8', { enum: { 1: 'on' } }],
      name: [2, 'ascii2'],
    })
    expect(codec.decode(hex('ff014100'), { raw: true })).toEqual({ v: 255, mode: 1, name: 'A\0' })
    expect(codec.decode(hex('ff014100'))).toEqual({ v: null, mode: 'on', name: 'A' })
  })
})

describe('options of a number', () => {
  test('na gives null, one marker or several, signed as read', () => {
    expect(decodedAs([0, 'u16', '0.1 V', { na: 65535 }], 'ffff')).toBeNull()
    expect(decodedAs([0, 'i16', { na: [-1, -32768] }], '0080')).toBeNull()
    expect(decodedAs([0, 'i16', { na: 65535 }], 'ffff')).toBeNull() // the bit pattern, as datasheets give it
    expect(decodedAs([0, 'i16', { na: [-1, -32768] }], '0100')).toBe(1)
  })

  test('enum gives the text, or the number where it has none', () => {
    const file = { enums: { mode: { 0: 'off', 5: 'on' } } }
    expect(decodedAs([0, 'u8', { enum: 'mode' }], '05', file)).toBe('on')
    expect(decodedAs([0, 'u8', { enum: 'mode' }], '06', file)).toBe(6)
    expect(decodedAs([0, 'i8', { enum: { '-1': 'down' } }], 'ff')).toBe('down')
  })

  test('flags gives the names of the bits that are set', () => {
    const file = { flags: { faults: { 0: 'comm', 15: 'fan' } } }
    expect(decodedAs([0, 'u16', { flags: 'faults' }], '0180', file)).toEqual(['comm', 'fan'])
    expect(decodedAs([0, 'u16', { flags: 'faults' }], '0200', file)).toEqual(['bit1'])
    expect(decodedAs([0, 'u16', { flags: 'faults' }], '0000', file)).toEqual([])
    expect(decodedAs([0, 'u32', { flags: { 31: 'top' } }], '00000080')).toEqual(['top'])
  })

  test('models limits a field to some models, or changes its quantity', () => {
    const fields: Record<string, FieldRow> = {
      a: [0, 'u8', '0.1 V', { models: ['one'] }],
      b: [0, 'u8', 'W', { models: ['two'] }],
      c: [1, 'u8', '0.1 A', { models: { two: '0.01 A' } }],
    }
    expect(codecOf(fields, { models: ['one', 'two'] }, 'one').decode(hex('0a64'))).toEqual({ a: 1, c: 10 })
    expect(codecOf(fields, { models: ['one', 'two'] }, 'two').decode(hex('0a64'))).toEqual({ b: 10, c: 1 })
  })
})

describe('arrays', () => {
  test('have a fixed number of elements', () => {
    expect(decodedAs([1, 'u16', '0.001 V', { repeat: 3 }], 'ff e40c e50c e60c')).toEqual([3.3, 3.301, 3.302])
    expect(decodedAs([0, 'u24', { repeat: 2 }], '010000 020000')).toEqual([1, 2])
    expect(decodedAs([0, 'ascii2', { repeat: 2 }], '4100 4243')).toEqual(['A', 'BC'])
    expect(decodedAs([0, 'u8', { repeat: 0 }], '')).toEqual([])
  })

  // the shape of Pylontech's analog values: a count, that many cell voltages, a count, one temperature less than it says
  const pack: Record<string, FieldRow> = {
    _cells: [0, 'u8'],
    cells: ['+', 'u16', '0.001 V', { repeat: '_cells' }],
    _temps: ['+', 'u8'],
    bms_temperature: ['+', 'u16', '0.1 °C -2731'],
    temperatures: ['+', 'u16', '0.1 °C -2731', { repeat: ['_temps', -1] }],
    after: ['+1', 'u8'],
  }
  const payload = '02 0ce4 0ce5  03 0bb9 0baf 0bb0  ff 07'
  const values = { cells: [3.3, 3.301], bms_temperature: 27, temperatures: [26, 26.1], after: 7 }

  test('take their count from a field before them, corrected where the device counts otherwise', () => {
    expect(codecOf(pack, { endian: 'big' }).decode(hex(payload))).toEqual(values)
  })

  test('need no counts for encoding', () => {
    expect(encoded(codecOf(pack, { endian: 'big' }), values)).toBe(payload.replaceAll(' ', '').replace('ff07', '0007'))
  })

  test('are empty where the corrected count is negative', () => {
    const bytes = hex('00 00 0bb9 ff 07')
    expect(codecOf(pack, { endian: 'big' }).decode(bytes)).toMatchObject({ cells: [], temperatures: [], after: 7 })
  })

  test('that the payload cuts are a DecodeError, or shorter with short: omit', () => {
    const codec = codecOf({ _n: [0, 'u8'], x: ['+', 'u16', { repeat: '_n' }], y: ['+', 'u8'] })
    expect(() => codec.decode(hex('03 0100 0200'))).toThrow('x ends at byte 7, the payload has 5')
    expect(codec.decode(hex('03 0100 0200 03'), { short: 'omit' })).toEqual({ x: [1, 2] })
  })

  test('longer than any device sends are refused, whatever the payload says', () => {
    const codec = codecOf({ _n: [0, 'u32'], x: ['+', 'u8', { repeat: '_n' }] })
    expect(() => codec.decode(hex('ffffffff'))).toThrow('x: 4294967295 elements')
    expect(() => codec.decode(hex('ffffffff'), { short: 'omit' })).toThrow(DecodeError)
  })
})

describe('nested types', () => {
  const file: Partial<Definition> = {
    endian: 'big',
    types: {
      pack: { fields: { _n: [0, 'u8'], cells: ['+', 'u8', { repeat: '_n' }], soc: ['+', 'u8', '%'] } },
      pair: { fields: { a: [0, 'u8'], b: [1, 'u8'] } },
      tower: { fields: { id: [0, 'u8'], packs: ['+', '@pack', { repeat: 2 }] } },
    },
  }

  test('repeat one after the other, each as long as it is', () => {
    const fields: Record<string, FieldRow> = {
      _count: [0, 'u8'],
      packs: ['+', '@pack', { repeat: '_count' }],
      end: ['+', 'u8'],
    }
    const payload = '02  02 0a 0b 50  01 0c 51  ee'
    const values = {
      packs: [
        { cells: [10, 11], soc: 80 },
        { cells: [12], soc: 81 },
      ],
      end: 0xee,
    }
    expect(codecOf(fields, file).decode(hex(payload))).toEqual(values)
    expect(encoded(codecOf(fields, file), values)).toBe(payload.replaceAll(' ', ''))
  })

  test('with fixed places take their size', () => {
    expect(decodedAs([1, '@pair', { repeat: 2 }], 'ff 0102 0304', file)).toEqual([
      { a: 1, b: 2 },
      { a: 3, b: 4 },
    ])
  })

  test('hold types', () => {
    const value = {
      id: 9,
      packs: [
        { cells: [], soc: 1 },
        { cells: [5], soc: 2 },
      ],
    }
    expect(decodedAs([0, '@tower'], '09 00 01 01 05 02', file)).toEqual(value)
  })

  test('that are not published publish nothing of what they hold', () => {
    const fields: Record<string, FieldRow> = { _skip: [0, '@pair'], x: ['+', 'u8'] }
    expect(codecOf(fields, file).decode(hex('010203'))).toEqual({ x: 3 })
  })

  test('that are guesses are not shown, and what follows them is found all the same', () => {
    const fields: Record<string, FieldRow> = {
      g: [0, '@pair', { confidence: 'guess', repeat: 2 }],
      h: [4, 'u8', { confidence: 'guess' }],
      x: ['+', 'u8'],
    }
    expect(codecOf(fields, file).decode(hex('01020304 05 06'))).toEqual({ x: 6 })
    expect(codecOf(fields, file).decode(hex('01020304 05 06'), { guesses: true })).toMatchObject({ h: 5, x: 6 })
  })

  test('multiply no further than a limit', () => {
    const types = {
      a: { fields: { x: ['+', '@b', { repeat: 4096 }] } },
      b: { fields: { x: ['+', '@c', { repeat: 4096 }] } },
      c: { fields: { _n: ['+', 'u8', { repeat: 0 }] } },
    } satisfies Definition['types']
    expect(() => decodedAs([0, '@a'], '', { types })).toThrow('more values than the payload can hold')
  })
})

describe('conditions', () => {
  test.each([
    ['==', [2]],
    ['!=', [1, 3]],
    ['<', [1]],
    ['<=', [1, 2]],
    ['>', [3]],
    ['>=', [2, 3]],
  ] as const)('%s 2 holds for %j', (operator, holding) => {
    const codec = codecOf({ _n: [0, 'u8'], x: ['+', 'u8', { when: ['_n', operator, 2] }], y: ['+', 'u8'] })
    for (const n of [1, 2, 3]) {
      const there = (holding as readonly number[]).includes(n)
      expect(codec.decode(Uint8Array.of(n, 10, 20))).toEqual(there ? { x: 10, y: 20 } : { y: 10 })
    }
  })

  test('compare the raw number', () => {
    const codec = codecOf({ v: [0, 'u8', '0.1 V'], x: [1, 'u8', { when: ['v', '==', 20] }] })
    expect(codec.decode(hex('1407'))).toEqual({ v: 2, x: 7 })
  })

  test('hold for no field that is not there, != neither', () => {
    const fields: Record<string, FieldRow> = {
      n: [4, 'u8'],
      x: [0, 'u8', { when: ['n', '!=', 9] }],
      y: [1, 'u8', { when: ['n', '==', 0] }],
    }
    expect(codecOf(fields).decode(hex('0102'), { short: 'omit' })).toEqual({})
  })
})

describe('a window of a register map', () => {
  const file: Partial<Definition> = { unit: 'register', endian: 'big' }
  const flat: Record<string, FieldRow> = {
    a: [0, 'u16'],
    total: [10, 'u32'],
    b: [12, 'u16'],
    serial: [13, 'ascii4'],
  }

  test('publishes the fields wholly inside it, never half of one', () => {
    const codec = codecOf(flat, file)
    expect(codec.decode(hex('00000001 0002'), { base: 10 })).toEqual({ total: 1, b: 2 })
    expect(codec.decode(hex('0001 0002 4142'), { base: 11 })).toEqual({ b: 2 })
    expect(codec.decode(hex('0002 4142 4344'), { base: 12 })).toEqual({ b: 2, serial: 'ABCD' })
  })

  test('may begin at 0 and be shorter than the map', () => {
    let missing = 0
    expect(codecOf(flat, file).decode(hex('0007 0000'), { base: 0, onMissing: n => (missing = n) })).toEqual({ a: 7 })
    expect(missing).toBe(0)
  })

  test('may lie beyond everything', () => {
    expect(codecOf(flat, file).decode(hex('0007'), { base: 500 })).toEqual({})
  })

  test('passes over arrays, conditions and types that it does not hold whole', () => {
    const fields: Record<string, FieldRow> = {
      page: [0, 'u16'],
      cells: [1, 'u16', { repeat: 3 }],
      pair: [4, '@pair'],
      x: [6, 'u16', { when: ['page', '==', 1] }],
    }
    const types: Definition['types'] = { pair: { fields: { a: [0, 'u16'], b: [1, 'u16'] } } }
    const codec = codecOf(fields, { ...file, types })
    const all = hex('0001 000a 000b 000c 0014 0015 001e')
    expect(codec.decode(all, { base: 0 })).toEqual({ page: 1, cells: [10, 11, 12], pair: { a: 20, b: 21 }, x: 30 })
    expect(codec.decode(all.subarray(4), { base: 2 })).toEqual({ pair: { a: 20, b: 21 } })
    expect(codec.decode(all.subarray(0, 6), { base: 0 })).toEqual({ page: 1 })
    expect(codec.decode(all.subarray(10), { base: 5 })).toEqual({})
  })

  test('knows where fields begin that follow those before it', () => {
    const codec = codecOf({ a: [0, 'u16'], b: ['+', 'u32'], c: ['+1', 'u16'] }, file)
    expect(codec.decode(hex('0007'), { base: 4 })).toEqual({ c: 7 })
  })
})

describe('a set of messages', () => {
  const set = new StructSet('test', {
    family: 'test',
    key: [0, 'u8'],
    messages: {
      one: { match: ['0x1f', '7'], fields: { x: [1, 'u8'] } },
      two: { match: '0x0A', fields: { y: [1, 'u8'] } },
    },
  })

  test('finds a message by the first candidate key that one claims', () => {
    expect(set.codec(['B:28:21', '7', '0x0A'])?.name).toBe('one')
    expect(set.codec(['B:28:21'])).toBeUndefined()
    expect(set.codec(['__proto__', 'constructor'])).toBeUndefined()
  })

  test('finds a message by the key in its payload, in any spelling of it', () => {
    expect(set.dispatch(hex('1f05'))?.decode(hex('1f05'))).toEqual({ x: 5 })
    expect(set.dispatch(hex('0705'))?.name).toBe('one')
    expect(set.dispatch(hex('0a05'))?.name).toBe('two')
    expect(set.dispatch(hex('0b05'))).toBeUndefined()
    expect(set.dispatch(hex(''))).toBeUndefined()
  })

  test('says which field of which message is broken when it is asked for', () => {
    const broken = new StructSet('x', definitionOf({ a: [0, 'u99'] }))
    expect(() => broken.message('m')).toThrow('structs/x.json: m.a: unknown type "u99"')
    expect(broken.message('constructor')).toBeUndefined()
  })

  test('describes its fields for whoever shows them', () => {
    const codec = codecOf({
      pv1_voltage: [0, 'u16', '0.1 V'],
      _x: [2, 'u8'],
      mode: [3, 'u8', { enum: { 1: 'on' }, label: 'Mode' }],
    })
    expect(codec.fields).toEqual([
      {
        name: 'pv1_voltage',
        label: 'pv1 voltage',
        unit: 'V',
        kind: 'voltage',
        confidence: 'documented',
        decimals: 1,
        type: 'number',
        array: false,
      },
      {
        name: 'mode',
        label: 'Mode',
        unit: '',
        confidence: 'documented',
        decimals: 0,
        type: 'enum',
        array: false,
        names: ['on'],
      },
    ])
  })
})
