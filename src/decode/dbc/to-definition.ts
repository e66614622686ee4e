import type { Definition, FieldRow, MessageDefinition } from '../definition.ts'
import type { Dbc, DbcMessage } from './dbc.ts'
import type { Findings } from './findings.ts'
import { MessageFields } from './message-fields.ts'
import { plainText } from './plain-text.ts'

export interface DefinitionNames {
  /** The family of the definition. */
  readonly family: string
  /** What notes call the file. */
  readonly source: string
}

const MOST_NOTE = 2000
const MOST_TITLE = 200
const MOST_NAME = 100

/** The definition that says what a DBC file says; what cannot be said is told by its line. */
export function definitionOf(dbc: Dbc, { family, source }: DefinitionNames, findings: Findings): Definition {
  const messages: Record<string, MessageDefinition> = {}
  const owners = new Map<string, DbcMessage>()
  for (const message of dbc.messages) {
    if (message.signals.length === 0) continue
    const key = keyOf(message)
    const other = owners.get(key)
    if (other !== undefined) {
      findings.remark(
        message.line,
        `${message.name} is left out: ${other.name} (line ${other.line}) has the ID ${key} too`,
      )
      continue
    }
    owners.set(key, message)
    messages[nameOf(message, key, messages)] = messageOf(message, key, source, findings)
  }
  const title = plainText(dbc.comment ?? '', MOST_TITLE)
  return {
    family,
    ...(title === '' ? {} : { title }),
    note: plainText(`Made from ${source}${dbc.version === '' ? '' : `, version ${dbc.version}`}.`, MOST_NOTE),
    unit: 'bit',
    messages,
  }
}

/** The ID as candump writes it. */
function keyOf({ id, isExtended }: DbcMessage): string {
  return id
    .toString(16)
    .toUpperCase()
    .padStart(isExtended ? 8 : 3, '0')
}

/** The long name where there is one; of two equal ones the second has its ID behind it. */
function nameOf({ name, longName }: DbcMessage, key: string, taken: object): string {
  const own = (longName ?? name).slice(0, MOST_NAME).replace(/^_+/, '')
  return own === '' || Object.hasOwn(taken, own) ? `${own}_${key}`.replace(/^_/, '') : own
}

function messageOf(message: DbcMessage, key: string, source: string, findings: Findings): MessageDefinition {
  const { comment, cycleTime } = message
  const every = cycleTime !== undefined && cycleTime > 0 ? [`Every ${cycleTime} ms.`] : []
  const texts = [...(comment === undefined ? [] : [sentence(comment)]), ...every, `From ${source}; no capture yet.`]
  const fields: Readonly<Record<string, FieldRow>> = new MessageFields(message, findings).rows()
  return { match: key, note: plainText(texts.join(' '), MOST_NOTE), fields }
}

function sentence(text: string): string {
  const plain = text.trim()
  return plain === '' || /[.!?]$/.test(plain) ? plain : `${plain}.`
}
