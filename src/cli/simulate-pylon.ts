import { Command, InvalidArgumentError, Option } from 'commander'
import { yieldToEvents } from '../core/clock.ts'
import { UsageError } from '../core/errors.ts'
import { ByteWriter } from '../core/writer.ts'
import { parseWireFaults, WIRE_FAULTS } from '../protocols/pylontech/simulator/faults.ts'
import { PACK_ALARMS, PACK_KINDS, type PackAlarm } from '../protocols/pylontech/simulator/pack.ts'
import { handClock, pollLog } from '../protocols/pylontech/simulator/poll-log.ts'
import { MOST_PACKS, SimulatedStack } from '../protocols/pylontech/simulator/stack.ts'
import type { Io } from './io.ts'
import { openStructs } from './open-structs.ts'

const DEFAULT_START = '2026-06-01T06:00:00Z'
/** Lines between two looks at signals. */
const TURN_LINES = 4096

const EXAMPLES = `
Faults, each with the share of replies that have it if wanted (checksum=0.2), 0.05 by default:
${Object.entries(WIRE_FAULTS)
  .map(([name, text]) => `  ${name.padEnd(9)} ${text}`)
  .join('\n')}
  all       all of them

Examples:
  $ wattzup simulate pylon --frames 6
  $ wattzup simulate pylon --frames 50 --packs 4 --kind us3000c | wattzup pylon decode -
  $ wattzup simulate pylon --frames 200 --faults all --alarm cell_fault | wattzup pylon decode - --format ndjson
`

interface PylonOptions {
  readonly frames: number
  readonly packs: number
  readonly kind: keyof typeof PACK_KINDS
  readonly group: number
  readonly seed: number
  readonly start: string
  readonly interval: number
  readonly all?: true
  readonly alarm?: PackAlarm
  readonly faults: string
}

/** `simulate pylon`: requests to a stack of Pylontech modules and its replies, as a log. */
export function simulatePylonCommand(io: Io): Command {
  return new Command('pylon')
    .description('write a log of a Pylontech stack that is being polled; same seed, same bytes')
    .option('--frames <n>', 'requests to write, each with its reply', range(1, 1e9), 30)
    .option('--packs <n>', 'modules in the stack', range(1, MOST_PACKS), 2)
    .addOption(new Option('--kind <name>', 'what the modules are').choices(Object.keys(PACK_KINDS)).default('us2000'))
    .option('--group <n>', 'group of the addresses', range(0, 7), 0)
    .option('--seed <n>', 'whole number that everything random follows from', range(0, Number.MAX_SAFE_INTEGER), 1)
    .option('--start <time>', 'time of the first request, ISO 8601 (UTC)', DEFAULT_START)
    .option('--interval <s>', 'seconds from one round of requests to the next', range(1, 86_400), 10)
    .option('--all', 'ask the first module for all of them (module FF)')
    .addOption(new Option('--alarm <name>', 'what is wrong with the last module').choices(PACK_ALARMS))
    .option('--faults <list>', 'what is wrong with the line, comma-separated', '')
    .addHelpText('after', EXAMPLES)
    .action((options: PylonOptions) => run(io, options))
}

async function run(io: Io, options: PylonOptions): Promise<void> {
  const structs = (await openStructs(io, undefined)).load('pylontech')
  const { packs, kind, group, seed, frames, interval } = options
  const clock = handClock(startOf(options.start))
  const stack = new SimulatedStack(structs, clock, {
    packs,
    kind,
    group,
    seed,
    faults: parseWireFaults(options.faults),
  })
  stack.packs.at(-1)!.alarm = options.alarm
  const out = new ByteWriter(bytes => io.out.write(bytes))
  let lines = 0
  for (const line of pollLog(stack, clock, {
    requests: frames,
    intervalMs: interval * 1000,
    all: options.all === true,
  })) {
    out.text(line)
    out.endLine()
    if (++lines % TURN_LINES === 0) await yieldToEvents()
    if (io.signal.aborted) break
  }
  out.flush()
}

/** Unix ms; a time without a zone is UTC. */
function startOf(text: string): number {
  const match = /^\d{4}-\d\d-\d\d(T\d\d:\d\d(:\d\d(\.\d+)?)?(Z|[+-]\d\d:\d\d)?)?$/.exec(text)
  const zoned = match !== null && match[1] !== undefined && match[4] === undefined ? `${text}Z` : text
  const ms = match === null ? Number.NaN : Date.parse(zoned)
  if (ms >= 0) return ms
  throw new UsageError(`--start: ${text} is no time; write it like ${DEFAULT_START}`, { start: text })
}

function range(least: number, most: number): (text: string) => number {
  return text => {
    const value = /^\d+$/.test(text) ? Number(text) : -1
    if (value >= least && value <= most) return value
    throw new InvalidArgumentError(`It must be a whole number from ${least} to ${most}.`)
  }
}
