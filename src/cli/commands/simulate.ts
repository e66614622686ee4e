import { Command, Option } from 'commander'
import { yieldToEvents } from '../../core/clock.ts'
import { TransportError } from '../../core/errors.ts'
import { ByteWriter } from '../../core/writer.ts'
import { CandumpLog, type FrameLog } from '../../protocols/ecoflow/simulator/candump-log.ts'
import { DEFAULT_RATE, FAULTS } from '../../protocols/ecoflow/simulator/faults.ts'
import { NoisyLog } from '../../protocols/ecoflow/simulator/noisy-log.ts'
import {
  EcoflowSimulator,
  SCENARIOS,
  type Scenario,
  type SimulatorOptions,
} from '../../protocols/ecoflow/simulator/simulator.ts'
import { examples } from '../examples.ts'
import { faultsHelp, parseFaultRates } from '../fault-rates.ts'
import type { Io } from '../io.ts'
import { positive } from '../live-options.ts'
import { number, wholeNumber } from '../number-arguments.ts'
import { openStructs } from '../open-structs.ts'
import { simulateBatteryCommand, simulateInverterCommand } from '../simulate-can-command.ts'
import { simulateDongleCommand } from '../simulate-dongle.ts'
import { eddiCommand } from '../simulate-eddi.ts'
import { simulateLxpBroadcastCommand } from '../simulate-lxp-broadcast.ts'
import { simulatePylonCommand } from '../simulate-pylon.ts'
import { simulateSec1000Command } from '../simulate-sec1000.ts'
import { parseStart } from '../start-time.ts'
import { StatusLine } from '../status-line.ts'

const DEFAULT_START = '2026-06-01T06:00:00Z'
/** Frames between two looks at signals and at the progress line. */
const TURN_FRAMES = 65_536

const DETAILS =
  faultsHelp(FAULTS, 'messages, for noise of the lines,', DEFAULT_RATE) +
  examples(
    'simulate ecoflow --minutes 2 --output powerkit.log',
    'simulate ecoflow --seed 7 --minutes 1440 --rate 0.05 | wattzup canlog - --sum',
    'simulate ecoflow --minutes 0.5 --faults all,noise=0.05 --output -',
  )

/** Beyond it frames would queue up for ever. */
const MOST_RATE = 5

interface EcoflowOptions {
  readonly seed: number
  readonly minutes: number
  readonly scenario: Scenario
  readonly batteries: string
  readonly rate: number
  readonly start: string
  readonly faults: string
  readonly output: string
  readonly force?: true
  readonly structs?: string
}

/** `simulate DEVICE`: pretends to be a device, for those who have none. */
export function simulateCommand(io: Io): Command {
  return new Command('simulate')
    .description('Pretend to be a device: recordings without hardware.')
    .addCommand(ecoflowCommand(io))
    .addCommand(simulatePylonCommand(io))
    .addCommand(eddiCommand(io))
    .addCommand(simulateDongleCommand(io))
    .addCommand(simulateLxpBroadcastCommand(io))
    .addCommand(simulateSec1000Command(io))
    .addCommand(simulateBatteryCommand(io))
    .addCommand(simulateInverterCommand(io))
}

function ecoflowCommand(io: Io): Command {
  return new Command('ecoflow')
    .description('write a candump log of an EcoFlow PowerKit and PowerStream; same seed, same bytes')
    .option('--seed <n>', 'whole number that everything random follows from', wholeNumber(0), 1)
    .option('--minutes <m>', 'length of the log', positive, 2)
    .addOption(new Option('--scenario <name>', 'what is on the bus').choices(SCENARIOS).default('home'))
    .addOption(new Option('--batteries <n>', 'batteries of the PowerKit').choices(['2', '3']).default('3'))
    .option(
      '--rate <factor>',
      'how often modules report: 1 as real ones, 5 at most, what the bus can carry',
      number(0.001, MOST_RATE),
      1,
    )
    .option('--start <time>', 'time of the first frame: ISO 8601 (UTC), Unix seconds, or now', DEFAULT_START)
    .option('--faults <list>', 'what is wrong with the log, comma-separated', '')
    .option('--output <file>', 'where to; - is standard output', '-')
    .option('--force', 'overwrite the file')
    .option('--structs <dir>', 'your definitions over the built-in ones')
    .addHelpText('after', DETAILS)
    .action((options: EcoflowOptions) => run(io, options))
}

async function run(io: Io, options: EcoflowOptions): Promise<void> {
  const library = await openStructs(io, options.structs)
  const definitions = { records: library.load('ecoflow-records'), messages: library.load('ecoflow') }
  const settings = settingsOf(io, options)
  const simulator = new EcoflowSimulator(definitions, settings)
  if (options.force === undefined && options.output !== '-' && io.files.exists(options.output)) {
    throw new TransportError(`cannot write ${options.output}: it exists; --force overwrites it`)
  }
  const file = options.output === '-' ? undefined : io.files.create(options.output, options.force ?? false)
  try {
    const out = new ByteWriter(bytes => (file === undefined ? io.out.write(bytes) : file.write(bytes)))
    const { faults, seed } = settings
    const plain = !faults.has('noise') && !faults.has('truncate')
    await pump(
      io,
      simulator,
      settings,
      plain ? new CandumpLog(out) : new NoisyLog(out, seed, faults),
      file !== undefined,
    )
  } finally {
    file?.close()
  }
}

/** Writes the whole log; gives signals a chance now and then. */
async function pump(
  io: Io,
  simulator: EcoflowSimulator,
  { start, duration }: SimulatorOptions,
  log: FrameLog,
  toFile: boolean,
): Promise<void> {
  const status = new StatusLine(io, toFile || !io.out.isTerminal)
  let frames = 0
  for (const frame of simulator.frames()) {
    log.write(frame)
    if (++frames % TURN_FRAMES !== 0) continue
    const share = Math.min(1, (frame.at - start) / duration)
    status.update(elapsed => progressText(frames, share, elapsed))
    await yieldToEvents()
    if (io.signal.aborted) break
  }
  log.end()
  status.done()
}

function settingsOf(io: Io, options: EcoflowOptions): SimulatorOptions {
  const { seed, minutes, scenario, rate } = options
  return {
    seed,
    scenario,
    rate,
    start: parseStart(options.start, io.clock.now(), DEFAULT_START) * 1000,
    duration: Math.round(minutes * 60_000_000),
    batteries: Number(options.batteries),
    faults: parseFaultRates(options.faults, FAULTS, DEFAULT_RATE),
  }
}

function progressText(frames: number, share: number, elapsedMs: number): string {
  const rate = Math.round(frames / Math.max(elapsedMs, 1))
  const left = Math.round((elapsedMs * (1 - share)) / share / 1000)
  return `${Math.floor(share * 100)} %, ${rate} k frames/s, ${left} s left`
}
