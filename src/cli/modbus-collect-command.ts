import { Command } from 'commander'
import { endpointText, parseEndpoint } from '../core/endpoint.ts'
import { UsageError } from '../core/errors.ts'
import { DONGLE_PORT } from '../protocols/lxp/packet-name.ts'
import { examples } from './examples.ts'
import type { Io } from './io.ts'
import { addLiveOptions, atLeastOne } from './live-options.ts'
import { runCollect } from './modbus-collect.ts'
import type { CollectOptions } from './modbus-collector.ts'
import { addModelOption } from './modbus-options.ts'

type CollectFlags = Omit<CollectOptions, 'hosts'> & { readonly hosts: string; readonly maxPackets?: number }

const DETAILS = `
A dongle serves one client: a second one throws the first one out. Run one collector, or share the dongle with
\`wattzup modbus proxy\`. Frames are told apart by their length and checksum, one file each; heartbeats are not saved.
`

/** `modbus collect`: saves, decodes and publishes what dongles push. */
export function collectCommand(io: Io): Command {
  const source = new Command('collect')
    .description('Save, decode and publish what dongles push, for ever.')
    .optionsGroup('Source:')
    .option('--hosts <list>', `dongles, HOST[:PORT] and commas; the port is ${DONGLE_PORT}`, '192.168.44.4')
  const command = addModelOption(source)
    .option('--once', 'do not connect again when a connection is lost')
    .option('--heartbeat', 'answer heartbeats, as a server would; collecting does not need it')
    .optionsGroup('Files:')
    .option('--output-dir <dir>', 'where to save frames', 'modbus-logs')
    .option('--nosave', 'save no frames')
    .option('--raw', 'save the untouched bytes too, one file per connection')
    .option('--utc', 'times in file names in UTC, not local')
    .option('--analyze', 'print every frame as modbus analyze does; frames are saved too unless --nosave')
  return addLiveOptions(command)
    .option('--max-packets <n>', 'stop after so many frames of all hosts', atLeastOne)
    .addHelpText(
      'after',
      DETAILS +
        examples(
          'modbus collect --hosts 192.168.1.50,192.168.1.51 --output-dir packets',
          'modbus collect --hosts 192.168.1.50 --nosave --format ndjson',
          'modbus collect --hosts inverter.lan --nosave --mqtt mqtt://broker.lan --ha',
        ),
    )
    .action(async (flags: CollectFlags) => {
      const hosts = flags.hosts.split(',').map(text => parseEndpoint(text.trim(), DONGLE_PORT))
      const names = hosts.map(endpointText)
      const twice = names.find((name, i) => names.indexOf(name) !== i)
      if (twice !== undefined) throw new UsageError(`--hosts: ${twice} is named twice; a dongle serves one client`)
      const count = flags.maxPackets ?? flags.count
      const duration = flags.duration ?? flags.timeout // the older program ended with either
      const bounds = { ...(count === undefined ? {} : { count }), ...(duration === undefined ? {} : { duration }) }
      await runCollect(io, { ...flags, hosts, ...bounds })
    })
}
