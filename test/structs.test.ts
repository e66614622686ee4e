import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { checkDefinition } from '../src/decode/check.ts'
import type { Codec } from '../src/decode/codec.ts'
import type { Definition, Example } from '../src/decode/definition.ts'
import { problemLine } from '../src/decode/problems.ts'
import { StructSet } from '../src/decode/struct-set.ts'
import { STRUCTS } from './fake-io.ts'

// The examples of a definition are its tests: whoever adds a message adds them there, and nothing here.

const files = readdirSync(STRUCTS).filter(file => file.endsWith('.json') && file !== 'struct.schema.json')

describe.each(files)('structs/%s', file => {
  const text = readFileSync(join(STRUCTS, file), 'utf8')
  const definition = JSON.parse(text) as Definition
  const set = new StructSet(file.replace('.json', ''), definition)
  const examples = Object.entries(definition.messages).flatMap(([name, message]) =>
    (message.examples ?? []).map((example, i) => ({ title: `${name}, example ${i + 1}`, name, example })),
  )

  test('has no problems', () => {
    expect(checkDefinition(text, file).problems.map(problem => problemLine(file, problem))).toEqual([])
  })

  test.each(examples)('$title decodes as it says', ({ name, example }) => {
    const codec = set.message(name, example.model)!
    expect(decoded(codec, Buffer.from(example.hex, 'hex'), example)).toEqual(example.expect)
  })

  test.each(examples.filter(({ name, example }) => isReversible(set.message(name, example.model)!, example)))(
    '$title is written and read again',
    ({ name, example }) => {
      const codec = set.message(name, example.model)!
      const values = codec.decode(Buffer.from(example.hex, 'hex'), optionsOf(example))
      const first = (example.base ?? 0) * ((codec.message.unit ?? definition.unit) === 'register' ? 2 : 1)
      const end = example.base === undefined ? undefined : first + example.hex.length / 2 // the window, not all the map
      expect(decoded(codec, codec.encode(values).subarray(first, end), example)).toEqual(example.expect)
    },
  )
})

function optionsOf({ base, short }: Example) {
  return {
    guesses: true,
    ...(base === undefined ? {} : { base }),
    ...(short === true ? { short: 'omit' as const } : {}),
  }
}

/** Values as JSON has them: a whole number beyond 2^53 is a text. */
function decoded(codec: Codec, payload: Uint8Array, example: Example): unknown {
  const values = codec.decode(payload, optionsOf(example))
  return JSON.parse(JSON.stringify(values, (_, value) => (typeof value === 'bigint' ? String(value) : value)))
}

/**
 * Whether all that decides about the payload is published: a condition on a hidden field cannot be known from the
 * values, nor can the type of a protobuf field without a name.
 */
function isReversible(codec: Codec, { expect: values, short }: Example): boolean {
  const { fields } = codec.layout
  const counts = new Set(fields.map(field => field.repeat?.slot))
  const known = Object.keys(values).every(name => fields.some(field => field.name === name))
  return short !== true && known && fields.every(field => field.published || counts.has(field.slot))
}
