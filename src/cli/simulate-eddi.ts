import { Command, InvalidArgumentError } from 'commander'
import { yieldToEvents } from '../core/clock.ts'
import { TransportError, UsageError } from '../core/errors.ts'
import { ByteWriter } from '../core/writer.ts'
import { StructLibrary } from '../decode/library.ts'
import { writePcapHeader, writePcapPacket } from '../framing/pcap-writer.ts'
import { ETHERNET } from '../protocols/myenergi/ethernet.ts'
import { withStructure } from '../protocols/myenergi/myenergi.ts'
import { eddiFrames } from '../protocols/myenergi/simulator/eddi.ts'
import { EDDI_FAULTS, parseEddiFaults } from '../protocols/myenergi/simulator/faults.ts'
import type { Io } from './io.ts'

const DEFAULT_START = '2026-06-01T06:00:00Z'
const TURN_FRAMES = 4096

const EXAMPLES = `
Faults, each with a rate if wanted (cut=0.02), 0.01 by default:
${Object.entries(EDDI_FAULTS)
  .map(([name, text]) => `  ${name.padEnd(9)} ${text}`)
  .join('\n')}
  all       all of them

Examples:
  $ wattzup simulate eddi --minutes 10 --pcap eddi.pcap
  $ wattzup simulate eddi --minutes 1440 --start 2026-06-01T00:00:00Z --pcap - | wattzup energi sniff --pcap -
  $ wattzup simulate eddi --faults all,zero=0.05 --pcap - | wattzup energi sniff --pcap - --debug-keys
`

interface Flags {
  readonly pcap: string
  readonly seed: number
  readonly minutes: number
  readonly serial: number
  readonly start: string
  readonly faults: string
  readonly force?: true
}

/** `simulate eddi`: a myenergi eddi on a day with sun and clouds, as a capture file. */
export function eddiCommand(io: Io): Command {
  return new Command('eddi')
    .description('write a capture of what a myenergi eddi sends; same seed, same bytes')
    .requiredOption('--pcap <file>', 'where to; - is standard output')
    .option('--seed <n>', 'whole number that everything random follows from', wholeNumber, 1)
    .option('--minutes <m>', 'length of the capture', positive, 2)
    .option('--serial <n>', 'serial number of the eddi, up to 4294967295', serialNumber, 10_203_045)
    .option('--start <time>', 'time of the first frame: ISO 8601, in UTC if not said, or now', DEFAULT_START)
    .option('--faults <list>', 'what is wrong with the capture, comma-separated', '')
    .option('--force', 'overwrite the file')
    .addHelpText('after', EXAMPLES)
    .action((flags: Flags) => run(io, flags))
}

async function run(io: Io, flags: Flags): Promise<void> {
  const { pcap, seed, minutes, serial } = flags
  const start = startOf(io, flags.start)
  const options = { seed, serial, start, seconds: Math.round(minutes * 60), faults: parseEddiFaults(flags.faults) }
  if (pcap === '-' && io.out.isTerminal) {
    throw new UsageError('--pcap -: standard output is a terminal; pipe it into wattzup energi sniff --pcap -')
  }
  if (flags.force === undefined && pcap !== '-' && io.files.exists(pcap)) {
    throw new TransportError(`cannot write ${pcap}: it exists; --force overwrites it`)
  }
  const library = new StructLibrary(io.structs, undefined, refuseOverlay)
  const structs = withStructure(library.load('myenergi'), library.load('myenergi-structural'))
  const file = pcap === '-' ? undefined : io.files.create(pcap, flags.force ?? false)
  try {
    const out = new ByteWriter(bytes => (file === undefined ? io.out.write(bytes) : file.write(bytes)))
    writePcapHeader(out, ETHERNET)
    let frames = 0
    for (const { at, data } of eddiFrames(structs, options)) {
      writePcapPacket(out, at, data)
      if (++frames % TURN_FRAMES !== 0) continue
      out.flush()
      await yieldToEvents()
      if (io.signal.aborted) break
    }
    out.flush()
  } finally {
    file?.close()
  }
}

const ISO = /^\d{4}-\d\d-\d\d(T\d\d:\d\d(:\d\d)?(Z|[+-]\d\d:\d\d)?)?$/

/** Unix ms in whole seconds. */
function startOf(io: Io, text: string): number {
  if (text === 'now') return Math.floor(io.clock.now() / 1000) * 1000
  const [, time, , zone] = ISO.exec(text) ?? []
  const ms = ISO.test(text) ? Date.parse(time !== undefined && zone === undefined ? `${text}Z` : text) : Number.NaN
  if (ms >= 0) return ms
  throw new UsageError(`--start: ${text} is no time; write it like ${DEFAULT_START}, or now`, { start: text })
}

function wholeNumber(text: string): number {
  const value = Number(text)
  if (!/^\d+$/.test(text) || !Number.isSafeInteger(value)) throw new InvalidArgumentError('It must be a whole number.')
  return value
}

function serialNumber(text: string): number {
  const value = wholeNumber(text)
  if (value < 1 || value > 0xffffffff) throw new InvalidArgumentError('It must be from 1 to 4294967295.')
  return value
}

function positive(text: string): number {
  const value = Number(text)
  if (!(value > 0 && Number.isFinite(value))) throw new InvalidArgumentError('It must be a number above 0.')
  return value
}

function refuseOverlay(_text: string, file: string): never {
  throw new UsageError(`${file}: the simulator uses the built-in definitions only`)
}
