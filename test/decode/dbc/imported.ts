import { checkDefinition } from '../../../src/decode/check.ts'
import { NO_EXAMPLE } from '../../../src/decode/check-message.ts'
import { type Finding, Findings } from '../../../src/decode/dbc/findings.ts'
import { parseDbc } from '../../../src/decode/dbc/parse.ts'
import { definitionOf } from '../../../src/decode/dbc/to-definition.ts'
import type { Definition } from '../../../src/decode/definition.ts'
import { definitionText } from '../../../src/decode/definition-text.ts'
import { StructSet } from '../../../src/decode/struct-set.ts'

/** What became of a DBC file. */
export interface Imported {
  readonly definition: Definition
  readonly broken: readonly string[]
  readonly remarks: readonly string[]
  /** What `structs check` says of the definition. */
  readonly problems: readonly string[]
  /** Values of a message's payload, in hex. */
  decode(key: string, hex: string): Readonly<Record<string, unknown>>
}

/** Makes a definition of a DBC file as `structs import` does. */
export function imported(text: string): Imported {
  const findings = new Findings()
  const definition = definitionOf(parseDbc(text, findings), { family: 'car', source: 'car.dbc' }, findings)
  const json = definitionText(definition, '../structs/struct.schema.json')
  const problems = checkDefinition(json, 'car.json').problems.filter(problem => problem.text !== NO_EXAMPLE)
  const said = (list: readonly Finding[]) => list.map(({ line, text }) => `${line}: ${text}`)
  return {
    definition,
    broken: said(findings.broken),
    remarks: said(findings.remarks),
    problems: problems.map(({ place, text }) => `${place}: ${text}`),
    decode: (key, hex) => {
      const structs = new StructSet('car', JSON.parse(json))
      return structs.codec([key])!.decode(Buffer.from(hex, 'hex'), { short: 'omit' })
    },
  }
}

/** A file with these statements behind the usual beginning, which has 6 lines. */
export function dbc(...lines: readonly string[]): string {
  return ['VERSION "1.0"', '', 'NS_ :', '\tCM_', '\tVAL_', 'BS_:', ...lines, ''].join('\n')
}
