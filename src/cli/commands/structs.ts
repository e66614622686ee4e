import { basename } from 'node:path'
import { Chalk } from 'chalk'
import { Command } from 'commander'
import { isWattzupError, StructError } from '../../core/errors.ts'
import { checkDefinition, checkedDefinition, type FileProblem } from '../../decode/check.ts'
import { StructLibrary } from '../../decode/library.ts'
import { problemLine, visible } from '../../decode/problems.ts'
import type { StructSet } from '../../decode/struct-set.ts'
import { nearest } from '../../decode/suggest.ts'
import { colorLevel, colorOption } from '../color.ts'
import type { Io } from '../io.ts'
import { readText } from '../read-text.ts'
import { listTable, showDocument, showTables, summaryOf } from '../struct-tables.ts'
import { importCommand } from '../structs-import-command.ts'

interface ShowOptions {
  readonly structs?: string
  readonly color: string
  readonly json?: true
}

/** `wattzup structs`: what the definitions in use say, and whether one that somebody wrote is right. */
export function structsCommand(io: Io): Command {
  return new Command('structs')
    .description('List, show, check and import the definitions that say what bytes mean.')
    .addCommand(listCommand(io))
    .addCommand(showCommand(io))
    .addCommand(checkCommand(io))
    .addCommand(importCommand(io))
    .addHelpText(
      'after',
      examples('structs list', 'structs show ecoflow cell_report', 'structs check structs/ecoflow.json'),
    )
}

function listCommand(io: Io): Command {
  return reading('list', 'List the definitions in use, with the number of their messages and fields.')
    .addHelpText('after', examples('structs list', 'structs list --structs structs', 'structs list --json'))
    .action((options: ShowOptions) => {
      const library = open(io, options)
      const summaries = library.names().map(name => summaryOf(library.load(name)))
      io.out.write(options.json ? document(summaries) : listTable(summaries, chalkFor(io, options)))
    })
}

function showCommand(io: Io): Command {
  return reading('show', 'Show the messages of a definition, field by field.')
    .argument('<name>', 'definition, as in `structs list`')
    .argument('[message]', 'only this message, by its name or by a key that it matches')
    .addHelpText(
      'after',
      examples('structs show ecoflow', 'structs show ecoflow 03:03:01', 'structs show ecoflow-records 70 --json'),
    )
    .action((name: string, message: string | undefined, options: ShowOptions) => {
      const set = open(io, options).load(name)
      const messages = message === undefined ? set.messages : [findMessage(set, message)]
      io.out.write(
        options.json ? document(showDocument(set, messages)) : showTables(set, messages, chalkFor(io, options)),
      )
    })
}

function checkCommand(io: Io): Command {
  return new Command('check')
    .description('Check definition files: syntax, every field, every example.')
    .argument('<file...>', 'definition files, - for standard input')
    .option('--json', 'one JSON document instead of lines')
    .addHelpText(
      'after',
      examples(
        'structs check structs/ecoflow.json',
        'structs check structs/*.json',
        'structs check - --json < structs/ecoflow.json',
      ),
    )
    .action(async (files: string[], options: { json?: true }) => {
      const definitions = files.filter(file => basename(file) !== SCHEMA)
      const problems: FileProblem[] = []
      for (const file of definitions) problems.push(...(await checkFile(io, file)))
      const bad = new Set(problems.map(({ file }) => file)).size
      if (options.json) io.out.write(document({ files: definitions.length, problems }))
      else for (const problem of problems) io.out.write(`${problemLine(problem.file, problem)}\n`)
      io.err.write(`${summary(definitions.length, problems.length, bad)}\n`)
      if (problems.length > 0) io.status.code = 1
    })
}

/** It stands beside the definitions, and `structs/*.json` names it too. */
const SCHEMA = 'struct.schema.json'

const MAX_BYTES = 16_000_000

async function checkFile(io: Io, file: string): Promise<readonly FileProblem[]> {
  try {
    return checkDefinition(await readText(io, file, MAX_BYTES), file).problems
  } catch (error) {
    if (!isWattzupError(error)) throw error
    return [{ file, place: '', text: error.message }]
  }
}

function summary(files: number, problems: number, bad: number): string {
  const checked = `checked ${files} ${files === 1 ? 'file' : 'files'}`
  if (problems === 0) return `${checked}: no problems`
  return `${checked}: ${problems} ${problems === 1 ? 'problem' : 'problems'} in ${bad} of them`
}

function reading(name: string, description: string): Command {
  return new Command(name)
    .description(description)
    .option('--structs <dir>', 'folder of definitions of your own, used before the built-in ones')
    .option('--json', 'one JSON document instead of a table')
    .addOption(colorOption())
}

function open(io: Io, { structs }: ShowOptions): StructLibrary {
  return new StructLibrary(io.structs, structs, checkedDefinition)
}

function chalkFor(io: Io, { color }: ShowOptions) {
  return new Chalk({ level: colorLevel(io, color) })
}

function findMessage(set: StructSet, wanted: string): string {
  if (set.messages.includes(wanted)) return wanted
  const claimed = set.codec([wanted])
  if (claimed !== undefined) return claimed.name
  const hint = nearest(wanted, set.messages) ?? `see: wattzup structs show ${set.name}`
  throw new StructError(`${set.name} has no message ${visible(JSON.stringify(wanted))}; ${hint}`, { message: wanted })
}

function document(value: unknown): string {
  return `${JSON.stringify(value, null, 2)}\n`
}

function examples(...lines: readonly string[]): string {
  return `\nExamples:\n${lines.map(line => `  $ wattzup ${line}\n`).join('')}`
}
