import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { parseJson } from '../../src/decode/json.ts'

/** The only problem of a text, as `line:column text; suggestion`. */
function problemOf(text: string): string {
  const { value, problems } = parseJson(text)
  expect(value).toBeUndefined()
  const { line, column, text: what, suggestion } = problems.at(-1)!
  return `${line}:${column} ${what}${suggestion === undefined ? '' : `; ${suggestion}`}`
}

describe('parseJson', () => {
  test('reads what JSON.parse reads, whatever the layout', () => {
    fc.assert(
      fc.property(fc.jsonValue({ maxDepth: 5 }), fc.constantFrom(0, 1, '\t', '\r\n'), (value, space) => {
        const text = JSON.stringify(value, null, space).replaceAll('\n', '\r\n')
        const parsed = parseJson(text)
        expect(parsed.problems).toEqual([])
        expect(JSON.stringify(parsed.value)).toBe(JSON.stringify(JSON.parse(text)))
      }),
    )
  })

  test('accepts and refuses what JSON.parse does, character by character', () => {
    const pieces = fc.constantFrom(
      ...'{}[]:,"\\-+.eE01 \n\tunf',
      'true',
      'null',
      '"a"',
      '\\u0041',
      '1.5',
      '\u0001',
      '"__proto__"',
    )
    fc.assert(
      fc.property(fc.array(pieces, { maxLength: 12 }), parts => {
        const text = parts.join('')
        const { value, problems } = parseJson(text)
        let expected: unknown
        try {
          expected = JSON.parse(text)
        } catch {
          expect(value).toBeUndefined()
          expect(problems.length).toBeGreaterThan(0)
          return
        }
        expect(JSON.stringify(value)).toBe(JSON.stringify(expected))
      }),
      { numRuns: 3000 },
    )
  })

  test('keeps odd names as properties, and prototypes out of reach', () => {
    const { value } = parseJson('{ "__proto__": { "a": 1 }, "constructor": 2, "toString": 3 }')
    expect(Object.keys(value as object)).toEqual(['__proto__', 'constructor', 'toString'])
    expect(Object.getPrototypeOf(value)).toBe(Object.prototype)
    expect(({} as Record<string, unknown>)['a']).toBeUndefined()
  })

  test('reports names that stand twice, and where', () => {
    const { value, problems } = parseJson('{ "a": 1,\n  "b": { "x": 1, "x": 2 },\n  "a": 3 }')
    expect(value).toEqual({ a: 3, b: { x: 2 } })
    expect(problems).toMatchObject([
      { line: 2, column: 18, text: '"x" stands here a second time' },
      { line: 3, column: 3, text: '"a" stands here a second time' },
    ])
  })

  test('lists at most 200 of them', () => {
    expect(parseJson(`{${'"a":1,'.repeat(1000)}"a":1}`).problems.length).toBe(200)
  })

  test.each([
    ['', '1:1 the file ends where a value should be'],
    ['{\n  "a": 1,\n}', '3:1 there is "}" where a name in double quotes should be; remove the comma before it'],
    ['[1, 2,]', '1:7 there is "]" where a value should be; remove the comma before it'],
    ['{ "a" 1 }', '1:7 there is "1" where a colon should be'],
    ['{ "a": 1\n  "b": 2 }', '2:3 there is "\\"" where a comma or } should be'],
    ["{ 'a': 1 }", `1:3 there is "'" where a name in double quotes should be; texts stand in double quotes`],
    ['{ a: 1 }', '1:3 there is "a" where a name in double quotes should be'],
    ['[1] // x', '1:5 there is "/" where the end of the file should be; JSON has no comments; say it in a "note"'],
    ['[NaN]', '1:2 there is "N" where a value should be; JSON knows no NaN'],
    ['[0x1f]', '1:2 numbers are decimal and begin with no 0; write 31, not 0x1f or 031'],
    ['[007]', '1:2 numbers are decimal and begin with no 0; write 31, not 0x1f or 031'],
    ['[1e999]', '1:2 1e999 is too large a number'],
    ['["abc', '1:6 the file ends within a text; add the closing double quote'],
    ['["abc\n"]', '1:6 a line ends within a text; add the closing double quote, or write \\n'],
    ['["a\tb"]', '1:4 a text holds a control character; write \\u0009'],
    ['["C:\\x"]', '1:5 a backslash begins no known escape; write a backslash twice'],
    ['\ufeff{}', '1:1 there is "\ufeff" where a value should be; save the file without a byte order mark'],
  ])('says where %j is wrong', (text, problem) => expect(problemOf(text)).toBe(problem))

  test('does not run out of stack', () => {
    for (const text of ['['.repeat(1_000_000), '{"a":'.repeat(500_000)]) {
      expect(problemOf(text)).toContain('lists and objects are nested more than 64 deep')
    }
  })
})
