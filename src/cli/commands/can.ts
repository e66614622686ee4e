import { Command, InvalidArgumentError, Option } from 'commander'
import { UsageError } from '../../core/errors.ts'
import { FORMAT_OF_ENDING, WRITABLE_LOGS, type WritableFormat } from '../../framing/writers/formats.ts'
import { type Zone, zoneOf } from '../../framing/zone.ts'
import { type ConvertOptions, convertLog } from '../can-convert.ts'
import { dumpCommand } from '../can-dump-command.ts'
import { playCommand } from '../can-play-command.ts'
import { sendCommand } from '../can-send-command.ts'
import { examples } from '../examples.ts'
import type { Io } from '../io.ts'

const FORMATS = Object.keys(WRITABLE_LOGS)

const FORMATS_HELP = `
Formats to write, and the endings of file names that stand for them:
${FORMATS.map(format => `  ${format.padEnd(17)}${endingsOf(format)}`.trimEnd()).join('\n')}
Every one of them is read too, found by content; so are BLF, CRTD, BUSMASTER and SavvyCAN's generic CSV.
`

/** `wattzup can`: CAN buses and their logs. */
export function canCommand(io: Io): Command {
  return new Command('can')
    .description('CAN buses and their logs: listen, send, play, convert.')
    .addCommand(dumpCommand(io))
    .addCommand(sendCommand(io))
    .addCommand(playCommand(io))
    .addCommand(convertCommand(io))
    .addHelpText('after', examples('can dump can0', 'can play drive.log vcan0', 'can convert drive.asc drive.log'))
}

function convertCommand(io: Io): Command {
  return new Command('convert')
    .description('Write a CAN log in another format; what that cannot hold is counted on standard error.')
    .argument('[in]', 'the log, found by content, gzip allowed; - is standard input', '-')
    .argument(
      '[out]',
      'where to: a file, whose ending says the format (.gz: compressed), or - for standard output',
      '-',
    )
    .addOption(new Option('--to <format>', 'format to write').argParser(writableFormat))
    .addOption(
      new Option('--tz <zone>', 'zone of dates that name none: utc, local, +02:00, Europe/Berlin').argParser(zone),
    )
    .option('--force', 'overwrite the file')
    .option('--strict', 'exit 1 when anything was skipped or lost')
    .addHelpText('after', FORMATS_HELP)
    .addHelpText(
      'after',
      examples(
        'can convert samples/log-formats/kinds.log kinds.asc',
        'can convert samples/log-formats/kinds.asc --to candump',
        'simulate ecoflow --minutes 1 | wattzup can convert - powerkit.csv.gz',
      ),
    )
    .action(async (from: string, to: string, options: ConvertOptions) => {
      if (from === '-' && io.stdinIsTerminal) {
        throw new UsageError(
          'no log given; try: wattzup can convert IN OUT, or candump -L can0 | wattzup can convert - OUT',
        )
      }
      await convertLog(io, from, to, options)
    })
}

function endingsOf(format: string): string {
  const endings = Object.keys(FORMAT_OF_ENDING).filter(ending => FORMAT_OF_ENDING[ending] === format)
  return endings.map(ending => `.${ending}`).join(' ')
}

/** What the formats are called elsewhere. */
const OTHER_NAMES: Readonly<Record<string, WritableFormat>> = {
  ...FORMAT_OF_ENDING,
  'candump-long': 'candump-screen',
  gvret: 'gvret-csv',
  savvycan: 'gvret-csv',
}

function writableFormat(text: string): WritableFormat {
  const name = text.toLowerCase()
  if (Object.hasOwn(WRITABLE_LOGS, name)) return name as WritableFormat
  if (Object.hasOwn(OTHER_NAMES, name)) return OTHER_NAMES[name]!
  throw new InvalidArgumentError(`It must be one of ${FORMATS.join(', ')}.`)
}

function zone(text: string): Zone {
  const found = zoneOf(text)
  if (found === undefined)
    throw new InvalidArgumentError('It must be utc, local, +02:00 or a name such as Europe/Berlin.')
  return found
}
