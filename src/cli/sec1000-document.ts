import type { Values } from '../core/values.ts'
import type { Message, Protocol } from '../protocols/protocol.ts'
import { annotated } from '../protocols/sec1000/annotate.ts'
import { jsonText } from '../sinks/ndjson.ts'
import { table } from './table.ts'

/** Columns of the original's document. */
const INDENT = 4

/** The values as one JSON document, as the original prints it. */
export function documentText(values: Values, compact: boolean): string {
  return `${jsonText(values, compact ? undefined : INDENT)}\n`
}

/** A reply in hex, and a table of its parts. */
export function rawText(message: Message, protocol: Protocol): string {
  const frame = message.frame!
  const rows = annotated(message, protocol).map(({ at, bytes, name, raw, value, note }) => {
    return [String(at), bytes, name, raw, value, note]
  })
  return `${frame.length} bytes\n${Buffer.from(frame).toString('hex')}\n\n${table(COLUMNS, rows)}`
}

const COLUMNS = [
  { title: 'at', right: true },
  { title: 'bytes' },
  { title: 'part' },
  { title: 'raw', right: true },
  { title: 'value', right: true },
  { title: 'meaning' },
]
