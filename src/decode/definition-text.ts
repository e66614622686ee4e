import type { Definition, FieldRow, MessageDefinition } from './definition.ts'

/** The JSON of a definition as people write it: a line for each field. */
export function definitionText({ messages, ...head }: Definition, schema: string): string {
  const lines = [`  "$schema": ${JSON.stringify(schema)}`, ...Object.entries(head).map(member)]
  const texts = Object.entries(messages).map(([name, message]) => messageText(name, message))
  return `{\n${lines.join(',\n')},\n  "messages": {\n${texts.join(',\n')}\n  }\n}\n`
}

function member([name, value]: [string, unknown]): string {
  return `  ${JSON.stringify(name)}: ${JSON.stringify(value)}`
}

function messageText(name: string, { fields, ...rest }: MessageDefinition): string {
  const head = Object.entries(rest).map(([key, value]) => `${JSON.stringify(key)}: ${JSON.stringify(value)}`)
  const rows = Object.entries(fields)
  const width = Math.max(0, ...rows.map(([field]) => JSON.stringify(field).length)) + 1
  const lines = rows.map(([field, row]) => `        ${`${JSON.stringify(field)}:`.padEnd(width)} ${rowText(row)}`)
  return `    ${JSON.stringify(name)}: {\n      ${head.join(', ')},\n      "fields": {\n${lines.join(',\n')}\n      }\n    }`
}

function rowText(row: FieldRow): string {
  const parts = row.map(part => (typeof part === 'object' ? optionsText(part) : JSON.stringify(part)))
  return `[${parts.join(', ')}]`
}

function optionsText(options: object): string {
  const members = Object.entries(options).map(([key, value]) => `${JSON.stringify(key)}: ${valueText(value)}`)
  return `{ ${members.join(', ')} }`
}

function valueText(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(valueText).join(', ')}]`
  return typeof value === 'object' && value !== null ? optionsText(value) : JSON.stringify(value)
}
