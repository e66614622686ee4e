import { checkExample } from './check-examples.ts'
import { checkOptions } from './check-options.ts'
import { checkPlaces } from './check-places.ts'
import { Codec } from './codec.ts'
import { compileMessage } from './compile.ts'
import { type Definition, type Example, MAX_PLACE, type MessageDefinition, type Report } from './definition.ts'
import { nearest } from './suggest.ts'

/** Room for every place that there is, in registers too. */
const MAX_BYTES = MAX_PLACE * 2

/** What is said of a message that nobody can test; it can be used all the same. */
export const NO_EXAMPLE = 'has neither an example nor a note'

/** Checks the nested types of a file, each by itself; gives whether messages may use them. */
export function checkTypes(definition: Definition, report: Report): boolean {
  let sound = true
  const noting: Report = (place, text, suggestion) => {
    sound = false
    report(place, text, suggestion)
  }
  for (const [name, { fields }] of Object.entries(definition.types ?? {})) {
    if (Object.keys(fields).length === 0) noting(`@${name}`, 'has no fields')
    checkFields(`@${name}`, { fields }, definition, noting)
  }
  return sound
}

/** Checks one message whose shape is right: fields for every model, then the examples. */
export function checkMessage(name: string, definition: Definition, report: Report): void {
  const message = definition.messages[name]!
  if ((message.unit ?? definition.unit) === 'bit' && (message.endian ?? definition.endian) === 'big') {
    report(name, '"endian" has no effect where places are bits', 'say it in each type: "u16be"')
  }
  const compiled = checkFields(name, message, definition, report)
  checkDerived(name, message, report)
  const examples = message.examples ?? []
  if (examples.length === 0 && message.note === undefined && Object.keys(message.fields).length > 0) {
    report(name, NO_EXAMPLE, 'give an example, or say in a note why there is none')
  }
  if (compiled) checkExamples(name, examples, definition, report)
}

/** Whether a message reads nested types. */
export function usesTypes({ fields }: MessageDefinition): boolean {
  return Object.values(fields).some(row => row[1].startsWith('@'))
}

/** Checks the fields for every model of the file; gives whether all could be compiled, so that examples can be tried. */
function checkFields(place: string, message: MessageDefinition, definition: Definition, report: Report): boolean {
  let compiled = true
  let problems = 0
  const say: Report = (field, text, suggestion) => {
    problems++
    report(placeOf(place, field), text, suggestion)
  }
  const unit = message.unit ?? definition.unit ?? 'byte'
  for (const [field, row] of Object.entries(message.fields)) checkOptions(field, row, unit, definition, say)
  for (const model of definition.models ?? [undefined]) {
    const before = problems
    const layout = compileMessage(definition, message, model, say)
    compiled &&= problems === before
    checkPlaces(layout, message.fields, unit, say)
    if (layout.size > MAX_BYTES) say('', `the fields take ${layout.size} bytes; no payload has more than ${MAX_BYTES}`)
    if (problems > 0) break // the other models would mostly say the same
  }
  return compiled
}

/** `message.field`; what is wrong inside a type is said of the type. */
function placeOf(message: string, field: string): string {
  const inner = /^(?:@[a-z0-9_]+\.)*(@[a-z0-9_]+\.[^@]*)$/.exec(field)
  if (inner !== null) return inner[1]!
  return field === '' ? message : `${message}.${field}`
}

function checkDerived(name: string, { fields, derived = {} }: MessageDefinition, report: Report): void {
  for (const value of Object.keys(derived)) {
    if (Object.hasOwn(fields, value)) report(`${name}.${value}`, 'is a field and a derived value')
  }
}

function checkExamples(name: string, examples: readonly Example[], definition: Definition, report: Report): void {
  const message = definition.messages[name]!
  const codecs = new Map<string | undefined, Codec>()
  const say: Report = (field, text, suggestion) => report(placeOf(name, field), text, suggestion)
  for (const [index, example] of examples.entries()) {
    const { model } = example
    const known = definition.models ?? []
    if (model !== undefined && !known.includes(model)) {
      report(name, `example ${index + 1}: there is no model ${JSON.stringify(model)}`, nearest(model, known))
      continue
    }
    const layout = () => compileMessage(definition, message, model, () => {})
    const codec = codecs.get(model) ?? new Codec(name, definition, message, layout())
    codecs.set(model, codec)
    checkExample(codec, example, index + 1, say)
  }
}
