import { Command, InvalidArgumentError, Option } from 'commander'
import { type Clock, yieldToEvents } from '../core/clock.ts'
import type { Endpoint } from '../core/endpoint.ts'
import { UsageError } from '../core/errors.ts'
import { ByteWriter } from '../core/writer.ts'
import type { StructSet } from '../decode/struct-set.ts'
import { DEFAULT_SHARE, WIRE_FAULTS } from '../protocols/pylontech/simulator/faults.ts'
import { PACK_ALARMS, PACK_KINDS, type PackAlarm } from '../protocols/pylontech/simulator/pack.ts'
import { type HandClock, handClock, pollLog } from '../protocols/pylontech/simulator/poll-log.ts'
import { type KindName, LATENCY_MS, MOST_PACKS, SimulatedStack } from '../protocols/pylontech/simulator/stack.ts'
import { parseListenAddress } from '../sinks/http/listen-address.ts'
import { examples } from './examples.ts'
import { FastClock } from './fast-clock.ts'
import { faultsHelp, parseFaultRates } from './fault-rates.ts'
import type { Io } from './io.ts'
import { positive } from './live-options.ts'
import { number, wholeNumber } from './number-arguments.ts'
import { openStructs } from './open-structs.ts'
import { taken } from './option-value.ts'
import { serveLine } from './simulate-pylon-line.ts'
import { parseStart } from './start-time.ts'

const DEFAULT_START = '2026-06-01T06:00:00Z'
/** Lines between two looks at signals. */
const TURN_LINES = 4096

export interface PylonFlags {
  readonly pty?: true | string
  readonly tcp?: Endpoint
  readonly console?: true
  readonly baud: number
  readonly latency: number
  readonly speed: number
  readonly duration?: number
  readonly packs: number
  readonly kind: readonly KindName[]
  readonly group: number
  readonly rs232?: true
  readonly ff: boolean
  readonly system?: true
  readonly silent: readonly number[]
  readonly seed: number
  readonly start: string
  readonly frames: number
  readonly interval: number
  readonly all?: true
  readonly alarm?: PackAlarm
  readonly faults: string
}

/** `simulate pylon`: a stack of Pylontech modules on a line, or the log of one that is being polled. */
export function simulatePylonCommand(io: Io): Command {
  return new Command('pylon')
    .description('be a stack of Pylontech modules on a pseudo terminal or TCP port, or write the log of one')
    .optionsGroup('Line; without one a log is written, same seed, same bytes:')
    .option('--pty [link]', 'a pseudo terminal, which is told on standard error; socat makes it')
    .option('--tcp <[host:]port>', 'a TCP port, as a serial bridge has it', endpoint)
    .option('--console', 'the text console, not frames')
    .option('--baud <rate>', 'speed of the line', wholeNumber(300, 4_000_000), 115_200)
    .option('--latency <ms>', 'what a module takes to answer', number(0, 10_000), LATENCY_MS)
    .option('--speed <factor>', 'how fast the time of the modules goes', number(0.1, 10_000), 1)
    .option('--duration <s>', 'stop after so many seconds', positive)
    .optionsGroup('Stack:')
    .option('--packs <n>', 'modules in the stack', wholeNumber(1, MOST_PACKS), 2)
    .option('--kind <list>', `what they are: ${Object.keys(PACK_KINDS).join(', ')}; in turn`, kinds, ['us2000'])
    .option('--group <n>', 'group of the addresses', wholeNumber(0, 7), 0)
    .option('--rs232', 'addresses begin at 1, as on the console plug')
    .option('--no-ff', 'nobody answers for all modules, as with many newer ones')
    .option('--system', 'the first module knows the system commands 61 to 63')
    .option('--silent <list>', 'modules that answer nothing, from 1, commas between', modules, [])
    .addOption(new Option('--alarm <name>', 'what is wrong with the last module').choices(PACK_ALARMS))
    .option('--faults <list>', 'what is wrong with the line, comma-separated', '')
    .option('--seed <n>', 'whole number that everything random follows from', wholeNumber(0), 1)
    .option('--start <time>', 'time of the modules when it begins: ISO 8601 (UTC), Unix seconds, or now', DEFAULT_START)
    .optionsGroup('Log:')
    .option('--frames <n>', 'requests to write, each with its reply', wholeNumber(1, 1e9), 30)
    .option('--interval <s>', 'seconds from one round of requests to the next', wholeNumber(1, 86_400), 10)
    .option('--all', 'ask the first module for all of them (module FF)')
    .addHelpText(
      'after',
      faultsHelp(WIRE_FAULTS, 'replies', DEFAULT_SHARE) +
        examples(
          'simulate pylon --frames 50 --packs 4 --kind us3000c | wattzup pylon decode -',
          'simulate pylon --packs 8 --pty /tmp/pylon --speed 60',
          'simulate pylon --packs 3 --kind us2000,us5000 --tcp 4196 --faults checksum=0.1,echo --alarm cell_fault',
        ),
    )
    .action((flags: PylonFlags) => run(io, flags))
}

async function run(io: Io, flags: PylonFlags): Promise<void> {
  if (flags.pty !== undefined && flags.tcp !== undefined) throw new UsageError('--pty and --tcp: one line at a time')
  const structs = (await openStructs(io, undefined)).load('pylontech')
  const start = parseStart(flags.start, io.clock.now(), DEFAULT_START)
  if (flags.pty === undefined && flags.tcp === undefined) {
    const clock = handClock(start)
    await writeLog(io, flags, stackOf(structs, clock, start, flags), clock)
    return
  }
  const clock = new FastClock(io.clock, start, flags.speed)
  await serveLine(io, flags, stackOf(structs, clock, start, flags), clock)
}

function stackOf(structs: StructSet, clock: Pick<Clock, 'now'>, start: number, flags: PylonFlags): SimulatedStack {
  const { packs, kind: kinds, group, seed, ff, system, rs232, silent, alarm, latency: latencyMs } = flags
  const stack = new SimulatedStack(structs, clock, {
    packs,
    kinds,
    group,
    seed,
    first: rs232 === true ? 1 : 2,
    together: ff,
    system: system === true,
    latencyMs,
    start,
    faults: parseFaultRates(flags.faults, WIRE_FAULTS, DEFAULT_SHARE),
  })
  stack.packs.at(-1)!.alarm = alarm
  for (const number of silent) {
    const pack = stack.packs[number - 1]
    if (pack === undefined) throw new UsageError(`--silent ${number}: there are ${packs} modules`)
    pack.silent = true
  }
  return stack
}

async function writeLog(io: Io, flags: PylonFlags, stack: SimulatedStack, clock: HandClock): Promise<void> {
  const out = new ByteWriter(bytes => io.out.write(bytes))
  let lines = 0
  const { frames: requests, interval, all } = flags
  for (const line of pollLog(stack, clock, { requests, intervalMs: interval * 1000, all: all === true })) {
    out.text(line)
    out.endLine()
    if (++lines % TURN_LINES === 0) await yieldToEvents()
    if (io.signal.aborted) break
  }
  out.flush()
}

function endpoint(text: string): Endpoint {
  return taken(() => parseListenAddress(text))
}

function kinds(text: string): KindName[] {
  const names = text.split(',').map(name => name.trim())
  const known = Object.keys(PACK_KINDS)
  if (names.every(name => known.includes(name))) return names as KindName[]
  throw new InvalidArgumentError(`They must be of ${known.join(', ')}.`)
}

function modules(text: string): number[] {
  return text.split(',').map(wholeNumber(1, MOST_PACKS))
}
