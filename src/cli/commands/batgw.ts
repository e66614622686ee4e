import { Command, Option } from 'commander'
import { UsageError } from '../../core/errors.ts'
import { runBridge } from '../batgw-bridge.ts'
import { KINDS } from '../batgw-config.ts'
import { type DecodeLogOptions, decodeLog } from '../batgw-decode.ts'
import { addBridgeOptions, type BridgeFlags, defineOption } from '../batgw-options.ts'
import { BUSES_HELP } from '../can-dump-command.ts'
import { examples } from '../examples.ts'
import type { Io } from '../io.ts'
import { FORMATS } from '../live-options.ts'

/** `wattzup batgw`: from the battery of a car to an inverter. */
export function batgwCommand(io: Io): Command {
  return new Command('batgw')
    .description('Gateway between the battery of an electric car and a hybrid inverter, on two CAN buses.')
    .addCommand(bridgeCommand(io))
    .addCommand(decodeCommand(io))
    .addHelpText(
      'after',
      examples(
        'batgw bridge -f batgw.conf -n',
        'batgw bridge -f batgw.conf --dry-run',
        'batgw decode drive.log --json',
      ),
    )
}

function bridgeCommand(io: Io): Command {
  const command = new Command('bridge').description(
    'Tell an inverter what a battery can take. Read the chapter on safety in docs/commands/batgw.md before.',
  )
  return addBridgeOptions(command)
    .addHelpText('after', BUSES_HELP)
    .addHelpText(
      'after',
      examples(
        'batgw bridge -f batgw.conf -n -v',
        'batgw bridge -f batgw.conf -D BATTERY=can1 --dry-run',
        'batgw bridge -f /etc/batgw.conf -c off',
      ),
    )
    .action(async (flags: BridgeFlags) => runBridge(io, flags))
}

function decodeCommand(io: Io): Command {
  const { batteries, inverters } = KINDS
  return new Command('decode')
    .description('Print what a log of the two buses says, as readings.')
    .argument('[log]', 'the log, found by content, gzip allowed; - is standard input', '-')
    .addOption(
      new Option('-f, --file <path>', 'the configuration of the gateway: it says whose buses they are').conflicts([
        'battery',
        'inverter',
      ]),
    )
    .addOption(defineOption())
    .addOption(kindOption('--battery <kind>', 'whose battery it is', batteries))
    .addOption(kindOption('--inverter <kind>', 'what the inverter speaks', inverters))
    .addOption(new Option('--format <format>', 'form of the readings').choices(FORMATS).default('text'))
    .option('--json', 'the same as --format ndjson')
    .option('--guesses', 'values whose meaning is a guess too')
    .option('--structs <dir>', 'folder of definitions of your own, used before the built-in ones')
    .addHelpText(
      'after',
      examples(
        'batgw decode drive.log',
        'batgw decode drive.log.gz -f batgw.conf --json',
        'batgw bridge -f batgw.conf --dry-run | wattzup batgw decode - -f batgw.conf',
      ),
    )
    .action(async (log: string, options: DecodeLogOptions) => {
      if (log === '-' && io.stdinIsTerminal) throw new UsageError('no log given; try: wattzup batgw decode LOG')
      await decodeLog(io, log, options)
    })
}

/** One of the kinds, by default the first. */
function kindOption(flags: string, description: string, kinds: readonly { readonly name: string }[]): Option {
  const names = kinds.map(({ name }) => name)
  return new Option(flags, description).choices(names).default(names[0])
}
