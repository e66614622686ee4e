import { Command } from 'commander'
import { UsageError } from '../core/errors.ts'
import { withStructure } from '../protocols/myenergi/myenergi.ts'
import { eddiFrames } from '../protocols/myenergi/simulator/eddi.ts'
import { EDDI_FAULTS } from '../protocols/myenergi/simulator/faults.ts'
import { examples } from './examples.ts'
import { FastClock } from './fast-clock.ts'
import { faultsHelp, parseFaultRates } from './fault-rates.ts'
import type { Io } from './io.ts'
import { positive } from './live-options.ts'
import { number, wholeNumber } from './number-arguments.ts'
import { openStructs } from './open-structs.ts'
import { EddiCapture, sendFrames, writeFrames } from './simulate-eddi-output.ts'
import { parseStart } from './start-time.ts'

const DEFAULT_START = '2026-06-01T06:00:00Z'
const DEFAULT_RATE = 0.01
const DEFAULT_MINUTES = 2

interface Flags {
  readonly iface?: string
  readonly pcap?: string
  readonly seed: number
  readonly minutes?: number
  readonly serial: number
  readonly start: string
  readonly speed?: number
  readonly faults: string
  readonly force?: true
}

/** `simulate eddi`: a myenergi eddi on a day with sun and clouds, on a network interface or as a capture file. */
export function eddiCommand(io: Io): Command {
  return new Command('eddi')
    .description('send what a myenergi eddi sends, or write a capture of it; same seed, same bytes')
    .optionsGroup('Output:')
    .option('--iface <nic>', 'network interface to send on; Linux, for root, with the optional package koffi')
    .option('--pcap <file>', 'capture file of the frames; - is standard output')
    .option('--force', 'overwrite the file')
    .optionsGroup('Device:')
    .option('--seed <n>', 'whole number that everything random follows from', wholeNumber(0), 1)
    .option('--serial <n>', 'serial number of the eddi', wholeNumber(1, 0xffffffff), 10_203_045)
    .option('--faults <list>', 'what is wrong with the frames, comma-separated', '')
    .optionsGroup('Time:')
    .option('--start <time>', 'time of the first frame: ISO 8601 (UTC), Unix seconds, or now', DEFAULT_START)
    .option('--minutes <m>', `minutes of its time (default: ${DEFAULT_MINUTES}, on an interface without end)`, positive)
    .option(
      '--speed <factor>',
      'how fast its time goes on an interface, 0.1 to 10000 (default: 1)',
      number(0.1, 10_000),
    )
    .addHelpText(
      'after',
      faultsHelp(EDDI_FAULTS, 'frames', DEFAULT_RATE) +
        examples(
          'simulate eddi --minutes 10 --pcap eddi.pcap',
          'simulate eddi --minutes 1440 --start 2026-06-01T00:00:00Z --pcap - | wattzup energi sniff --pcap -',
          'simulate eddi --iface veth0 --speed 60 --faults all,zero=0.05',
        ),
    )
    .action((flags: Flags) => run(io, flags))
}

async function run(io: Io, flags: Flags): Promise<void> {
  const { iface, pcap, seed, serial, speed = 1 } = flags
  check(io, flags)
  const start = Math.floor(parseStart(flags.start, io.clock.now(), DEFAULT_START) / 1000) * 1000
  const minutes = flags.minutes ?? (iface === undefined ? DEFAULT_MINUTES : Number.POSITIVE_INFINITY)
  const faults = parseFaultRates(flags.faults, EDDI_FAULTS, DEFAULT_RATE)
  const library = await openStructs(io, undefined)
  const structs = withStructure(library.load('myenergi'), library.load('myenergi-structural'))
  const frames = eddiFrames(structs, { seed, serial, start, seconds: Math.round(minutes * 60), faults })
  using capture = pcap === undefined ? undefined : new EddiCapture(io, pcap, flags.force ?? false)
  if (iface === undefined) await writeFrames(io, frames, capture!)
  else await sendFrames(io, frames, iface, new FastClock(io.clock, start, speed), capture)
}

function check(io: Io, { iface, pcap, speed }: Flags): void {
  if (iface === undefined && pcap === undefined) {
    throw new UsageError('simulate eddi needs --iface NIC to send, or --pcap FILE to write')
  }
  if (iface === undefined && speed !== undefined) {
    throw new UsageError('--speed is for --iface; a capture is written as fast as possible')
  }
  if (pcap === '-' && io.out.isTerminal) {
    throw new UsageError('--pcap -: standard output is a terminal; pipe it into wattzup energi sniff --pcap -')
  }
}
