import { Command } from 'commander'
import { UsageError } from '../../core/errors.ts'
import { parseOriginalConfig } from '../energi-config.ts'
import { runSniff, type SniffOptions } from '../energi-run.ts'
import { examples } from '../examples.ts'
import type { Io } from '../io.ts'
import { addLiveOptions } from '../live-options.ts'

type SniffFlags = Omit<SniffOptions, 'source'> & {
  readonly iface?: string
  readonly pcap?: string
  readonly config?: string
}

const DETAILS = `
Capturing runs tcpdump, or dumpcap, and needs no root once one of them may capture:
  sudo setcap cap_net_raw+ep $(command -v tcpdump)
`

/** `wattzup energi`: what myenergi devices tell each other on the local network. */
export function energiCommand(io: Io): Command {
  return new Command('energi')
    .description('listen to myenergi devices (eddi, zappi) on the local network')
    .addCommand(sniffCommand(io))
    .addHelpText(
      'after',
      examples(
        'energi sniff --iface eth0',
        'energi sniff --iface eth0 --mqtt mqtt://broker.lan --ha',
        'energi sniff --pcap samples/myenergi/eddi.pcap',
      ),
    )
}

function sniffCommand(io: Io): Command {
  const command = new Command('sniff')
    .description('Decode what myenergi devices send each other, one line per frame.')
    .optionsGroup('Source:')
    .option('--iface <nic>', 'network interface to capture on')
    .option('--pcap <file>', 'capture file instead, pcap or pcapng, gzip or not; - is standard input')
    .option('--realtime', 'frames of a file as far apart as they were, not as fast as possible')
    .option('--config <file>', "the original program's config.ini: interface, broker, topic, debugging")
    .optionsGroup('Values:')
    .option('--debug-keys', 'also the keys that the original program publishes only for debugging')
    .option('--compat-keys', 'names exactly as the original has them: words of 0x37 under 0x27/')
    .option('--structural', 'also what records seem to be made of, experimental: transformers, status, zappi, harvi')
    .option('--strict', 'exit 1 when something could not be decoded')
  return addLiveOptions(command, 'ndjson')
    .addHelpText(
      'after',
      DETAILS +
        examples(
          'energi sniff --iface eth0',
          'energi sniff --config config.ini --http 8080',
          'energi sniff --pcap samples/myenergi/eddi.pcap --debug-keys --format text',
          'ssh root@router tcpdump -i br-lan -U -w - ether proto 0x88b5 | wattzup energi sniff --pcap -',
        ).replaceAll('$ wattzup ssh', '$ ssh'),
    )
    .action(async (flags: SniffFlags) => {
      const { config, ...given } = flags
      const settings = config === undefined ? {} : parseOriginalConfig(io.files.readText(config), config)
      const options = { ...settings, ...given }
      await runSniff(io, { ...options, source: sourceOf(io, given, settings.iface) })
    })
}

/** What the command line says goes before what a file says. */
function sourceOf(
  io: Io,
  { iface, pcap, realtime }: SniffFlags,
  configured: string | undefined,
): SniffOptions['source'] {
  if (iface !== undefined && pcap !== undefined) throw new UsageError('--iface and --pcap are two sources; give one')
  if (pcap === '-' && io.stdinIsTerminal) {
    throw new UsageError(`--pcap -: standard input is a terminal, not a capture; ${PIPE}`)
  }
  if (pcap !== undefined) return { file: pcap }
  if (realtime === true) throw new UsageError('--realtime is for --pcap; an interface has no other time')
  const nic = iface ?? configured
  if (nic === undefined) throw new UsageError('energi sniff needs --iface NIC, or --pcap FILE; see: ip link')
  return { iface: nic }
}

const PIPE = 'pipe one in: tcpdump -i eth0 -U -w - ether proto 0x88b5 | wattzup energi sniff --pcap -'
