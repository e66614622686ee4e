import { Command, Option } from 'commander'
import { endpointText } from '../core/endpoint.ts'
import { DONGLE_PORT } from '../protocols/lxp/packet-name.ts'
import { SimulatedDongle } from '../protocols/lxp/simulator/dongle.ts'
import { DONGLE_FAULTS } from '../protocols/lxp/simulator/faults.ts'
import { FIRST_PUSH_MS, modelledPushes, type Push, recordedPushes } from '../protocols/lxp/simulator/pushes.ts'
import { RecordedRegisters } from '../protocols/lxp/simulator/recorded-registers.ts'
import { identityOf } from '../protocols/lxp/simulator/recording.ts'
import { CLIENT_RULES, type ClientEvent, type ClientRule, DongleServer } from '../protocols/lxp/simulator/server.ts'
import { examples } from './examples.ts'
import { FastClock } from './fast-clock.ts'
import { faultsHelp, faultsText, parseFaultRates } from './fault-rates.ts'
import { FrameJournal } from './frame-journal.ts'
import type { Io } from './io.ts'
import { wholeNumber } from './number-arguments.ts'
import { openStructs } from './open-structs.ts'
import { readRecording } from './replay-frames.ts'
import { RunBounds } from './run-bounds.ts'
import { addInverterOptions, DEFAULT_START, dongleOf, type InverterFlags } from './simulate-lxp-options.ts'
import { parseStart } from './start-time.ts'

const DEFAULT_RATE = 0.01

const EXAMPLES = examples(
  'simulate dongle',
  'simulate dongle --model offgrid --start 2026-06-01T00:00:00Z --speed 600',
  'simulate dongle --port 8001 --speed 60 --faults all,reset=0.05 --journal sent.jsonl',
  'simulate dongle --replay modbus-logs/2026-0301-*.bin --speed 60',
)

interface Flags extends InverterFlags {
  readonly host: string
  readonly port: number
  readonly singleClient: ClientRule
  readonly replay?: readonly string[]
}

/** `simulate dongle`: the dongle of an EG4 or LuxPower inverter at a TCP port. */
export function simulateDongleCommand(io: Io): Command {
  const replay = new Option('--replay <file...>', 'send what these files have instead of what a model makes')
  const command = new Command('dongle')
    .description('answer at a TCP port like the dongle of an EG4 or LuxPower inverter')
    .optionsGroup('Connection:')
    .option('--host <host>', 'own address; 0.0.0.0 lets other machines connect', '127.0.0.1')
    .option('--port <n>', 'TCP port, 0 for any', wholeNumber(0, 65_535), DONGLE_PORT)
    .addOption(
      new Option('--single-client <rule>', 'a second client ends the first, is refused, or is served too (off)')
        .choices(CLIENT_RULES)
        .default('kick'),
    )
    .addOption(replay.conflicts(['model', 'protocol', 'serial', 'datalog', 'start', 'interval']))
  return addInverterOptions(command, 'hybrid')
    .addHelpText('after', faultsHelp(DONGLE_FAULTS, 'frames', DEFAULT_RATE) + EXAMPLES)
    .action((flags: Flags) => run(io, flags))
}

/** A dongle, what it says by itself, and when, Unix ms. */
interface Scene {
  readonly dongle: SimulatedDongle
  readonly pushes: Iterable<Push>
  readonly start: number
}

async function run(io: Io, flags: Flags): Promise<void> {
  const { seed, singleClient: rule } = flags
  const faults = parseFaultRates(flags.faults, DONGLE_FAULTS, DEFAULT_RATE)
  const { dongle, pushes, start } = await (flags.replay === undefined
    ? modelled(io, flags)
    : recorded(io, flags.replay))
  await using listener = await io.network.listen({ host: flags.host, port: flags.port })
  using journal = new FrameJournal(io, flags.journal, flags.force ?? false)
  const clock = new FastClock(io.clock, start, flags.speed)
  const sent = (frame: Uint8Array, client: string) => journal.add(clock.now(), client, frame)
  const report = (event: ClientEvent) => io.err.write(`wattzup: ${eventText(event)}\n`)
  const server = new DongleServer(dongle, { clock, rule, seed, faults, report, sent })
  const bounds = new RunBounds(io, flags.duration === undefined ? {} : { duration: flags.duration })
  io.err.write(`wattzup: listening on ${endpointText(listener.endpoint)}\n`)
  const { datalog, inverter, protocol } = dongle.identity
  io.err.write(`wattzup: dongle ${datalog} of inverter ${inverter}, protocol ${protocol}\n`)
  try {
    await server.run(listener, pushes, bounds.signal)
  } finally {
    bounds.stop()
    io.err.write(`wattzup: ${summary(server)}\n`)
  }
}

async function modelled(io: Io, flags: Flags): Promise<Scene> {
  const start = parseStart(flags.start, io.clock.now(), DEFAULT_START)
  const dongle = dongleOf((await openStructs(io, flags.structs)).load('lxp'), flags, start)
  return { dongle, start, pushes: modelledPushes(dongle, start, flags.interval * 1000) }
}

async function recorded(io: Io, paths: readonly string[]): Promise<Scene> {
  const recording = await readRecording(io, paths)
  const identity = identityOf(recording)
  const registers = new RecordedRegisters(identity, recording)
  const dongle = new SimulatedDongle(registers, { identity, eg4: false, intervalSeconds: 120 })
  const pushes = recordedPushes(recording, frame => registers.take(frame))
  return { dongle, pushes, start: recording[0]!.at - FIRST_PUSH_MS }
}

function eventText({ type, client, counts }: ClientEvent): string {
  if (type === 'connected') return `${client} connected`
  if (type === 'kicked') return `${client} has to go: another client came`
  if (type === 'refused') return `${client} refused: there is a client`
  return `${client} gone; good frames: ${counts?.frames}, requests answered: ${counts?.answered}`
}

function summary({ counts, clients, made }: DongleServer): string {
  const { frames, answered, ignored, dropped } = counts
  const missed = dropped > 0 ? `, not sent because the client did not read: ${dropped}` : ''
  const asked = `requests answered: ${answered}, not answered: ${ignored}`
  return `clients: ${clients}; good frames: ${frames}${missed}; ${asked}${faultsText(made)}`
}
