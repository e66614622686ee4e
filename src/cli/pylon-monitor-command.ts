import { Command, InvalidArgumentError } from 'commander'
import type { ScreenSize } from '../core/terminal.ts'
import { colorOption } from './color.ts'
import { examples } from './examples.ts'
import type { Io } from './io.ts'
import { positive } from './live-options.ts'
import { number, wholeNumber } from './number-arguments.ts'
import { addLineOptions } from './pylon-line-options.ts'
import { runMonitor } from './pylon-monitor.ts'
import type { MonitorOptions } from './pylon-monitor-options.ts'

const DETAILS = `
Nothing is sent but requests that read, and those only with --port. Keys: ? shows them, q quits. Exit codes: 0 data were
shown, 3 there were none; with --once --check 4 a module is stale, 5 one has an alarm.
`

/** `pylon monitor`: a live view of a stack. */
export function monitorCommand(io: Io): Command {
  const command = new Command('monitor')
    .description('Show a stack of modules on the whole screen: cells, temperatures, states, alarms, curves.')
    .argument('[source]', 'JSON file of pylon poll, http://host:port/, recording, or - for standard input')
    .optionsGroup('Source:')
  addLineOptions(command, false)
    .option('--speed <factor>', 'how fast a recording goes', number(0.01, 1e6), 1)
    .option('--structs <dir>', 'folder of definitions of your own, used before the built-in ones')
    .optionsGroup('View:')
    .option('--spread <mv>', 'cells further apart than this stand out', wholeNumber(0, 10_000), 10)
    .option('--stale-after <s>', 'values are old then; else when three new ones should have come', positive)
    .option('--no-summary', 'the modules only, without summary and keys')
    .option('--history <file>', 'keep the curves in a file, for the next run')
    .option('--bell', 'ring when something new is wrong')
    .option('--redact', 'mask serial numbers')
    .option('--ascii', 'only characters of ASCII; else as the locale says')
    .addOption(colorOption())
    .option('--no-color', 'the same as --color never')
    .optionsGroup('One picture:')
    .option('--once', 'print one picture and exit; needs no terminal')
    .option('--json', 'with --once: the snapshot instead, one document')
    .option('--check', 'with --once: exit 4 if a module is stale, 5 if one has an alarm')
    .option('--size <columns>x<rows>', 'with --once: exactly so large', size)
  return command
    .addHelpText(
      'after',
      DETAILS +
        examples(
          'pylon monitor --port /dev/ttyUSB0',
          'pylon monitor http://raspberry.lan:8080/',
          'pylon monitor samples/pylontech/stack.log --speed 20',
        ),
    )
    .action((source: string | undefined, flags: Omit<MonitorOptions, 'intervalIsGiven'>, own: Command) =>
      runMonitor(io, source, { ...flags, intervalIsGiven: own.getOptionValueSource('interval') !== 'default' }),
    )
}

function size(text: string): ScreenSize {
  const [, columns, rows] = /^(\d{1,4})x(\d{1,4})$/.exec(text) ?? []
  if (Number(columns) >= 1 && Number(rows) >= 1) return { columns: Number(columns), rows: Number(rows) }
  throw new InvalidArgumentError('It must be like 80x24.')
}
