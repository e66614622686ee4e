import { describe, expect, test } from 'vitest'
import { StructError } from '../../src/core/errors.ts'
import { checkDefinition, checkedDefinition } from '../../src/decode/check.ts'
import type { FieldOptions, FieldRow } from '../../src/decode/definition.ts'
import { problemLine } from '../../src/decode/problems.ts'

/** The problems of a definition in lines, without the file's name. */
function problemsOf(definition: unknown): string[] {
  return checkDefinition(JSON.stringify(definition), 'f').problems.map(problem => problemLine('f', problem).slice(3))
}

/** The problems of a file with one message `m` of these fields. */
function problemsIn(fields: Record<string, unknown>, file: object = {}): string[] {
  return problemsOf({ family: 'x', ...file, messages: { m: { note: 'no capture', fields } } })
}

// the definition that style.md gives as its example; bytes and values come from the README of a SEC1000 poller
const sec1000 = {
  family: 'sec1000',
  title: 'GoodWe SEC1000 smart energy controller',
  endian: 'big',
  messages: {
    power: {
      match: '01010b',
      fields: {
        v1: [0, 'i32', '0.1 V', { label: 'Grid voltage L1' }],
        i1: [12, 'i32', '0.01 A', { label: 'Grid current L1' }],
        meters_power: [36, 'i32', '0.001 kW', { label: 'Grid power', note: 'negative = import' }],
        inverters_power: [40, 'i32', '0.001 kW', { note: 'drops to 0 now and then; device fault' }],
      },
      examples: [
        {
          from: "answer printed in a public SEC1000 poller's README",
          hex: '0000096A0000096400000969000001E000000186000001FC00000127FFFFFF8EFFFFFDECFFFFFEA100000D3A',
          expect: { v1: 241, i1: 4.8, meters_power: -0.351, inverters_power: 3.386 },
        },
      ],
    },
  },
}

describe('a good definition', () => {
  test('has no problems', () => {
    expect(problemsOf(sec1000)).toEqual([])
    expect(checkDefinition(JSON.stringify(sec1000), 'f').definition).toEqual(sec1000)
    expect(checkedDefinition(JSON.stringify(sec1000), 'f')).toEqual(sec1000)
  })
})

describe('a bad definition', () => {
  test('is a StructError with every problem on a line of its own', () => {
    const text = JSON.stringify({
      family: 'x',
      messages: { input: { note: '-', fields: { a: [0, 'u61be2'], b: [0, 'u8x'] } } },
    })
    expect(() => checkedDefinition(text, 'structs/x.json')).toThrow(StructError)
    expect(() => checkedDefinition(text, 'structs/x.json')).toThrow(
      'structs/x.json: input.a: unknown type "u61be2"; did you mean "u64be"?\n' +
        'structs/x.json: input.b: unknown type "u8x"; did you mean "u8"?',
    )
  })

  test('tells about syntax and duplicates with line and column', () => {
    const text = '{ "family": "x",\n "messages": { "a": { "fields": {} },\n  "a": { "fields": {} } } }'
    expect(checkDefinition(text, 'f').problems).toEqual([
      {
        file: 'f',
        place: 'line 3, column 3',
        text: '"a" stands here a second time',
        suggestion: 'remove one, or give it another name',
      },
    ])
  })

  test.each([
    [[], 'the definition must be an object, not an empty list'],
    [null, 'the definition must be an object, not null'],
    [{ family: 'x' }, '"messages" is missing'],
    [{ family: 'x', messages: [] }, '"messages" must be an object, not an empty list'],
    [{ family: 'X y', messages: {} }, '"family" must be a word in lower case: letters, digits, -, not "X y"'],
    [{ family: 'x', messges: {}, messages: {} }, 'unknown property "messges"; did you mean "messages"?'],
    [
      { family: 'x', endian: 'bigg', messages: {} },
      '"endian" must be one of "little", "big", not "bigg"; did you mean "big"?',
    ],
    [{ family: 'x', unit: 7, messages: {} }, '"unit" must be one of "byte", "register", "bit", "protobuf", not 7'],
    [{ family: 'x', key: [0], messages: {} }, '"key" must be [place, type], not a list'],
    [{ family: 'x', key: [0, 'u9x'], messages: {} }, '"key": unknown type "u9x"; did you mean "u8"?'],
    [{ family: 'x', models: [], messages: {} }, '"models" needs an element'],
    [
      { family: 'x', enums: { mode: { '0x1': 'a' } }, messages: {} },
      '"enums": "mode": "0x1": the name must be a whole number in decimal, not "0x1"; write "1"',
    ],
    [
      { family: 'x', flags: { f: { 53: 'a' } }, messages: {} },
      '"flags": "f": "53": the name must be a whole number from 0 to 52, not "53"',
    ],
    [{ family: 'x', enums: { mode: { 1: 5 } }, messages: {} }, '"enums": "mode": "1" must be a text, not 5'],
    [{ family: 'x', messages: { m: 5 } }, 'm: must be an object, not 5'],
    [{ family: 'x', messages: { m: {} } }, 'm: "fields" is missing'],
    [
      { family: 'x', messages: { m: { fields: {}, feilds: 1 } } },
      'm: unknown property "feilds"; did you mean "fields"?',
    ],
    [
      { family: 'x', messages: { m: { fields: {}, sample: 0 } } },
      'm: "sample" must be a whole number from 1 to 1000000, not 0',
    ],
    [
      { family: 'x', messages: { _m: { fields: {} } } },
      '_m: the name must be a text that does not begin with _ and holds no control characters, not "_m"',
    ],
    [
      { family: 'x', messages: { m: { fields: {}, examples: [{ hex: '0' }] } } },
      'm: "examples": example 1: "hex" has 1 digits, an odd number',
    ],
    [
      { family: 'x', messages: { m: { fields: {}, examples: [{ hex: '00 11', expect: {} }] } } },
      'm: "examples": example 1: "hex" must be hex digits without spaces, not "00 11"',
    ],
  ])('%j', (definition, problem) => expect(problemsOf(definition)[0]).toBe(problem))

  test('hides no message behind another', () => {
    const problems = problemsOf({
      family: 'x',
      messages: {
        a: { fields: 1 },
        b: { note: '-', fields: { x: [0, 'u99'] } },
        c: { fields: { y: [0, 'u8', { lable: 'Y' }] } },
      },
    })
    expect(problems.map(problem => problem.split(':')[0])).toEqual(['a', 'c.y', 'b.x', 'c'])
  })
})

describe('a field', () => {
  test.each<[unknown, string]>([
    ['u8', 'm.x: must be [place, type, quantity, options], the last two as needed, not "u8"'],
    [[0], 'm.x: must be [place, type, quantity, options], the last two as needed, not a list'],
    [[true, 'u8'], 'm.x: the place must be a number, or a text such as "5.8" or "+", not true'],
    [[-1, 'u8'], 'm.x: -1 is not a place; a number from 0, "5.8", "+", "+2" or "=field"'],
    [[1.5, 'u8'], 'm.x: 1.5 is not a place; a number from 0, "5.8", "+", "+2" or "=field"'],
    [[1e9, 'u8'], 'm.x: 1000000000 is not a place; a number from 0, "5.8", "+", "+2" or "=field"'],
    [['x', 'u8'], 'm.x: "x" is not a place; a number from 0, "5.8", "+", "+2" or "=field"'],
    [['0.9', 'u8'], 'm.x: 8 bits do not fit at 0.9'],
    [[0, 'u16bee'], 'm.x: unknown type "u16bee"; did you mean "u16be"?'],
    [[0, 8], 'm.x: the type must be a text, not 8'],
    [[0, '@cell'], 'm.x: there is no type @cell'],
    [[0, 'u8', '0.1.2 V'], 'm.x: "0.1.2 V" is not a quantity; write scale, unit, offset: "0.1 °C -2731"'],
    [[0, 'u8', 5], 'm.x: the quantity must be a text, not 5'],
    [[0, 'u8', {}, {}], 'm.x: nothing may follow the options'],
    [[0, 'u8', 'V', 'V'], 'm.x: the options must be an object, not "V"'],
    [[0, 'u8', { confidnce: 'guess' }], 'm.x: unknown property "confidnce"; did you mean "confidence"?'],
    [
      [0, 'u8', { confidence: 'gues' }],
      'm.x: "confidence" must be one of "documented", "observed", "guess", not "gues"; did you mean "guess"?',
    ],
    [[0, 'u8', { label: 5 }], 'm.x: "label" must be a text, not 5'],
    [[0, 'u8', { note: 'a\u001b[2J' }], 'm.x: "note" holds control characters'],
    [
      [0, 'u8', { state: 'totals' }],
      'm.x: "state" must be one of "measurement", "total", "total_increasing", not "totals"; did you mean "total"?',
    ],
    [
      [0, 'u8', { when: ['n', '=>', 1] }],
      'm.x: "when": element 2 must be one of "==", "!=", "<", "<=", ">", ">=", not "=>"; did you mean "=="?',
    ],
    [[0, 'u8', { when: ['n', '>'] }], 'm.x: "when" must be [field, operator, number], not a list'],
    [[0, 'u8', { when: ['nn', '>', 1] }], 'm.x: the condition needs nn to be read before it'],
    [[0, 'u8', { repeat: 4294967296 }], 'm.x: "repeat" must be a whole number from 0 to 4096, not 4294967296'],
    [[0, 'u8', { repeat: -1 }], 'm.x: "repeat" must be a whole number from 0 to 4096, not -1'],
    [[0, 'u8', { repeat: 'later' }], 'm.x: the count later must be read before the array'],
    [[0, 'u12', { repeat: 2 }], 'm.x: an array needs elements of whole bytes'],
    [['0.4', 'u16', { repeat: 2 }], 'm.x: an array needs elements of whole bytes'],
    [[0, 'u8', { enum: 'mode' }], 'm.x: there is no enum "mode"'],
    [[0, 'f32', { enum: { 1: 'a' } }], 'm.x: "enum" needs a whole number, not f32'],
    [[0, 'u8', { enum: { 256: 'a' } }], 'm.x: "enum" 256 cannot occur in u8'],
    [[0, 'u8', { flags: { 8: 'a' } }], 'm.x: "flags" 8 is no bit of u8'],
    [[0, 'i8', { flags: { 1: 'a' } }], 'm.x: "flags" needs an unsigned number of up to 53 bits'],
    [[0, 'u8', { flags: { 1: 'a' }, enum: { 1: 'a' } }], 'm.x: has "enum" and "flags"; one of them is enough'],
    [[0, 'i16', { na: 65536 }], 'm.x: "na" 65536 cannot occur in i16'],
    [[0, 'ascii4', { na: 0 }], 'm.x: "na" has no meaning for ascii4'],
    [[0, 'ascii4', 'V'], 'm.x: a quantity has no meaning for ascii4'],
    [[0, 'u8', { trim: false }], 'm.x: "trim" has no meaning for u8'],
    [[0, 'u8', { models: ['lxp'] }], 'm.x: there is no model "lxp"; name the models of the file in its "models"'],
    [
      [0, 'u8', { models: 'lxp' }],
      'm.x: "models" must be a list of models, or an object with a quantity for each, not "lxp"',
    ],
  ])('%j', (row, problem) => expect(problemsIn({ x: row })[0]).toBe(problem))

  test.each(['', ' x', '__proto__', '_', '-x', 'x\u0007'])('cannot be called %j', name => {
    const [problem] = problemsOf(
      JSON.parse(`{"family":"x","messages":{"m":{"fields":{${JSON.stringify(name)}:[0,"u8"]}}}}`),
    )
    expect(problem).toContain('the name must be a letter or digit')
  })

  test('suggests what was probably meant', () => {
    expect(
      problemsIn({ count: [0, 'u8'], x: ['+', 'u8', { repeat: 'count' }], y: ['+', 'u8', { repeat: 'cuont' }] }),
    ).toEqual(['m.y: the count cuont must be read before the array; did you mean "count"?'])
    const file = { models: ['lxp', 'eg4'], enums: { mode: { 0: 'off' } } }
    expect(problemsIn({ a: [0, 'u8', { models: ['lpx'] }], b: [1, 'u8', { enum: 'mod' }] }, file)).toEqual([
      'm.a: there is no model "lpx"; did you mean "lxp"?',
      'm.b: there is no enum "mod"; did you mean "mode"?',
    ])
  })

  test('of protobuf has no condition and no count', () => {
    const fields = { a: [1, 'u8'], b: [2, 'u8', { when: ['a', '==', 1] }], c: ['3.x', 'u8'] }
    expect(problemsIn(fields, { unit: 'protobuf' })).toEqual([
      'm.b: "when" has no meaning in protobuf; absent fields are absent',
      'm.c: "3.x" is not a protobuf field number; "16" or "5.2"',
    ])
  })

  test('is judged for every model', () => {
    const file = { models: ['one', 'two'] }
    expect(problemsIn({ a: [0, 'u8', 'V', { models: { two: 'x y z' } }] }, file)).toEqual([
      'm.a: "x y z" is not a quantity; write scale, unit, offset: "0.1 °C -2731"',
    ])
  })
})

describe('fields that overlap', () => {
  const at = (place: number | string, type: string, options: FieldOptions = {}): FieldRow => [place, type, options]

  test('are a problem of the later one', () => {
    expect(problemsIn({ vbat: [0, 'u16', '0.1 V'], pv1_voltage: [1, 'u16', '0.1 V'] })).toEqual([
      'm.pv1_voltage: at 1 overlaps vbat; vbat takes bytes 0 to 1; say "overlap": true if both are meant',
    ])
    expect(problemsIn({ a: at(4, 'u32'), b: at(5, 'u16') }, { unit: 'register' })).toEqual([
      'm.b: at 5 overlaps a; a takes registers 4 to 5; say "overlap": true if both are meant',
    ])
    expect(problemsIn({ a: at(8, 'u12'), b: at(16, 'u8') }, { unit: 'bit' })).toEqual([
      'm.b: at 16 overlaps a; a takes bits 8 to 19; say "overlap": true if both are meant',
    ])
  })

  test.each<[string, Record<string, FieldRow>, object]>([
    ['say so', { a: at(0, 'u16'), b: at(1, 'u8', { overlap: true }) }, {}],
    ['are a word and its bits', { a: at(6, 'u16'), b: at('6.4', 'bool'), c: at('7.0', 'u4') }, {}],
    ['are bits and their word', { b: at('6.4', 'u4'), a: at(6, 'u16') }, { unit: 'register' }],
    ['are a signal and its bits', { a: at(8, 'u16'), b: at(9, 'bool'), c: at(10, 'u3') }, { unit: 'bit' }],
    ['are neighbours', { a: at(0, 'u12'), b: at('1.4', 'u4'), c: at(2, 'u8'), d: at('+', 'u8') }, {}],
    ['are Motorola neighbours', { a: at(7, 'u10be'), b: at(13, 'u6be') }, { unit: 'bit' }],
    [
      'belong to other models',
      { a: at(0, 'u8', { models: ['one'] }), b: at(0, 'u8', { models: ['two'] }) },
      { models: ['one', 'two'] },
    ],
    [
      'never occur together',
      { n: at(0, 'u8'), a: at(1, 'u8', { when: ['n', '==', 1] }), b: at(1, 'u8', { when: ['n', '==', 2] }) },
      {},
    ],
    [
      'exclude each other by range',
      { n: at(0, 'u8'), a: at(1, 'u8', { when: ['n', '<=', 2] }), b: at(1, 'u8', { when: ['n', '>', 2] }) },
      {},
    ],
    [
      'exclude each other by !=',
      { n: at(0, 'u8'), a: at(1, 'u8', { when: ['n', '==', 1] }), b: at(1, 'u8', { when: ['n', '!=', 1] }) },
      {},
    ],
  ])('are none where they %s', (_, fields, file) => expect(problemsIn(fields, file)).toEqual([]))

  test.each<[string, Record<string, FieldRow>, object]>([
    ['a byte of a word', { a: at(0, 'u16'), b: at(1, 'u8') }, {}],
    ['bits that share a bit', { a: at('0.0', 'u4'), b: at('0.3', 'bool') }, {}],
    ['an array', { a: at(0, 'u16', { repeat: 4 }), b: at(7, 'u8') }, {}],
    [
      'a nested type',
      { a: at(0, '@pair', { repeat: 2 }), b: at(3, 'u8') },
      { types: { pair: { fields: { x: at(0, 'u8'), y: at(1, 'u8') } } } },
    ],
    ['a text', { a: at(0, 'ascii16'), b: at(15, 'u8') }, {}],
    ['the same model', { a: at(0, 'u8', { models: ['one'] }), b: at(0, 'u8') }, { models: ['one', 'two'] }],
    [
      'conditions that can both hold',
      { n: at(0, 'u8'), a: at(1, 'u8', { when: ['n', '>', 1] }), b: at(1, 'u8', { when: ['n', '==', 2] }) },
      {},
    ],
    ['a protobuf field number', { a: at(1, 'u8'), b: at('1', 'u16') }, { unit: 'protobuf' }],
    ['a protobuf field that is no message', { a: at(1, 'u8'), b: at('1.2', 'u16') }, { unit: 'protobuf' }],
  ])('are a problem where they share %s', (_, fields, file) => {
    const problems = problemsIn(fields, file)
    expect(problems.length).toBe(1)
    expect(problems[0]).toMatch(/^m\.b: at \S+ (overlaps|lies inside) a/)
  })

  test('within a nested type are told once, of the type', () => {
    const types = { pair: { fields: { x: [0, 'u16'], y: [1, 'u8'] } } }
    const problems = problemsIn({ a: [0, '@pair'], b: [9, '@pair'] }, { types })
    expect(problems).toEqual(['@pair.y: at 1 overlaps x; x takes bytes 0 to 1; say "overlap": true if both are meant'])
  })
})

describe('nested types', () => {
  test('may not hold themselves', () => {
    const types = { a: { fields: { b: [0, '@b'] } }, b: { fields: { a: ['+', '@a'] } } }
    const problems = problemsIn({ x: [0, '@a'] }, { types })
    expect(problems).toContain('@b.a: type @a holds itself: a > b > a')
  })

  test('may be 8 deep, and no deeper in whatever order they are compiled', () => {
    const chain = (length: number) =>
      Object.fromEntries(
        Array.from({ length }, (_, i) => [`t${i}`, { fields: { x: [0, i + 1 < length ? `@t${i + 1}` : 'u8'] } }]),
      )
    const fields = (length: number) =>
      Object.fromEntries(Array.from({ length }, (_, i) => [`f${i}`, ['+', `@t${length - 1 - i}`]]))
    expect(problemsIn(fields(8), { types: chain(8) })).toEqual([])
    const types = Object.fromEntries(Object.entries(chain(9)).reverse())
    expect(problemsIn(fields(9), { types }).join()).toContain('types are nested more than 8 deep')
  })

  test('need fields', () => {
    expect(problemsIn({ x: [0, '@e'] }, { types: { e: { fields: {} } } })).toEqual(['@e: has no fields'])
  })
})

describe('keys', () => {
  test('belong to one message', () => {
    const messages = { a: { match: ['1', '2', '1'], fields: {} }, b: { match: '2', fields: {} } }
    expect(problemsOf({ family: 'x', messages })).toEqual([
      'a: matches "1", as it says already',
      'b: matches "2", as a does',
    ])
  })

  test('are such as the key field of the file can have', () => {
    const messages = { a: { match: ['0x1f', '0x1F', '31', '1f', '0x01F', '0x11f', 'x'], fields: {} } }
    expect(problemsOf({ family: 'x', key: [24, 'u8'], messages })).toEqual([
      'a: no payload has the key "1f"; see the "key" of the file',
      'a: no payload has the key "0x01F"; write "0x1f"',
      'a: no payload has the key "0x11f"; write "0x1f"',
      'a: no payload has the key "x"; see the "key" of the file',
    ])
  })
})

describe('examples', () => {
  const message = (example: object, more: object = {}) => ({
    family: 'x',
    endian: 'big',
    models: ['one', 'two'],
    ...more,
    messages: {
      m: {
        fields: {
          v1: [0, 'u16', '0.1 V'],
          _n: [2, 'u8'],
          cells: ['+', 'u8', { repeat: '_n' }],
          big: [6, 'u64', { confidence: 'guess' }],
          a: [14, 'u8', { models: ['one'] }],
        },
        examples: [example],
      },
    },
  })
  const hex = '096a 02 0102 ff ffffffffffffffff 07'.replaceAll(' ', '')
  const expected = { v1: 241, cells: [1, 2], big: '18446744073709551615' }

  test.each<[object, string[]]>([
    [{ hex, expect: { ...expected, a: 7 }, model: 'one' }, []],
    [{ hex, expect: expected, model: 'two' }, []],
    [{ hex: '096a', expect: { v1: 241, cells: [] }, short: true, model: 'two' }, []],
    [{ hex, expect: { ...expected, v1: 242 }, model: 'two' }, ['m.v1: example 1: expected 242, got 241']],
    [{ hex, expect: { ...expected, cells: [1, 3] }, model: 'two' }, ['m.cells: example 1: at [1] expected 3, got 2']],
    [{ hex, expect: { ...expected, cells: [1] }, model: 'two' }, ['m.cells: example 1: expected [1], got [1,2]']],
    [{ hex, expect: { ...expected, v1: '241' }, model: 'two' }, ['m.v1: example 1: expected "241", got 241']],
    [
      { hex, expect: { ...expected, _n: 2 }, model: 'two' },
      ['m._n: example 1: is read but not published; "expect" must not have it'],
    ],
    [
      { hex, expect: { ...expected, a: 7 }, model: 'two' },
      ['m: example 1: "expect" names "a", which the message does not have; did you mean "v1"?'],
    ],
    [
      { hex, expect: { v1: 241, cells: [1, 2] }, model: 'two' },
      ['m.big: example 1: got "18446744073709551615", "expect" does not have it; add "big": "18446744073709551615"'],
    ],
    [
      { hex, expect: { ...expected, big: 2 ** 64 }, model: 'two' },
      [
        'm.big: example 1: expected 18446744073709552000, got "18446744073709551615"; numbers beyond 2^53 stand in quotes',
      ],
    ],
    [
      { hex: '096a', expect: {}, model: 'two' },
      ['m: example 1: _n ends at byte 3, the payload has 2; where the device itself sends less, say "short": true'],
    ],
    [
      { hex: '', expect: { v1: 1 }, short: true, model: 'two' },
      [
        'm.v1: example 1: expected 1, got nothing',
        'm.cells: example 1: got [], "expect" does not have it; add "cells": []',
      ],
    ],
    [{ hex, expect: expected, model: 'tow' }, ['m: example 1: there is no model "tow"; did you mean "two"?']],
  ])('%j', (example, problems) => expect(problemsOf(message(example))).toEqual(problems))

  test('of windows say where those begin', () => {
    const file = (base: number) => ({
      family: 'x',
      unit: 'register',
      messages: {
        m: {
          fields: { a: [0, 'u16'], b: [40, 'u32', '0.1 kWh'] },
          examples: [{ hex: '0a000000', base, expect: { b: 1 } }],
        },
      },
    })
    expect(problemsOf(file(40))).toEqual([])
    expect(problemsOf(file(39))).toEqual(['m.b: example 1: expected 1, got nothing'])
  })

  test('or a note are asked for where there are fields', () => {
    const fields = { x: [0, 'u8'] }
    expect(problemsOf({ family: 'x', messages: { m: { fields } } })).toEqual([
      'm: has neither an example nor a note; give an example, or say in a note why there is none',
    ])
    expect(problemsOf({ family: 'x', messages: { m: { fields, note: 'nobody has a capture' } } })).toEqual([])
    expect(problemsOf({ family: 'x', messages: { m: { fields: {} } } })).toEqual([])
  })
})

describe('other contradictions', () => {
  test('a derived value that is a field', () => {
    const messages = { m: { note: '-', fields: { x: [0, 'u8'] }, derived: { x: ['W'], y: ['W', { label: 'Y' }] } } }
    expect(problemsOf({ family: 'x', messages })).toEqual(['m.x: is a field and a derived value'])
  })

  test('a byte order for bits', () => {
    expect(problemsIn({ x: [7, 'u16be'] }, { unit: 'bit', endian: 'big' })).toEqual([
      'm: "endian" has no effect where places are bits; say it in each type: "u16be"',
    ])
  })
})
