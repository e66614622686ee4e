import { MAX_REPEAT } from './definition.ts'
import { isObject, list, matching, number, object, oneOf, type Rule, row, table, text, truth, whole } from './rules.ts'

/** Letters, digits and what else people write; no control characters, nothing that begins like a hidden name. */
export const FIELD_NAME = /^_?[A-Za-z0-9][^\u0000-\u001f\u007f-\u009f]*$/
/** Names of enumerations, flag tables and nested types. */
export const WORD = /^[a-z][a-z0-9_]*$/
/** Names of models. */
export const MODEL = /^[A-Za-z0-9][A-Za-z0-9_.-]*$/

const MAX_FIELDS = 1000
const MAX_ENTRIES = 4096
const MAX_NOTE = 2000

export const note = text(MAX_NOTE)
export const label = text(200)
/** The length of the longest name, type or quantity that is looked at further. */
export const short = text(64)
export const fieldName = matching(FIELD_NAME, 'a letter or digit (behind a _ or not), then no control characters')
export const modelName = matching(MODEL, 'a word: letters, digits, . _ -', 40)
export const tableName = matching(WORD, 'a word in lower case: letters, digits, _', 60)

/** Texts of an enumeration's values. */
export const texts: Rule = table(wholeKey(-Number.MAX_SAFE_INTEGER, Number.MAX_SAFE_INTEGER), label, MAX_ENTRIES)
/** Names of a flag word's bits. */
export const bitNames: Rule = table(wholeKey(0, 52), label, MAX_ENTRIES)

function wholeKey(least: number, most: number): Rule {
  return (key, spot) => {
    const value = Number(key)
    const fits =
      typeof key === 'string' && key.trim() !== '' && Number.isInteger(value) && value >= least && value <= most
    if (fits && String(value) === key) return
    const what = least < 0 ? 'a whole number in decimal' : `a whole number from ${least} to ${most}`
    spot.expected(what, key, fits ? `write ${JSON.stringify(String(value))}` : undefined)
  }
}

const COMPARISONS = ['==', '!=', '<', '<=', '>', '>=']

const textsOrName: Rule = (value, spot) => (isObject(value) ? texts(value, spot) : tableName(value, spot))
const bitNamesOrName: Rule = (value, spot) => (isObject(value) ? bitNames(value, spot) : tableName(value, spot))
const markers: Rule = (value, spot) => (Array.isArray(value) ? list(number, 1, 16)(value, spot) : number(value, spot))
const models: Rule = (value, spot) => {
  if (Array.isArray(value)) list(modelName, 1, 16)(value, spot)
  else if (isObject(value)) table(modelName, short, 16)(value, spot)
  else spot.expected('a list of models, or an object with a quantity for each', value)
}
const repeat: Rule = (value, spot) => {
  if (typeof value === 'string') fieldName(value, spot)
  else if (typeof value === 'number') whole(0, MAX_REPEAT)(value, spot)
  else row([fieldName, whole(-MAX_REPEAT, MAX_REPEAT)], 2, 'a number, a field, or [field, number to add]')(value, spot)
}

/** What describes a value to people and programs. */
const DESCRIPTION = {
  label,
  kind: matching(WORD, 'a word in lower case: voltage, power, battery ...', 60),
  state: oneOf(['measurement', 'total', 'total_increasing']),
  category: oneOf(['diagnostic', 'config']),
  confidence: oneOf(['documented', 'observed', 'guess']),
  note,
}

/** The options of a field. */
export const OPTIONS: Readonly<Record<string, Rule>> = {
  ...DESCRIPTION,
  path: label,
  enum: textsOrName,
  flags: bitNamesOrName,
  na: markers,
  repeat,
  when: row([fieldName, oneOf(COMPARISONS), number], 3, '[field, operator, number]'),
  models,
  overlap: truth,
  trim: truth,
}

/** The options of a derived value. */
export const DERIVED_OPTIONS: Readonly<Record<string, Rule>> = DESCRIPTION

const options = object(OPTIONS)
const place: Rule = (value, spot) => {
  if (typeof value === 'string') short(value, spot)
  else if (typeof value !== 'number') spot.expected('a number, or a text such as "5.8" or "+"', value)
}

/** `[at, type, quantity?, options?]`; what the texts mean is for the compiler. */
const fieldRow: Rule = (value, spot) => {
  if (!Array.isArray(value) || value.length < 2 || value.length > 4) {
    spot.expected('[place, type, quantity, options], the last two as needed', value)
    return
  }
  const [at, type, third, fourth] = value as readonly unknown[]
  place(at, spot.in('the place'))
  short(type, spot.in('the type'))
  if (value.length > 2 && isObject(third)) options(third, spot)
  else if (value.length > 2) short(third, spot.in('the quantity'))
  if (value.length === 4 && isObject(third)) spot.refuse('nothing may follow the options')
  else if (value.length === 4) options(fourth, spot.in('the options'))
}

/** The fields of a message or of a type, each a place of its own for problems. */
export const fields: Rule = table(fieldName, fieldRow, MAX_FIELDS, (spot, key) => spot.at(`${spot.place}.${key}`))

/** The derived values of a message. */
export const derived: Rule = table(
  fieldName,
  row([text(64, 0), object(DERIVED_OPTIONS)], 1, '[unit, options]'),
  MAX_FIELDS,
  (spot, key) => spot.at(`${spot.place}.${key}`),
)
