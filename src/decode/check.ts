import { StructError } from '../core/errors.ts'
import { checkMessage, checkTypes, NO_EXAMPLE, usesTypes } from './check-message.ts'
import { compileMessage } from './compile.ts'
import type { Definition, MessageDefinition, Problem, Report } from './definition.ts'
import { parseJson } from './json.ts'
import type { Checker } from './library.ts'
import { type FieldPlan, FORM } from './plan.ts'
import { Enough, ProblemList, problemLine } from './problems.ts'
import { keysOf, keyTexts } from './struct-set.ts'
import { type Validated, validate } from './validate.ts'

/** What checking found; a definition only where it can be used. */
export interface Checked {
  readonly definition?: Definition
  readonly problems: readonly FileProblem[]
}

/** A problem and the file that has it. */
export interface FileProblem extends Problem {
  readonly file: string
}

/** Reads a definition that a stranger wrote and checks all of it: syntax, shape, meaning, examples. Never throws. */
export function checkDefinition(text: string, file: string): Checked {
  const list = new ProblemList()
  let definition: Definition | undefined
  try {
    definition = check(text, list)
  } catch (error) {
    if (!(error instanceof Enough)) throw error
  }
  const problems = list.problems.map(problem => ({ file, ...problem }))
  const usable = problems.every(problem => problem.text === NO_EXAMPLE)
  return definition === undefined || !usable ? { problems } : { definition, problems }
}

/** The definition of a file, examples or none; throws `StructError` with every problem on a line of its own. */
export const checkedDefinition: Checker = (text, file) => {
  const { definition, problems } = checkDefinition(text, file)
  if (definition !== undefined) return definition
  throw new StructError(problems.map(problem => problemLine(file, problem)).join('\n'), { file, problems })
}

const MAX_CHARACTERS = 4 << 20
/** Fields to compile, over all messages and models: several times what the largest register map needs. */
const MAX_WORK = 50_000
const MAX_EXAMPLES = 1000

function check(text: string, list: ProblemList): Definition | undefined {
  const { report } = list
  if (text.length > MAX_CHARACTERS) {
    report('', `${Math.ceil(text.length / 1e6)} million characters are too many; at most 4 million are allowed`)
    return undefined
  }
  const { value, problems } = parseJson(text)
  for (const { line, column, text, suggestion } of problems) report(`line ${line}, column ${column}`, text, suggestion)
  const validated = value === undefined ? undefined : validate(value, report)
  if (validated === undefined || isTooMuch(validated, report)) return undefined
  const { definition, sound } = validated
  const types = checkTypes(definition, report)
  for (const name of sound) {
    if (types || !usesTypes(definition.messages[name]!)) checkMessage(name, definition, report)
  }
  checkKeys(definition, sound, report)
  return definition
}

/** Whether there is more of it than a definition has; then nothing else is looked at. */
function isTooMuch({ definition, sound }: Validated, report: Report): boolean {
  const types = Object.values(definition.types ?? {})
  const inTypes = types.reduce((sum, { fields }) => sum + Object.keys(fields).length, 0)
  const messages = sound.map(name => definition.messages[name]!)
  const work = (message: MessageDefinition) => Object.keys(message.fields).length + (usesTypes(message) ? inTypes : 0)
  const inAll = messages.reduce((sum, message) => sum + work(message), types.length * inTypes)
  const examples = messages.reduce((sum, message) => sum + (message.examples?.length ?? 0), 0)
  const models = definition.models?.length ?? 1
  if (inAll * models > MAX_WORK) report('', `there are more than ${MAX_WORK} fields, counted for each model`)
  if (examples > MAX_EXAMPLES) report('', `there are ${examples} examples; at most ${MAX_EXAMPLES} are allowed`)
  return inAll * models > MAX_WORK || examples > MAX_EXAMPLES
}

/** Reports keys that two messages claim, and such as no payload can have. */
function checkKeys(definition: Definition, sound: readonly string[], report: Report): void {
  const owners = new Map<string, string>()
  const possible = keyField(definition, report)
  for (const name of sound) {
    for (const key of keysOf(definition.messages[name]!)) {
      const owner = owners.get(key)
      const claim = owner === name ? 'it says already' : `${owner} does`
      if (owner !== undefined) report(name, `matches ${JSON.stringify(key)}, as ${claim}`)
      owners.set(key, owner ?? name)
      const spellings = possible === undefined ? [key] : keyTexts(possible, Number(key) % 2 ** possible.bits)
      if (!spellings.includes(key)) impossible(name, key, spellings[0]!, report)
    }
  }
}

function impossible(name: string, key: string, spelling: string, report: Report): void {
  const suggestion = /^0x[0-9a-f]+$/.test(spelling) ? `write ${JSON.stringify(spelling)}` : 'see the "key" of the file'
  report(name, `no payload has the key ${JSON.stringify(key)}`, suggestion)
}

/** The field that says which message a payload is, where it is a whole number. */
function keyField(definition: Definition, report: Report): FieldPlan | undefined {
  if (definition.key === undefined) return undefined
  const layout = compileMessage(definition, { fields: { key: definition.key } }, undefined, (_, text, suggestion) =>
    report('', `"key": ${text}`, suggestion),
  )
  const field = layout.fields[0]
  return field?.form === FORM.int ? field : undefined
}
