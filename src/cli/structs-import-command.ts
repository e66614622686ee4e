import { Command, InvalidArgumentError } from 'commander'
import { examples } from './examples.ts'
import type { Io } from './io.ts'
import { type ImportOptions, importDbc } from './structs-import.ts'

const DETAILS = `
Signals of both byte orders, multiplexing, value tables, comments and units become a definition whose keys are
arbitration IDs; \`wattzup can dump --decode NAME --structs DIR\` uses it. What a definition cannot say is told with the
line of the DBC file. Exit status 1: a line cannot be read.
`

/** `structs import`: a definition out of a DBC file. */
export function importCommand(io: Io): Command {
  return new Command('import')
    .description('Make a definition of a DBC file, which says what the frames of a CAN bus mean.')
    .argument('<file>', 'DBC file; - is standard input')
    .option('-o, --output <file>', 'where to; by default standard output')
    .option('--family <name>', 'family of the definition; by default that of the file name', familyName)
    .option('--partial', 'leave out lines that cannot be read, rather than fail')
    .option('--force', 'overwrite the output file')
    .addHelpText('after', DETAILS)
    .addHelpText(
      'after',
      examples(
        'structs import car.dbc -o my-structs/car.json',
        'structs import bms.dbc --family bms | head',
        'can dump can0 --decode car --structs my-structs',
      ),
    )
    .action(async (path: string, options: ImportOptions) => importDbc(io, path, options))
}

function familyName(text: string): string {
  if (/^[a-z0-9][a-z0-9-]{0,59}$/.test(text)) return text
  throw new InvalidArgumentError('It must be a word in lower case: letters, digits, -.')
}
