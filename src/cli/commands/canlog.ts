import { Command } from 'commander'
import { UsageError } from '../../core/errors.ts'
import { withEmptyValues } from '../canlog-arguments.ts'
import { addCanlogOptions, CANLOG_EXAMPLES, type CanlogFlags } from '../canlog-flags.ts'
import { canlogOptions } from '../canlog-options.ts'
import { runCanlog } from '../canlog-run.ts'
import type { Io } from '../io.ts'

/** `wattzup canlog`: filter, decode and analyse EcoFlow CAN logs. */
export function canlogCommand(io: Io): Command {
  const command = addCanlogOptions(new CanlogCommand('canlog'))
    .description('Filter, decode and analyse EcoFlow CAN logs: candump, SavvyCAN CSV and more, found by content.')
    .argument('[file...]', 'logs in the order of their time, gzip allowed; - is standard input')
    .configureHelp({ optionTerm: ({ flags }) => flags.replace(/ \[(\w*)\]$/, (_, value) => value && `[=${value}]`) })
    .addHelpText('after', CANLOG_EXAMPLES)
    .action(async (files: string[], flags: CanlogFlags) => {
      if (files.length === 0 && io.stdinIsTerminal) {
        throw new UsageError(`no log given; try: wattzup canlog FILE, or candump -L can0 | wattzup canlog -`)
      }
      await runCanlog(io, files.length === 0 ? ['-'] : files, canlogOptions(flags, io), flags)
    })
  return command
}

class CanlogCommand extends Command {
  override parseOptions(args: string[]) {
    return super.parseOptions(withEmptyValues(args))
  }
}
