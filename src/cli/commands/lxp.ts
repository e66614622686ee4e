import { Command, InvalidArgumentError } from 'commander'
import { examples } from '../examples.ts'
import type { Io } from '../io.ts'
import { addLiveOptions } from '../live-options.ts'
import { type ListenOptions, runListen } from '../lxp-listen.ts'
import { addModelOption } from '../modbus-options.ts'

type ListenFlags = Omit<ListenOptions, 'at'> & { readonly port: number; readonly host: string }

const BROADCAST_PORT = 4346

/** `wattzup lxp`: what LuxPower dongles broadcast. */
export function lxpCommand(io: Io): Command {
  return new Command('lxp')
    .description('LuxPower dongles that broadcast what their inverter says.')
    .addCommand(listenCommand(io))
}

function listenCommand(io: Io): Command {
  const source = new Command('listen')
    .description('Take UDP broadcasts of dongles, for ever; their web page calls it the second network connection.')
    .optionsGroup('Source:')
    .option('--port <n>', 'UDP port', port, BROADCAST_PORT)
    .option('--host <address>', 'own address to listen on', '0.0.0.0')
  const command = addModelOption(source).option(
    '--compat',
    'one line a round, and in file and HTTP the keys, of the older LXP monitor',
  )
  return addLiveOptions(command)
    .addHelpText(
      'after',
      examples(
        'lxp listen --format text',
        'lxp listen --json-file /run/lxp.json --http 8081',
        'lxp listen --compat --json-file /tmp/lxp_data.json --http 8081',
      ),
    )
    .action(({ port, host, ...flags }: ListenFlags) => {
      const format = flags.format ?? (flags.compat === true ? undefined : 'text')
      return runListen(io, { ...flags, at: { host, port }, ...(format === undefined ? {} : { format }) })
    })
}

function port(text: string): number {
  const value = Number(text)
  if (/^\d+$/.test(text) && value >= 1 && value <= 65_535) return value
  throw new InvalidArgumentError('It must be a port, 1 to 65535.')
}
