import { Command } from 'commander'
import { parseEndpoint } from '../core/endpoint.ts'
import { UsageError } from '../core/errors.ts'
import { DONGLE_PORT } from '../protocols/lxp/packet-name.ts'
import { examples } from './examples.ts'
import type { Io } from './io.ts'
import { positive } from './live-options.ts'
import { addDongleOptions, LEARN_S } from './modbus-dongle.ts'
import { zoneOption } from './modbus-options.ts'
import { runWrite, type WriteFlags } from './modbus-write.ts'
import { listText } from './modbus-write-list.ts'
import { openStructs } from './open-structs.ts'

interface Flags extends WriteFlags {
  readonly write?: true
  readonly list?: true
}

const DETAILS = `
Each setting is read, written once and read back; the first that fails is the last that is sent. Without an answer a write is
never repeated: it is read back, if need be over a new connection. A dongle serves one client: another program loses its
connection meanwhile. Exit status: 0 when all settings are as wanted, else 1; 2 wrong usage; 3 the inverter did not answer.
`

/** `modbus write`: changes settings of an inverter. */
export function writeCommand(io: Io): Command {
  const command = new Command('write')
    .description('Change settings of an inverter: those that are safe, within limits, and one at a time.')
    .argument('[host[:port]]', `the dongle; the port is ${DONGLE_PORT}`)
    .argument('[name=value...]', 'settings by name; --list shows them')
    .optionsGroup('Writing:')
    .option('--write', 'do it; nothing is written without')
    .option('--dry-run', 'read what is there, and show the bytes that would be sent')
    .option('--force', 'dangerous settings too, which can damage the inverter or cut it off')
    .option('--list', 'show the settings that may be written, of --model, and end; with --force dangerous ones too')
    .addOption(zoneOption("zone of the inverter's clock, for clock=now"))
    .option('--timeout <s>', 'wait so long for the serial numbers, where they are not given', positive, LEARN_S)
    .option('--json', 'a line of JSON for each setting')
    .option('--structs <dir>', 'folder of definitions of your own, used before the built-in ones')
  return addDongleOptions(command)
    .addHelpText(
      'after',
      DETAILS +
        examples(
          'modbus write --list --model 12kpv',
          'modbus write 192.168.1.50 ac_charge_soc_limit=95 --dry-run',
          'modbus write 192.168.1.50 ac_charge_start_1=01:00 ac_charge_end_1=05:30 --write',
        ),
    )
    .action((host: string | undefined, settings: string[], flags: Flags) => write(io, host, settings, flags))
}

async function write(io: Io, host: string | undefined, settings: readonly string[], flags: Flags): Promise<void> {
  const { model, force, json, list, dryRun } = flags
  if (list === true) {
    if (host !== undefined) throw new UsageError('--list asks no dongle: leave the host out')
    const structs = (await openStructs(io, flags.structs)).load('lxp')
    io.out.write(listText(structs, { model, dangerous: force === true, json: json === true }))
    return
  }
  if (host === undefined || settings.length === 0) {
    throw new UsageError('say where and what: modbus write HOST NAME=VALUE...; --list shows the names')
  }
  if (flags.write !== true && dryRun !== true) {
    throw new UsageError('nothing is written without --write; --dry-run shows what would be sent')
  }
  const names = settings.map(setting => setting.split('=')[0]!.trim())
  const twice = names.find((name, i) => names.indexOf(name) !== i)
  if (twice !== undefined) throw new UsageError(`${twice} is named twice`)
  await runWrite(io, parseEndpoint(host, DONGLE_PORT), settings, flags)
}
