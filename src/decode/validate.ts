import type { Definition, Report } from './definition.ts'
import { MAX_PLACE } from './definition.ts'
import { isObject, list, matching, object, oneOf, type Rule, row, Spot, table, text, truth, whole } from './rules.ts'
import { bitNames, derived, fields, label, modelName, note, short, tableName, texts } from './validate-field.ts'

const MAX_MESSAGES = 2000
const MAX_TABLES = 500
const MAX_EXAMPLES = 100
/** Each model is compiled and checked for itself. */
const MAX_MODELS = 16

const endian = oneOf(['little', 'big'])
const unit = oneOf(['byte', 'register', 'bit', 'protobuf'])
const key = label
const keys: Rule = (value, spot) => (Array.isArray(value) ? list(key, 0, 200)(value, spot) : key(value, spot))

const hex: Rule = (value, spot) => {
  if (typeof value !== 'string') spot.expected('a text of hex digits', value)
  else if (value.length > MAX_PLACE * 2) spot.refuse(`has more than ${MAX_PLACE} bytes`)
  else if (!/^[0-9A-Fa-f]*$/.test(value)) spot.expected('hex digits without spaces', value)
  else if (value.length % 2 !== 0) spot.refuse(`has ${value.length} digits, an odd number`)
}

const anyObject: Rule = (value, spot) => {
  if (!isObject(value)) spot.expected('an object of values by name', value)
}

/** The properties of an example. */
export const EXAMPLE: Readonly<Record<string, Rule>> = {
  from: note,
  hex,
  expect: anyObject,
  model: modelName,
  base: whole(0, MAX_PLACE),
  short: truth,
}

/** The properties of a message. */
export const MESSAGE: Readonly<Record<string, Rule>> = {
  match: keys,
  title: label,
  note,
  unit,
  endian,
  sample: whole(1, 1_000_000),
  fields,
  derived,
  examples: list(object(EXAMPLE, ['hex', 'expect']), 0, MAX_EXAMPLES, 'example'),
}

/** The properties of a nested type. */
export const TYPE: Readonly<Record<string, Rule>> = { fields }

const messageName = matching(
  /^[^_\u0000-\u001f\u007f-\u009f][^\u0000-\u001f\u007f-\u009f]*$/,
  'a text that does not begin with _ and holds no control characters',
)

/** The properties of a definition file. */
export const FILE: Readonly<Record<string, Rule>> = {
  $schema: text(500),
  family: matching(/^[a-z0-9][a-z0-9-]*$/, 'a word in lower case: letters, digits, -', 60),
  title: label,
  note,
  endian,
  wordOrder: endian,
  unit,
  key: row([whole(0, MAX_PLACE - 1), short], 2, '[place, type]'),
  models: list(modelName, 1, MAX_MODELS),
  enums: table(tableName, texts, MAX_TABLES),
  flags: table(tableName, bitNames, MAX_TABLES),
  types: table(tableName, object(TYPE, ['fields']), MAX_TABLES, (spot, name) => spot.at(`@${name}`)),
  messages: () => {}, // one by one below, so that one broken message does not hide what is wrong with the others
}

const file = object(FILE, ['family', 'messages'])
const message = object(MESSAGE, ['fields'])

/** What of a file has the right shape. */
export interface Validated {
  readonly definition: Definition
  /** Messages that the compiler may look at. */
  readonly sound: readonly string[]
}

/**
 * Settles the shape of a parsed file: properties and their types, names, sizes. What the texts say (types, places,
 * quantities, references) is for the compiler. Gives nothing where that has no ground to stand on.
 */
export function validate(value: unknown, report: Report): Validated | undefined {
  const spot = new Spot(report)
  if (!isObject(value)) {
    spot.in('the definition').expected('an object', value)
    return undefined
  }
  file(value, spot)
  const solid = spot.broken === 0
  const sound: string[] = []
  for (const [name, element] of messageEntries(value, spot)) {
    const before = spot.broken
    messageName(name, spot.at(name).in('the name'))
    message(element, spot.at(name))
    if (spot.broken === before) sound.push(name)
  }
  return solid ? { definition: value as unknown as Definition, sound } : undefined
}

function messageEntries(value: Readonly<Record<string, unknown>>, spot: Spot): [string, unknown][] {
  const messages = Object.hasOwn(value, 'messages') ? value['messages'] : {}
  const entries = isObject(messages) ? Object.entries(messages) : undefined
  if (entries === undefined) spot.in('"messages"').expected('an object', messages)
  else if (entries.length > MAX_MESSAGES)
    spot.refuse(`there are ${entries.length} messages; at most ${MAX_MESSAGES} are allowed`)
  else return entries
  return []
}
