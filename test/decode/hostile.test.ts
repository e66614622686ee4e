import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { DecodeError } from '../../src/core/errors.ts'
import { checkDefinition } from '../../src/decode/check.ts'
import type { Definition, PlaceUnit } from '../../src/decode/definition.ts'
import { StructSet } from '../../src/decode/struct-set.ts'

// Definitions come from strangers. None may crash the program or keep it busy: each of these takes far less than the
// limit, which leaves room for slow machines.
const LIMIT_MS = 8000
const TIMEOUT = { timeout: 30_000 }

function checked(definition: unknown) {
  const text = typeof definition === 'string' ? definition : JSON.stringify(definition)
  const start = performance.now()
  const { problems } = checkDefinition(text, 'f')
  expect(performance.now() - start).toBeLessThan(LIMIT_MS)
  expect(problems.length).toBeLessThanOrEqual(201)
  return problems
}

/** An object of so many properties. */
function many<T>(count: number, make: (i: number) => T, letter = 'n'): Record<string, T> {
  return Object.fromEntries(Array.from({ length: count }, (_, i) => [`${letter}${i}`, make(i)]))
}

function withFields(fields: unknown, more: object = {}): object {
  return { family: 'x', ...more, messages: { m: { note: '-', fields } } }
}

const MODELS = Array.from({ length: 16 }, (_, i) => `m${i}`)
const overlapping = (type: string) => many(1000, () => ['0.3', type, { overlap: true }])
const typesOf = (count: number, fields: (i: number) => unknown) => ({
  types: many(count, i => ({ fields: fields(i) }), 't'),
})
const example = { hex: '', expect: {} }

const REFUSED: Record<string, () => unknown> = {
  'ten megabytes of fields': () => withFields(many(400_000, i => [i, 'u8', { label: 'x' }])),
  'too many fields': () => withFields(many(100_000, () => [0, 'u8'])),
  'too many fields in all': () => ({
    family: 'x',
    messages: many(200, () => ({ note: '-', fields: many(300, i => [i, 'u8']) })),
  }),
  'fields at one place for many models': () =>
    withFields(
      many(900, () => [0, 'u8']),
      { models: MODELS },
    ),
  'unknown types with long names': () => withFields(many(1000, i => [i, `u${'9'.repeat(50)}${i}`])),
  'unknown counts': () =>
    withFields(many(1000, i => (i < 500 ? [i, 'u8'] : [i, 'u8', { repeat: `n${i}x`.padEnd(90, 'y') }]))),
  'a type that holds itself': () =>
    withFields(
      { x: [0, '@t0'] },
      typesOf(1, () => ({ x: [0, '@t0'] })),
    ),
  'types in a circle': () =>
    withFields(
      { x: [0, '@t0'] },
      typesOf(300, i => ({ x: [0, `@t${(i + 1) % 300}`] })),
    ),
  'a broken type that many use': () => ({
    family: 'x',
    ...typesOf(1, () => many(1000, () => ['+', 'u99'])),
    messages: many(1000, () => ({ note: '-', fields: { x: [0, '@t0'] } })),
  }),
  'more bytes than there are': () => withFields({ x: [131071, 'ascii9999', { repeat: 4096 }] }),
  'huge numbers': () =>
    withFields({ a: [1e308, 'u8'], b: [0, 'u8', { repeat: 2 ** 32 }], c: [0, 'u8', { na: 1e308 }] }),
  'a quantity that takes long to read': () => withFields({ a: [0, 'u8', `1${' '.repeat(1_000_000)}`] }),
  'names that every object has': () =>
    withFields({ constructor: [0, 'toString'], valueOf: [1, 'u8', { enum: 'valueOf' }] }),
  'long names': () => withFields({ ['x'.repeat(1_000_000)]: [0, 'y'.repeat(1_000_000)] }),
  'too many examples': () => ({
    family: 'x',
    messages: many(1000, () => ({ fields: { a: [0, 'u8'] }, examples: Array.from({ length: 50 }, () => example) })),
  }),
}

const COSTLY: Record<string, () => unknown> = {
  'fields that all overlap, with leave': () => withFields(overlapping('u50'), { models: MODELS.slice(0, 4) }),
  'types that multiply': () =>
    withFields(
      { x: [0, '@t0'] },
      typesOf(8, i => many(100, () => ['+', i < 7 ? `@t${i + 1}` : 'u8', { repeat: 4096 }])),
    ),
  'examples of many values in no bytes': () => ({
    family: 'x',
    ...typesOf(1, () => ({ _x: ['+', 'u8', { repeat: 0 }] })),
    messages: many(10, () => ({
      fields: { _a: [0, '@t0', { repeat: 4000 }] },
      examples: Array.from({ length: 100 }, () => example),
    })),
  }),
}

describe('a hostile definition', TIMEOUT, () => {
  test.each(Object.keys(REFUSED))('with %s is refused in good time', name => {
    expect(checked(REFUSED[name]!()).length).toBeGreaterThan(0)
  })

  test.each(Object.keys(COSTLY))('with %s is done in good time', name => {
    checked(COSTLY[name]!())
  })

  test('of deeply nested JSON does not run out of stack', () => {
    expect(checked('['.repeat(4_000_000)).length).toBe(1)
    expect(checked(`{"family":"x","messages":{"m":{"fields":{},"examples":${'['.repeat(100_000)}`).length).toBe(1)
  })

  test('does not end up in the terminal', () => {
    const messages = { 'a\u001b]0;x\u0007': { fields: { 'b\u009b2J': [0, '\u0007'] } } }
    for (const problem of checked({ family: '\u001b[2J', messages })) {
      for (const text of Object.values(problem)) expect(text).not.toMatch(/[\u0000-\u001f\u007f-\u009f]/)
    }
  })

  test('does not change what all objects have', () => {
    checked('{"__proto__":{"polluted":1},"family":"x","messages":{"__proto__":{"fields":{"__proto__":[0,"u8"]}}}}')
    expect(({} as Record<string, unknown>)['polluted']).toBeUndefined()
  })
})

describe('whatever is not a definition', () => {
  test('is refused with problems where it is JSON', () => {
    fc.assert(
      fc.property(fc.json({ maxDepth: 6 }), text => {
        expect(checkDefinition(text, 'f').problems.length).toBeGreaterThan(0)
      }),
    )
  })

  test('and where it is not', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), text => {
        expect(checkDefinition(text, 'f').problems.length).toBeGreaterThan(0)
      }),
    )
  })
})

/** Rows of fields that mostly go together in files of that unit: they may overlap, and refer to `_n`. */
function rowsFor(unit: PlaceUnit): fc.Arbitrary<unknown> {
  const place = {
    byte: fc.oneof(fc.nat(20), fc.constantFrom('+', '+', '+1', '0.4', '3.0')),
    register: fc.oneof(fc.nat(20), fc.constantFrom('+', '+', '+1', '0.4', '3.8')),
    bit: fc.nat(20).map(n => n * 8),
    protobuf: fc.integer({ min: 2, max: 20 }),
  }[unit]
  const models = fc.constantFrom(undefined, ['one'], { two: '0.01 A' })
  const confidence = fc.constantFrom(undefined, 'guess')
  const when = fc.tuple(fc.constant('_n'), fc.constantFrom('==', '!=', '<', '>='), fc.integer({ min: 0, max: 3 }))
  const repeat = fc.oneof(fc.nat(4), fc.constant('_n'), fc.tuple(fc.constant('_n'), fc.integer({ min: -3, max: 3 })))
  const flow = unit === 'protobuf' ? {} : { when: fc.option(when, { nil: undefined }) }
  const common = { overlap: fc.constant(true), models, confidence, ...flow }
  const numbers = fc.constantFrom('u8', 'u16', 'i24be', 'u3', 'u53', 'u64', 'i64be')
  const others = fc.constantFrom('f32', 'f64be', 'bool', 'ascii4', 'hex2', 'dqle', 'hhmm', 'pf')
  const types = unit === 'protobuf' ? others : fc.oneof(others, fc.constantFrom('pascal', '@t', '@t'))
  const counted = unit === 'protobuf' ? common : { ...common, repeat }
  return fc.oneof(
    fc.tuple(
      place,
      numbers,
      fc.constantFrom('V', '0.1 A', '0.1 °C -40'),
      fc.record({ ...common, na: fc.constantFrom(undefined, 0, [0, 1]) }),
    ),
    fc.tuple(place, fc.constantFrom('u8', 'u16'), fc.record({ ...common, enum: fc.constant({ 1: 'one' }) })),
    fc.tuple(place, fc.constantFrom('u8', 'u16'), fc.record({ ...common, flags: fc.constant({ 1: 'one' }) })),
    fc.tuple(place, types, fc.record(common)),
    fc.tuple(
      place,
      fc.constantFrom('u16', 'ascii2', 'f32', ...(unit === 'protobuf' ? [] : ['@t'])),
      fc.record(counted),
    ),
  )
}

function definitions(): fc.Arbitrary<object> {
  return fc.constantFrom<PlaceUnit>('byte', 'register', 'bit', 'protobuf').chain(unit => {
    const names = fc.constantFrom('a', 'b', 'c', 'd', '_e', 'constructor', '7')
    const fields = fc
      .dictionary(names, rowsFor(unit), { minKeys: 1, maxKeys: 4 })
      .map(rows => ({ _n: [1, 'u8', { overlap: true }], ...rows }))
    const type = fc.constant({
      _n: [0, 'u8'],
      x: [1, 'u16', { confidence: 'guess' }],
      ...(unit === 'bit' ? {} : { y: ['+', 'u16', { repeat: '_n' }] }),
    })
    const types = unit === 'bit' || unit === 'protobuf' ? fc.constant({ _n: [0, 'u8'], x: [8, 'u16'] }) : type
    return fc.record({ fields, types }).map(made => ({
      family: 'x',
      unit,
      models: ['one', 'two'],
      ...(unit === 'protobuf' ? {} : { types: { t: { fields: made.types } } }),
      messages: { m: { note: '-', fields: made.fields } },
    }))
  })
}

describe('any definition that passes', TIMEOUT, () => {
  test('decodes any payload to values or a DecodeError', () => {
    let passed = 0
    const options = fc.record(
      { guesses: fc.boolean(), short: fc.constantFrom('omit' as const), base: fc.nat(8) },
      { requiredKeys: [] },
    )
    fc.assert(
      fc.property(definitions(), fc.uint8Array({ maxLength: 64 }), options, (definition, payload, how) => {
        if (checkDefinition(JSON.stringify(definition), 'f').problems.length > 0) return
        passed++
        const set = new StructSet('x', definition as Definition)
        for (const model of [undefined, 'one', 'two']) {
          try {
            set.message('m', model)!.decode(payload, how)
          } catch (error) {
            expect(error).toBeInstanceOf(DecodeError)
          }
        }
      }),
      { numRuns: 1000 },
    )
    expect(passed).toBeGreaterThan(200)
  })
})
