import { Command, InvalidArgumentError, Option } from 'commander'
import { yieldToEvents } from '../../core/clock.ts'
import { TransportError, UsageError } from '../../core/errors.ts'
import { ByteWriter } from '../../core/writer.ts'
import { CandumpLog, type FrameLog } from '../../protocols/ecoflow/simulator/candump-log.ts'
import { FAULTS, parseFaults } from '../../protocols/ecoflow/simulator/faults.ts'
import { NoisyLog } from '../../protocols/ecoflow/simulator/noisy-log.ts'
import {
  EcoflowSimulator,
  SCENARIOS,
  type Scenario,
  type SimulatorOptions,
} from '../../protocols/ecoflow/simulator/simulator.ts'
import type { Io } from '../io.ts'
import { openStructs } from '../open-structs.ts'
import { eddiCommand } from '../simulate-eddi.ts'
import { simulatePylonCommand } from '../simulate-pylon.ts'
import { StatusLine } from '../status-line.ts'

const DEFAULT_START = '2026-06-01T06:00:00Z'
/** Frames between two looks at signals and at the progress line. */
const TURN_FRAMES = 65_536

const EXAMPLES = `
Faults, each with a rate if wanted (corrupt=0.02), 0.01 by default:
${Object.entries(FAULTS)
  .map(([name, text]) => `  ${name.padEnd(12)} ${text}`)
  .join('\n')}
  all          all of them

Examples:
  $ wattzup simulate ecoflow --minutes 2 --output powerkit.log
  $ wattzup simulate ecoflow --seed 7 --minutes 1440 --rate 0.05 | wattzup canlog - --sum
  $ wattzup simulate ecoflow --minutes 0.5 --faults all,noise=0.05 --output -
`

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
}

function ecoflowCommand(io: Io): Command {
  return new Command('ecoflow')
    .description('write a candump log of an EcoFlow PowerKit and PowerStream; same seed, same bytes')
    .option('--seed <n>', 'whole number that everything random follows from', wholeNumber, 1)
    .option('--minutes <m>', 'length of the log', positive, 2)
    .addOption(new Option('--scenario <name>', 'what is on the bus').choices(SCENARIOS).default('home'))
    .addOption(new Option('--batteries <n>', 'batteries of the PowerKit').choices(['2', '3']).default('3'))
    .option(
      '--rate <factor>',
      'how often modules report: 1 as real ones, 5 at most, what the bus can carry',
      rateFactor,
      1,
    )
    .option('--start <time>', 'time of the first frame: ISO 8601 (UTC), Unix seconds, or now', DEFAULT_START)
    .option('--faults <list>', 'what is wrong with the log, comma-separated', '')
    .option('--output <file>', 'where to; - is standard output', '-')
    .option('--force', 'overwrite the file')
    .option('--structs <dir>', 'your definitions over the built-in ones')
    .addHelpText('after', EXAMPLES)
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
    start: startOf(io, options.start),
    duration: Math.round(minutes * 60_000_000),
    batteries: Number(options.batteries),
    faults: parseFaults(options.faults),
  }
}

const ISO = /^\d{4}-\d\d-\d\d(T\d\d:\d\d(:\d\d(\.\d+)?)?(Z|[+-]\d\d:\d\d)?)?$/

/** Unix microseconds; a time without a zone is UTC, so that a command means the same everywhere. */
function startOf(io: Io, text: string): number {
  if (text === 'now') return io.clock.now() * 1000
  if (/^\d+(\.\d+)?$/.test(text)) return Math.round(Number(text) * 1e6)
  const [, time, , , zone] = ISO.exec(text) ?? []
  const ms = ISO.test(text) ? Date.parse(time !== undefined && zone === undefined ? `${text}Z` : text) : Number.NaN
  if (ms >= 0) return ms * 1000
  throw new UsageError(`--start: ${text} is no time; write it like ${DEFAULT_START}, or now`, { start: text })
}

function wholeNumber(text: string): number {
  const value = Number(text)
  if (!/^\d+$/.test(text) || !Number.isSafeInteger(value)) throw new InvalidArgumentError('It must be a whole number.')
  return value
}

function positive(text: string): number {
  const value = Number(text)
  if (!(value > 0 && Number.isFinite(value))) throw new InvalidArgumentError('It must be a number above 0.')
  return value
}

/** Beyond it frames would queue up for ever. */
const MOST_RATE = 5

function rateFactor(text: string): number {
  const value = positive(text)
  if (value > MOST_RATE) throw new InvalidArgumentError(`It must not be above ${MOST_RATE}.`)
  return value
}

function progressText(frames: number, share: number, elapsedMs: number): string {
  const rate = Math.round(frames / Math.max(elapsedMs, 1))
  const left = Math.round((elapsedMs * (1 - share)) / share / 1000)
  return `${Math.floor(share * 100)} %, ${rate} k frames/s, ${left} s left`
}
