import { basename } from 'node:path'
import { StructError, TransportError, UsageError } from '../core/errors.ts'
import { checkDefinition } from '../decode/check.ts'
import { NO_EXAMPLE } from '../decode/check-message.ts'
import { type Finding, Findings } from '../decode/dbc/findings.ts'
import { parseDbc } from '../decode/dbc/parse.ts'
import { definitionOf } from '../decode/dbc/to-definition.ts'
import type { Definition } from '../decode/definition.ts'
import { definitionText } from '../decode/definition-text.ts'
import { problemLine, visible } from '../decode/problems.ts'
import { counted } from '../sinks/counted.ts'
import type { Io } from './io.ts'
import { readBytes } from './read-text.ts'

export interface ImportOptions {
  /** Where to; else standard output. */
  readonly output?: string
  readonly family?: string
  /** Leave out what cannot be read, rather than fail. */
  readonly partial?: true
  readonly force?: true
}

const MOST_BYTES = 16_000_000
const MOST_FAMILY = 60
const SCHEMA = '../structs/struct.schema.json'

/** Runs `structs import`: makes a definition of a DBC file. */
export async function importDbc(io: Io, path: string, options: ImportOptions): Promise<void> {
  const { output, partial, force } = options
  if (output !== undefined && force !== true && io.files.exists(output)) {
    throw new TransportError(`cannot write ${output}: it exists; --force overwrites it`, { path: output })
  }
  const findings = new Findings()
  const dbc = parseDbc(textOf(await readBytes(io, path, MOST_BYTES)), findings)
  const family = options.family ?? familyOf(path)
  const definition = definitionOf(dbc, { family, source: basename(path) }, findings)
  say(io, path, findings.broken)
  const { broken } = findings
  if (broken.length > 0 && partial !== true) {
    throw new StructError(`${path}: ${counted(broken.length, 'line')} cannot be read; --partial leaves them out`)
  }
  if (Object.keys(definition.messages).length === 0) throw new StructError(`${path}: no message with signals in it`)
  say(io, path, findings.remarks)
  write(io, checkedText(definition, path), output, force === true)
  summary(io, definition, findings)
}

/** The definition as text, once `structs check` finds nothing wrong with it. */
function checkedText(definition: Definition, path: string): string {
  const text = definitionText(definition, SCHEMA)
  const problems = checkDefinition(text, path).problems.filter(problem => problem.text !== NO_EXAMPLE)
  if (problems.length === 0) return text
  throw new StructError(`${path}: no definition can be made of it: ${problemLine(path, problems[0]!)}`, { problems })
}

function write(io: Io, text: string, output: string | undefined, overwrite: boolean): void {
  if (output === undefined) {
    io.out.write(text)
    return
  }
  const file = io.files.create(output, overwrite)
  try {
    file.write(new TextEncoder().encode(text))
  } finally {
    file.close()
  }
}

function say(io: Io, path: string, findings: readonly Finding[]): void {
  for (const { line, text } of findings.toSorted((a, b) => a.line - b.line))
    io.err.write(`${path}:${line}: ${visible(text)}\n`)
}

function summary({ err }: Io, { messages }: Definition, { remarks, broken, more }: Findings): void {
  const all = Object.values(messages)
  const fields = all.flatMap(({ fields }) => Object.keys(fields)).filter(name => !name.startsWith('_')).length
  const left = remarks.length + broken.length + more
  const not = left === 0 ? '' : `; ${counted(left, 'remark')}`
  err.write(`wattzup: ${counted(all.length, 'message')}, ${counted(fields, 'signal')}${not}\n`)
}

/** DBC files are in Windows' character set, unless they are UTF-8. */
/** UTF-8, UTF-16 where a mark says so, or else what old programs on Windows write. */
function textOf(bytes: Uint8Array): string {
  const [first, second] = bytes
  if (first === 0xff && second === 0xfe) return new TextDecoder('utf-16le').decode(bytes)
  if (first === 0xfe && second === 0xff) return new TextDecoder('utf-16be').decode(bytes)
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes)
  } catch {
    return new TextDecoder('windows-1252').decode(bytes)
  }
}

/** `My Car.dbc` becomes `my-car`. */
function familyOf(path: string): string {
  const name = basename(path)
    .replace(/\.dbc$/i, '')
    .toLowerCase()
    .replaceAll(/[^a-z0-9]+/g, '-')
    .replaceAll(/^-+|-+$/g, '')
    .slice(0, MOST_FAMILY)
  if (name !== '') return name
  throw new UsageError(`${path}: no family can be called after it; say one with --family`)
}
