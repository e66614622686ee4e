import { Command } from 'commander'
import { UsageError } from '../core/errors.ts'
import { examples } from './examples.ts'
import type { Io } from './io.ts'
import { addLiveOptions, FORMATS, type Format } from './live-options.ts'
import { addLineOptions, lineOptions } from './pylon-line-options.ts'
import { type PollOptions, runPoll } from './pylon-poll.ts'

const DETAILS = `
Modules are found by themselves. Nothing is sent but requests that read. Exit codes with --once: 0 a module was read
(--strict: all of them), 1 something answered but nothing was valid, 3 nothing answered.
`

interface PollFlags extends Omit<PollOptions, 'wake' | 'format'> {
  readonly wake?: true
  /** `json` is one document, the snapshot. */
  readonly format?: Format | 'json'
}

/** `pylon poll`: asks a stack again and again. */
export function pollCommand(io: Io): Command {
  const command = new Command('poll')
    .description('Ask a stack of modules on RS485 or RS232 for all that it measures, again and again.')
    .optionsGroup('Source:')
  addLineOptions(command, true)
    .option('--once', 'one round')
    .option('--strict', 'with --once: exit with 1 unless every module was read')
  return addLiveOptions(command, 'text', {
    formats: [...FORMATS, 'json'],
    json: 'ndjson; with --once as --format json',
  })
    .optionsGroup('Output:')
    .option('--compat', 'JSON as the program before this one wrote it: analog, alarm, charge_info')
    .option('--redact', 'mask serial numbers')
    .addHelpText(
      'after',
      DETAILS +
        examples(
          'pylon poll --port /dev/ttyUSB0 --once --json',
          'pylon poll --port /dev/ttyUSB0@9600 --interval 5 --json-file /run/pylon.json --http 8080',
          'pylon poll --port tcp://bridge.lan:4196 --mqtt mqtt://broker.lan --ha',
        ),
    )
    .action((flags: PollFlags, own: Command) => runPoll(io, optionsOf(flags, own)))
}

function optionsOf({ format, ...flags }: PollFlags, command: Command): PollOptions {
  if (format === 'json' && flags.once !== true)
    throw new UsageError('--format json is one document: use it with --once')
  const options = { ...flags, ...lineOptions(flags, flags.port) }
  if (flags.json === true || format === 'json') return { ...options, json: true }
  if (flags.compat !== true) return { ...options, format: format ?? 'text' }
  if (command.getOptionValueSource('format') === 'default') return options
  throw new UsageError('--compat is JSON: use it with --json, --json-file or --http')
}
