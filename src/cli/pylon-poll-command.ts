import { Command, InvalidArgumentError } from 'commander'
import { UsageError } from '../core/errors.ts'
import { type PortAddress, parsePort } from '../core/serial-address.ts'
import { examples } from './examples.ts'
import type { Io } from './io.ts'
import { addLiveOptions, FORMATS, type Format } from './live-options.ts'
import { number } from './number-arguments.ts'
import { taken } from './option-value.ts'
import { type PollOptions, runPoll } from './pylon-poll.ts'

const DETAILS = `
Modules are found by themselves. Nothing is sent but requests that read. Exit codes with --once: 0 a module was read
(--strict: all of them), 1 something answered but nothing was valid, 3 nothing answered.
`

/** Speed of RS485 unless DIP switch 1 is on, and of the console. */
const BAUD = 115_200

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
    .requiredOption('--port <port>', 'serial port /dev/ttyUSB0[@baud], or a bridge tcp://host:port[@baud]', port)
    .option('--interval <s>', 'seconds from one round to the next', number(1, 86_400), 10)
    .option('--once', 'one round')
    .option('--groups <list>', 'groups of addresses, 0 to 7, commas between; a hub has 1 and up', groups, [0])
    .option('--rs232', 'the console plug in frame mode: addresses begin at 1')
    .option('--no-ff', 'ask each module by itself, never all at once')
    .option('--console', 'the console plug in text mode: pwr, bat, info, stat')
    .option('--wake', 'with --console: tell a plug that speaks frames to speak text')
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

function optionsOf({ format, wake, ...flags }: PollFlags, command: Command): PollOptions {
  if (wake === true && flags.console !== true) throw new UsageError('--wake needs --console')
  if (wake === true && 'endpoint' in flags.port)
    throw new UsageError('--wake needs a serial port: it changes the speed')
  if (format === 'json' && flags.once !== true)
    throw new UsageError('--format json is one document: use it with --once')
  const options = { ...flags, wake: wake === true }
  if (flags.json === true || format === 'json') return { ...options, json: true }
  if (flags.compat !== true) return { ...options, format: format ?? 'text' }
  if (command.getOptionValueSource('format') === 'default') return options
  throw new UsageError('--compat is JSON: use it with --json, --json-file or --http')
}

function port(text: string): PortAddress {
  return taken(() => parsePort(text, BAUD))
}

function groups(text: string): number[] {
  const list = text.split(',').map(part => (/^[0-7]$/.test(part.trim()) ? Number(part) : Number.NaN))
  if (list.some(Number.isNaN) || new Set(list).size < list.length) {
    throw new InvalidArgumentError('They must be numbers from 0 to 7, commas between.')
  }
  return list
}
