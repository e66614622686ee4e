import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { checkDefinition } from '../../src/decode/check.ts'
import { problemLine } from '../../src/decode/problems.ts'

const page = readFileSync(join(import.meta.dirname, '../../docs/structs.md'), 'utf8')
const definitions = [...page.matchAll(/```json[^\n]*\n(\{[^`]*)```/g)].map(match => match[1]!)

function linesOf(text: string): string[] {
  return checkDefinition(text, 'my-structs/box.json').problems.map(problem => problemLine(problem.file, problem))
}

test('the definitions of docs/structs.md have no problems', () => {
  expect(definitions.length).toBe(2)
  for (const text of definitions) expect(linesOf(text)).toEqual([])
})

test('the mistake of docs/structs.md gives the lines that it prints', () => {
  const lines = linesOf(definitions[0]!.replace('[3, "i16", "0.01 A"', '[2, "i16", "0.01 A"'))
  expect(lines.length).toBeGreaterThan(1)
  for (const line of lines.slice(0, 2)) expect(page).toContain(`\n${line}\n`)
})

test('every type, option and property of the schema stands in docs/structs.md', () => {
  const schema = JSON.parse(readFileSync(join(import.meta.dirname, '../../structs/struct.schema.json'), 'utf8'))
  const levels = [schema, schema.$defs.message, schema.$defs.options, schema.$defs.example]
  for (const name of levels.flatMap(({ properties }) => Object.keys(properties))) expect(page).toContain(`\`${name}\``)
})
