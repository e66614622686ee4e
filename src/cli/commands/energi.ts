import { Command, Option } from 'commander'
import { UsageError } from '../../core/errors.ts'
import { FORMATS, runSniff, type SniffOptions } from '../energi-run.ts'
import type { Io } from '../io.ts'

const EXAMPLES = `
Examples:
  $ wattzup energi sniff --pcap samples/myenergi/eddi.pcap
  $ wattzup energi sniff --pcap samples/myenergi/eddi.pcap --debug-keys --format text
  $ ssh root@router tcpdump -i br-lan -U -w - ether proto 0x88b5 | wattzup energi sniff --pcap -
`

/** `wattzup energi`: what myenergi devices tell each other on the local network. */
export function energiCommand(io: Io): Command {
  return new Command('energi')
    .description('listen to myenergi devices (eddi, zappi) on the local network')
    .addCommand(sniffCommand(io))
}

function sniffCommand(io: Io): Command {
  return new Command('sniff')
    .description('decode what myenergi devices send each other, one line per frame')
    .option('--pcap <file>', 'capture file, pcap or pcapng, gzip or not; - is standard input')
    .option('--iface <name>', 'network interface to listen on: not there yet, use --pcap')
    .addOption(new Option('-f, --format <format>', 'output').choices(FORMATS).default('ndjson'))
    .option('--debug-keys', 'also the keys that the original program publishes only for debugging')
    .option('--compat-keys', 'names exactly as the original has them: words of 0x37 under 0x27/')
    .option('--structural', 'also what records seem to be made of: current transformers, status, zappi, harvi')
    .option('--no-filter', 'show implausible values too')
    .option('--strict', 'exit 1 when something could not be decoded')
    .option('--structs <dir>', 'folder of definitions of your own, used before the built-in ones')
    .addHelpText('after', EXAMPLES)
    .action(async (options: Omit<SniffOptions, 'pcap'> & { pcap?: string; iface?: string }) => {
      const { pcap, iface } = options
      if (iface !== undefined) throw new UsageError(`--iface: live capture is not there yet; ${pipe(iface)}`)
      if (pcap === undefined)
        throw new UsageError(`energi sniff needs --pcap FILE, - for standard input; ${pipe('eth0')}`)
      if (pcap === '-' && io.stdinIsTerminal) {
        throw new UsageError(`--pcap -: standard input is a terminal, not a capture; ${pipe('eth0')}`)
      }
      await runSniff(io, { ...options, pcap })
    })
}

function pipe(iface: string): string {
  return `pipe one in: tcpdump -i ${iface} -U -w - ether proto 0x88b5 | wattzup energi sniff --pcap -`
}
