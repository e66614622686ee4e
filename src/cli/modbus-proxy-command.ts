import { Command, Option } from 'commander'
import { parseEndpoint } from '../core/endpoint.ts'
import { UsageError } from '../core/errors.ts'
import { DONGLE_PORT } from '../protocols/lxp/packet-name.ts'
import { parseListenAddress } from '../sinks/http/listen-address.ts'
import { examples } from './examples.ts'
import type { Io } from './io.ts'
import { addLiveOptions } from './live-options.ts'
import { addDongleOptions } from './modbus-dongle.ts'
import { type ProxyFlags, runProxy } from './modbus-proxy.ts'
import { wholeNumber } from './number-arguments.ts'

/** Clients at once: by default, and at most. */
const CLIENTS = 8
const MOST_CLIENTS = 256

const DETAILS = `
Programs connect to this one as they would to the dongle: same port, same serial numbers. There is no password in this
protocol, so by default only programs of this machine get in, and only to read; \`--listen 0.0.0.0:${DONGLE_PORT}\` lets the network in.
What passes becomes readings too, which any output may take.
`

/** `modbus proxy`: one connection to a dongle, shared by many programs. */
export function proxyCommand(io: Io): Command {
  const command = new Command('proxy')
    .description('Share a dongle, which serves one client only, between many programs.')
    .argument('<host[:port]>', `the dongle; the port is ${DONGLE_PORT}`)
    .optionsGroup('Clients:')
    .addOption(
      new Option('--listen <[host:]port>', 'where programs connect; without a host only those of this machine')
        .argParser(parseListenAddress)
        .default(parseListenAddress(String(DONGLE_PORT)), String(DONGLE_PORT)),
    )
    .option('--max-clients <n>', 'programs at once', wholeNumber(1, MOST_CLIENTS), CLIENTS)
    .option('--write', 'they may change settings that are safe, within limits; they may only read without')
    .option('--force', 'with --write: dangerous settings too')
  return addLiveOptions(addDongleOptions(command))
    .addHelpText(
      'after',
      DETAILS +
        examples(
          'modbus proxy 192.168.1.50',
          'modbus proxy 192.168.1.50 --listen 0.0.0.0:8000 --max-clients 3',
          'modbus proxy 192.168.1.50 --listen 192.168.1.9:8000 --mqtt mqtt://broker.lan --ha',
        ),
    )
    .action(async (host: string, flags: ProxyFlags) => {
      if (flags.force === true && flags.write !== true) throw new UsageError('--force is for --write')
      await runProxy(io, parseEndpoint(host, DONGLE_PORT), flags)
    })
}
