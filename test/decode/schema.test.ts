import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { checkDefinition } from '../../src/decode/check.ts'
import { EXAMPLE, FILE, MESSAGE, TYPE, validate } from '../../src/decode/validate.ts'
import { DERIVED_OPTIONS, OPTIONS } from '../../src/decode/validate-field.ts'
import { STRUCTS } from '../fake-io.ts'
import { accepts } from './json-schema.ts'

const schema = JSON.parse(readFileSync(join(STRUCTS, 'struct.schema.json'), 'utf8'))

// everything that the format has, once; every property occurs, so mutations reach all of it
const everything = {
  $schema: './struct.schema.json',
  family: 'x',
  title: 'All of it',
  note: 'for tests',
  endian: 'big',
  wordOrder: 'little',
  unit: 'byte',
  key: [0, 'u8'],
  models: ['one', 'two'],
  enums: { mode: { 0: 'off', '-1': 'down' } },
  flags: { faults: { 0: 'comm', 15: 'fan' } },
  types: { cell: { fields: { v: [0, 'u16', '0.001 V'] } } },
  messages: {
    m: {
      match: ['0x01', '2'],
      title: 'One',
      note: 'no capture',
      unit: 'byte',
      endian: 'little',
      sample: 10,
      fields: {
        a: [
          0,
          'u8',
          'V',
          { label: 'A', kind: 'voltage', state: 'measurement', category: 'diagnostic', note: 'n', path: 'p.a' },
        ],
        b: ['0.4', 'u4', { overlap: true, confidence: 'guess' }],
        _n: ['+2', 'u8'],
        cells: ['+', '@cell', { repeat: ['_n', -1] }],
        more: ['+', 'u8', { repeat: '_n' }],
        two: ['+', 'u8', { repeat: 2, when: ['_n', '>', 2] }],
        mode: ['+', 'i8', { enum: 'mode', na: 127 }],
        own: ['+', 'u8', { enum: { 1: 'on' }, na: [254, 255] }],
        faults: ['+', 'u16', { flags: 'faults' }],
        bits: ['+', 'u8', { flags: { 1: 'on' } }],
        text: ['+', 'ascii4', { trim: false, models: ['one'] }],
        amps: ['+', 'u16', '0.1 A', { models: { two: '0.01 A' } }],
      },
      derived: {
        p: ['0.1 W', { label: 'P', kind: 'power', state: 'total', category: 'config', confidence: 'guess', note: 'n' }],
        q: [''],
      },
      examples: [{ from: 'made up', hex: '', expect: {}, model: 'one', base: 0, short: true }],
    },
  },
}

function shapeProblems(value: unknown): number {
  let count = 0
  validate(value, () => count++)
  return count
}

describe('the schema for editors and the validator', () => {
  test.each([
    ['the file', FILE, schema.properties],
    ['a message', MESSAGE, schema.$defs.message.properties],
    ['a type', TYPE, schema.properties.types.additionalProperties.properties],
    ['options', OPTIONS, schema.$defs.options.properties],
    ['options of derived values', DERIVED_OPTIONS, schema.$defs.derivedOptions.properties],
    ['an example', EXAMPLE, schema.$defs.example.properties],
  ])('name the same properties of %s', (_, rules, properties) => {
    expect(Object.keys(rules).sort()).toEqual(Object.keys(properties).sort())
  })

  test('describe every property', () => {
    for (const level of [
      schema.properties,
      schema.$defs.message.properties,
      schema.$defs.options.properties,
      schema.$defs.example.properties,
    ]) {
      for (const [name, property] of Object.entries<{ description?: string; $ref?: string }>(level)) {
        const target = property.$ref === undefined ? property : schema.$defs[property.$ref.slice('#/$defs/'.length)]
        expect(property.description ?? target.description, name).toBeTypeOf('string')
      }
    }
  })

  test('accept every built-in definition, and the one that has everything', () => {
    const files = readdirSync(STRUCTS).filter(file => file.endsWith('.json') && file !== 'struct.schema.json')
    for (const file of files)
      expect(accepts(schema, JSON.parse(readFileSync(join(STRUCTS, file), 'utf8'))), file).toBe(true)
    expect(accepts(schema, everything)).toBe(true)
    expect(shapeProblems(everything)).toBe(0)
  })

  test('agree about definitions with something wrong in them', () => {
    fc.assert(
      fc.property(mutations(), definition => {
        const accepted = accepts(schema, definition)
        if (accepted) expect(shapeProblems(definition)).toBe(0)
        const { problems } = checkDefinition(JSON.stringify(definition), 'f')
        if (problems.length === 0) expect(accepted).toBe(true)
      }),
      { numRuns: 1000 },
    )
  })
})

/** `everything` with one value replaced, one property renamed, or one left out. */
function mutations(): fc.Arbitrary<unknown> {
  const value = fc.oneof(
    fc.jsonValue({ maxDepth: 1 }),
    fc.constantFrom<unknown>(
      0,
      1,
      2,
      4096,
      4097,
      -1,
      1.5,
      53,
      131071,
      131072,
      '',
      'one',
      'mode',
      'u8',
      'u65',
      'V',
      '+',
      '5.8',
      '5.x',
      '@cell',
    ),
    fc.constantFrom<unknown>(
      [],
      {},
      ['one'],
      [0, 'u8'],
      [0, 'u8', 'V'],
      [0, 'u8', {}, {}],
      ['n', '>', 1],
      ['n', 1],
      { 1: 'a' },
      { x: 'a' },
    ),
    fc.constantFrom<unknown>(
      'a\u0007',
      '\u0085',
      'x'.repeat(64),
      'x'.repeat(65),
      'x'.repeat(201),
      '00',
      '0',
      '0g',
      null,
      true,
    ),
  )
  const key = fc.constantFrom(
    'a',
    '_a',
    '__proto__',
    ' a',
    'label',
    '1',
    '01',
    '-1',
    '0x1',
    'a-b',
    'A',
    'x'.repeat(101),
    '',
  )
  return fc
    .tuple(fc.nat(10_000), fc.constantFrom('value', 'key', 'drop'), value, key)
    .map(([at, what, replacement, name]) => {
      const copy = structuredClone(everything) as unknown
      const places = placesIn(copy)
      const { parent, index } = places[at % places.length]!
      if (what === 'value') parent[index] = replacement
      else if (Array.isArray(parent)) parent.splice(Number(index), 1)
      else {
        const old = parent[index]
        delete parent[index]
        if (what === 'key')
          Object.defineProperty(parent, name, { value: old, enumerable: true, configurable: true, writable: true })
      }
      return copy
    })
}

interface Slot {
  readonly parent: Record<string, unknown>
  readonly index: string
}

function placesIn(value: unknown): Slot[] {
  if (typeof value !== 'object' || value === null) return []
  const parent = value as Record<string, unknown>
  return Object.keys(parent).flatMap(index => [{ parent, index }, ...placesIn(parent[index])])
}
