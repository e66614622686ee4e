import type { Clock } from '../core/clock.ts'
import type { Network } from '../core/network.ts'
import type { CanOpener } from './can/can-opener.ts'

/**
 * The network of this machine, its serial ports and its CAN buses. Its modules are loaded when they are used: most runs
 * read a file.
 */
export function localNetwork(clock: Clock): Network {
  let opener: Promise<CanOpener> | undefined
  const network: Network = {
    connect: async (to, timeoutMs, signal) => (await import('./tcp.ts')).connectTcp(to, timeoutMs, clock, signal),
    listen: async at => (await import('./tcp-listener.ts')).listenTcp(at, clock),
    datagrams: async options => (await import('./udp.ts')).openUdp(options, clock),
    serial: async (port, signal) => (await import('./serial.ts')).openSerial(port, clock, signal),
    openCan: async (at, options, signal) => {
      opener ??= import('./can/can-opener.ts').then(({ CanOpener }) => new CanOpener(network, clock))
      return (await opener).open(at, options, signal)
    },
    pseudoTerminal: async link => (await import('./pseudo-terminal.ts')).openPseudoTerminal(link, clock),
    capture: async (options, signal) => (await import('./packet-capture.ts')).openPacketCapture(options, clock, signal),
    frameSender: async iface => (await import('./frame-sender.ts')).openFrameSender(iface, clock),
  }
  return network
}
