import { Command } from 'commander'
import { endpointText, parseEndpoint } from '../core/endpoint.ts'
import { Random } from '../core/random.ts'
import { broadcast } from '../protocols/lxp/simulator/broadcast.ts'
import { BROADCAST_FAULTS, FaultDice } from '../protocols/lxp/simulator/faults.ts'
import { examples } from './examples.ts'
import { FastClock } from './fast-clock.ts'
import { faultsHelp, faultsText, parseFaultRates } from './fault-rates.ts'
import { FrameJournal } from './frame-journal.ts'
import type { Io } from './io.ts'
import { openStructs } from './open-structs.ts'
import { RunBounds } from './run-bounds.ts'
import { addInverterOptions, DEFAULT_START, dongleOf, type InverterFlags } from './simulate-lxp-options.ts'
import { parseStart } from './start-time.ts'

/** UDP port that dongles broadcast to. */
const BROADCAST_PORT = 4346
const DEFAULT_RATE = 0.01
const ANY = { host: '0.0.0.0', port: 0 }

const EXAMPLES = examples(
  'simulate lxp-broadcast --to 127.0.0.1 --interval 5',
  'simulate lxp-broadcast --speed 60 --start 2026-06-01T00:00:00Z',
  'simulate lxp-broadcast --to 127.0.0.1:4346 --speed 60 --faults all,drop=0.1 --journal sent.jsonl',
)

/** `simulate lxp-broadcast`: an older LuxPower dongle that broadcasts its inverter's values on UDP. */
export function simulateLxpBroadcastCommand(io: Io): Command {
  const command = new Command('lxp-broadcast')
    .description('send what a LuxPower dongle broadcasts on UDP')
    .optionsGroup('Connection:')
    .option('--to <host[:port]>', 'whom to send to', '255.255.255.255:4346')
  return addInverterOptions(command, 'lxp')
    .addHelpText('after', faultsHelp(BROADCAST_FAULTS, 'datagrams', DEFAULT_RATE) + EXAMPLES)
    .action((flags: InverterFlags & { readonly to: string }) => run(io, flags))
}

async function run(io: Io, flags: InverterFlags & { readonly to: string }): Promise<void> {
  const to = parseEndpoint(flags.to, BROADCAST_PORT)
  const rates = parseFaultRates(flags.faults, BROADCAST_FAULTS, DEFAULT_RATE)
  const start = parseStart(flags.start, io.clock.now(), DEFAULT_START)
  const dongle = dongleOf((await openStructs(io, flags.structs)).load('lxp'), flags, start)
  await using link = await io.network.datagrams({ at: ANY, to })
  using journal = new FrameJournal(io, flags.journal, flags.force ?? false)
  const bounds = new RunBounds(io, flags.duration === undefined ? {} : { duration: flags.duration })
  const made = new Map<string, number>()
  const clock = new FastClock(io.clock, start, flags.speed)
  let frames = 0
  const sent = (frame: Uint8Array) => {
    frames++
    journal.add(clock.now(), endpointText(to), frame)
  }
  const dice = new FaultDice(new Random(flags.seed, 'lxp broadcast faults'), rates, made)
  io.err.write(`wattzup: broadcasting to ${endpointText(to)}\n`)
  await broadcast(link, dongle, { clock, intervalMs: flags.interval * 1000, dice, sent }, bounds.signal)
  io.err.write(`wattzup: good frames: ${frames}${faultsText(made)}\n`)
}
