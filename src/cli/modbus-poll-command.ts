import { Command, Option } from 'commander'
import { endpointText, parseEndpoint } from '../core/endpoint.ts'
import { UsageError } from '../core/errors.ts'
import { DONGLE_PORT } from '../protocols/lxp/packet-name.ts'
import { BLOCK_SIZES, type BlockSize, parseRegisters } from '../protocols/lxp/read-plan.ts'
import { examples } from './examples.ts'
import type { Io } from './io.ts'
import { addLiveOptions } from './live-options.ts'
import { addDongleOptions } from './modbus-dongle.ts'
import { type PollFlags, runPoll } from './modbus-poll.ts'
import { number } from './number-arguments.ts'

/** Seconds between two cycles: what the vendor has at least between two requests, and a day. */
const LEAST_INTERVAL = 1
const LONGEST_INTERVAL = 86_400
const INTERVAL = 60

const DETAILS = `
A cycle asks for every block once, at most two requests a second, and takes about 10 s for the usual registers. What the
dongle sends by itself, and what others are told, becomes readings too. A dongle serves one client: a second one throws
the first one out; \`wattzup modbus proxy\` lets several share it. Exit status: 3 when nothing was answered.
`

/** `modbus poll`: asks dongles for registers instead of waiting for what they push. */
export function pollCommand(io: Io): Command {
  const command = new Command('poll')
    .description('Ask inverters for registers, again and again.')
    .argument('<host[:port]...>', `dongles; the port is ${DONGLE_PORT}`)
  addDongleOptions(command)
    .optionsGroup('Registers:')
    .option('--registers <list>', 'what to ask for, such as input:0-39,hold:105', parseRegisters)
    .addOption(
      new Option('--block <n>', 'registers of one request; 40 where the dongle does not give as many')
        .choices(BLOCK_SIZES.map(String))
        .default('40'),
    )
    .option('--batteries', 'battery modules of EG4 inverters too')
    .option(
      '--interval <s>',
      `seconds from one cycle to the next, ${LEAST_INTERVAL} at least`,
      number(LEAST_INTERVAL, LONGEST_INTERVAL),
      INTERVAL,
    )
    .addOption(new Option('--once', 'one cycle over one connection, then end').conflicts('count'))
    .option('--write', 'settings that are safe may be changed by MQTT, and Home Assistant shows them so')
  addLiveOptions(command, 'text').addHelpText(
    'after',
    DETAILS +
      examples(
        'modbus poll 192.168.1.50 --once --json',
        'modbus poll 192.168.1.50 --registers input:0-39 --interval 10 --http 8080',
        'modbus poll 192.168.1.50 --batteries --mqtt mqtt://broker.lan --ha --write',
      ),
  )
  command.options.find(({ long }) => long === '--count')!.description = 'stop after so many cycles of each dongle'
  return command.action((texts: string[], flags: Flags) => poll(io, texts, flags))
}

type Flags = Omit<PollFlags, 'block'> & { readonly block: string }

async function poll(io: Io, texts: readonly string[], { block, ...flags }: Flags): Promise<void> {
  const hosts = texts.map(text => parseEndpoint(text, DONGLE_PORT))
  const names = hosts.map(endpointText)
  const twice = names.find((name, i) => names.indexOf(name) !== i)
  if (twice !== undefined) throw new UsageError(`${twice} is named twice; a dongle serves one client`)
  if (hosts.length > 1 && (flags.datalog ?? flags.inverter) !== undefined) {
    throw new UsageError('--datalog and --inverter are those of one dongle; name one')
  }
  if (flags.write === true && flags.mqtt === undefined) {
    throw new UsageError('--write is for commands by MQTT and needs --mqtt URL; see also: wattzup modbus write')
  }
  await runPoll(io, hosts, { ...flags, block: Number(block) as BlockSize })
}
