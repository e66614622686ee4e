import { Command, Option } from 'commander'
import { UsageError } from '../core/errors.ts'
import { bitRateOption } from './can-bit-rate.ts'
import { runDump } from './can-dump.ts'
import { type DumpOptions, FRAME_FORMATS, READING_FORMATS } from './can-dump-options.ts'
import { collectSource, type DumpSource } from './can-dump-source.ts'
import { examples } from './examples.ts'
import type { Io } from './io.ts'
import { addLiveOptions, positive } from './live-options.ts'
import { number } from './number-arguments.ts'

/** What a bus may be, for help. */
export const BUSES_HELP = `
Buses:
  can0, socketcan:can0       an interface of this machine (Linux; optional package socketcan)
  slcan:/dev/ttyACM0[@baud]  an adapter on a serial port (optional package serialport)
  slcan:tcp://host:port      the same behind a bridge from TCP
  socketcand://host/can0     a bus of a socketcand server
  file:LOG[@can0]            a log of any format, played as it was recorded
  virtual:NAME               a bus within this program
`

const FILTERS_HELP = `
Filters stand behind the bus, as candump has them: can0,123:7FF,400~700,#FF. Those are ID:MASK for frames whose ID is
the same under the mask, ID~MASK for all others, #MASK for error frames, j for all of them together instead of any.
`

/** What options of readings mean here, where it is something else. */
const OWN_TEXTS: Readonly<Record<string, string>> = {
  '--format': 'frames: screen (default), candump, ndjson; with --decode readings: text (default), ndjson, csv',
  '--log': 'all frames, in files of candump lines that every command here plays',
  '--log-size': 'begin a new file of frames at this size; a new day begins one too',
  '--log-keep': 'keep the last files, not all',
  '--count': 'stop after so many frames, with --decode readings',
}

/** `can dump`: frames of buses as they come. */
export function dumpCommand(io: Io): Command {
  const command = new Command('dump')
    .description('Show the frames of CAN buses as they come, as candump does; log them, or decode them.')
    .argument('<bus...>', 'buses, each perhaps with filters', collectSource)
    .optionsGroup('Frames:')
    .option('-L, --candump', 'the same as --format candump: lines of a candump log')
    .addOption(
      new Option('-t, --timestamp <kind>', 'absolute, date and time, since the frame before, since the first').choices([
        ...['a', 'A', 'd', 'z'],
      ]),
    )
    .option('-q, --quiet', 'print neither frames nor readings')
    .addOption(
      new Option('--stats [s]', 'frames, rate and load of each bus on standard error, every so many seconds')
        .argParser(positive)
        .preset('1'),
    )
    .optionsGroup('Buses:')
    .addOption(bitRateOption('set for slcan, and 100 % of the load'))
    .option('--listen-only', 'do not even acknowledge frames (slcan; of interfaces: ip link)')
    .option('--speed <x>', 'play recordings so many times as fast; 0 does not wait', number(0), 1)
    .optionsGroup('Readings:')
    .option('--decode <name>', 'decode frames by a definition whose keys are IDs; see: wattzup structs')
  const formats = [...new Set([...FRAME_FORMATS, ...READING_FORMATS])]
  addLiveOptions(command, undefined, { formats, json: 'ndjson' })
  for (const option of command.options) option.description = OWN_TEXTS[option.long ?? ''] ?? option.description
  return command
    .addHelpText('after', BUSES_HELP + FILTERS_HELP)
    .addHelpText(
      'after',
      examples(
        'can dump can0 -L > drive.log',
        'can dump can0,100:700 can1 -t z --log /var/log/can --stats 10',
        'can dump slcan:/dev/ttyACM0 --decode byd-atto3 --mqtt mqtt://broker.lan',
      ),
    )
    .action(async (sources: readonly DumpSource[], options: DumpOptions) => {
      const isInput = sources.some(({ address }) => address.kind === 'file' && address.path === '-')
      if (isInput && io.stdinIsTerminal) {
        throw new UsageError('no log: file:- is standard input, which is the terminal')
      }
      await runDump(io, sources, options)
    })
}
