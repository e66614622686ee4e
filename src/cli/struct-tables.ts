import type { ChalkInstance } from 'chalk'
import { optionsOf } from '../decode/compile.ts'
import type { Definition, FieldOptions, FieldRow, MessageDefinition, PlaceUnit } from '../decode/definition.ts'
import { keysOf, type StructSet } from '../decode/struct-set.ts'
import { table } from './table.ts'

/** One definition file in a line of `structs list`. */
export interface Summary {
  readonly name: string
  readonly title: string
  readonly messages: number
  /** Published fields of all messages. */
  readonly fields: number
}

/** Counts what a definition has. */
export function summaryOf({ name, definition }: StructSet): Summary {
  const messages = Object.values(definition.messages)
  const published = messages.flatMap(({ fields }) => Object.keys(fields).filter(field => !field.startsWith('_')))
  return { name, title: definition.title ?? '', messages: messages.length, fields: published.length }
}

/** The table of `structs list`. */
export function listTable(summaries: readonly Summary[], chalk: ChalkInstance): string {
  return table(
    [
      { title: 'NAME', paint: chalk.bold },
      { title: 'TITLE' },
      { title: 'MESSAGES', right: true },
      { title: 'FIELDS', right: true },
    ],
    summaries.map(({ name, title, messages, fields }) => [name, title, String(messages), String(fields)]),
  )
}

/** The tables of `structs show`: the file, its messages, and the nested types that they use. */
export function showTables({ name, definition }: StructSet, messages: readonly string[], chalk: ChalkInstance): string {
  const parts = [heading(name, definition, [], chalk)]
  const types = new Set<string>()
  for (const message of messages) {
    const { [message]: shown } = definition.messages
    parts.push(heading(message, shown!, aboutLines(shown!, definition), chalk) + fieldTable(shown!, definition, chalk))
    collectTypes(shown!.fields, definition, types)
  }
  for (const type of types) {
    const { fields } = definition.types![type]!
    parts.push(heading(`@${type}`, {}, [], chalk) + fieldTable({ fields }, definition, chalk))
  }
  return parts.join('\n')
}

function heading(
  name: string,
  { title, note }: Pick<MessageDefinition, 'title' | 'note'>,
  lines: readonly string[],
  chalk: ChalkInstance,
): string {
  const head = title === undefined ? chalk.bold(name) : `${chalk.bold(name)}  ${title}`
  const below = note === undefined ? lines : [...lines, note]
  return [head, ...below.map(line => `  ${chalk.dim(line)}`), ''].join('\n')
}

function aboutLines(message: MessageDefinition, definition: Definition): string[] {
  const keys = keysOf(message)
  const places = PLACES[message.unit ?? definition.unit ?? 'byte']
  return [
    ...(keys.length === 0 ? [] : [`matches ${keys.join(', ')}`]),
    ...(places === '' ? [] : [`places are ${places}`]),
  ]
}

const PLACES: Readonly<Record<PlaceUnit, string>> = {
  byte: '',
  register: 'registers',
  bit: 'DBC bit numbers',
  protobuf: 'protobuf field numbers',
}

function fieldTable({ fields, derived = {} }: MessageDefinition, definition: Definition, chalk: ChalkInstance): string {
  const rows = [
    ...Object.entries(fields).map(([name, row]) => cells(name, row, definition)),
    ...Object.entries(derived).map(([name, [unit, options = {}]]) => ['', 'derived', unit, name, ...said(options, '')]),
  ]
  if (rows.length === 0) return `  ${chalk.dim('no fields')}\n`
  const columns = [
    { title: 'PLACE', right: true },
    { title: 'TYPE' },
    { title: 'QUANTITY' },
    { title: 'NAME', paint: chalk.cyan },
    { title: 'LABEL' },
    { title: 'CONFIDENCE', paint: (text: string) => (text.startsWith('guess') ? chalk.yellow(text) : chalk.dim(text)) },
    { title: 'NOTE' },
  ]
  return table(columns, rows, '  ')
}

function cells(name: string, row: FieldRow, definition: Definition): string[] {
  const options = optionsOf(row)
  const { repeat } = options
  const count = repeat === undefined ? '' : ` x ${Array.isArray(repeat) ? countText(repeat[0], repeat[1]) : repeat}`
  const quantity = typeof row[2] === 'string' ? row[2] : ''
  return [String(row[0]), row[1] + count, quantity, name, ...said(options, meaning(options, definition))]
}

function countText(name: string, add: number): string {
  return add < 0 ? `(${name} - ${-add})` : `(${name} + ${add})`
}

function said({ label = '', confidence = 'documented', note = '' }: FieldOptions, more: string): string[] {
  return [label, confidence, [note, more].filter(text => text !== '').join('; ')]
}

/** The options that say how a number is to be taken, in words. */
function meaning({ enum: values, flags, na, when, models }: FieldOptions, definition: Definition): string {
  const texts = typeof values === 'string' ? definition.enums?.[values] : values
  const bits = typeof flags === 'string' ? definition.flags?.[flags] : flags
  return [
    ...(texts === undefined ? [] : [entries(texts, '')]),
    ...(bits === undefined ? [] : [entries(bits, 'bit ')]),
    ...(na === undefined ? [] : [`not available: ${[na].flat().join(', ')}`]),
    ...(when === undefined ? [] : [`when ${when.join(' ')}`]),
    ...(models === undefined ? [] : [modelsText(models)]),
  ].join('; ')
}

/** A long table is in the file, and in `--json`. */
const MAX_ENTRIES = 8

function entries(texts: Readonly<Record<string, string>>, before: string): string {
  const all = Object.entries(texts).map(([number, text]) => `${before}${number} ${text}`)
  const more = all.length > MAX_ENTRIES ? [`and ${all.length - MAX_ENTRIES} more`] : []
  return [...all.slice(0, MAX_ENTRIES), ...more].join(', ')
}

function modelsText(models: NonNullable<FieldOptions['models']>): string {
  if (Array.isArray(models)) return `only ${models.join(', ')}`
  return Object.entries(models)
    .map(([model, quantity]) => `${model}: ${quantity}`)
    .join(', ')
}

function collectTypes(fields: MessageDefinition['fields'], definition: Definition, into: Set<string>): void {
  for (const [, type] of Object.values(fields)) {
    const name = type.slice(1)
    if (!type.startsWith('@') || into.has(name) || !Object.hasOwn(definition.types ?? {}, name)) continue
    into.add(name)
    collectTypes(definition.types![name]!.fields, definition, into)
  }
}

/** What `structs show --json` says: the definition, places and options by name. */
export function showDocument({ name, definition }: StructSet, messages: readonly string[]): unknown {
  const { family, title, note, enums, flags, types = {} } = definition
  const used = new Set<string>()
  for (const message of messages) collectTypes(definition.messages[message]!.fields, definition, used)
  const shownTypes = Object.fromEntries([...used].map(type => [type, fieldList(types[type]!.fields)]))
  return {
    ...{ name, family, title, note, enums, flags },
    messages: messages.map(message => messageDocument(message, definition)),
    types: shownTypes,
  }
}

function messageDocument(name: string, definition: Definition): unknown {
  const { title, note, unit = definition.unit ?? 'byte', fields, derived = {}, ...rest } = definition.messages[name]!
  return {
    ...{ name, title, note, unit },
    keys: keysOf(rest as MessageDefinition),
    fields: fieldList(fields),
    derived: Object.entries(derived).map(([value, [quantity, options]]) => ({ name: value, quantity, ...options })),
  }
}

function fieldList(fields: MessageDefinition['fields']): unknown[] {
  return Object.entries(fields).map(([name, row]) => {
    const quantity = typeof row[2] === 'string' ? row[2] : undefined
    return { name, place: row[0], type: row[1], quantity, ...optionsOf(row) }
  })
}
