import type { Endpoint } from './endpoint.ts'
import type { CaptureOptions, FrameSender, PacketCapture } from './ethernet.ts'
import type { SerialAddress } from './serial-address.ts'
import type { Transport } from './transport.ts'

/** A server: who connects to it. Disposing it closes the port and every connection. */
export interface Listener extends AsyncDisposable {
  readonly endpoint: Endpoint
  /** Connections as they come, until `signal` aborts. Dispose of each. */
  connections(signal: AbortSignal): AsyncIterable<Transport>
}

/** Where a socket for datagrams is and whom it sends to. */
export interface DatagramOptions {
  /** Own address; port 0 is any. Several programs may listen at one. */
  readonly at: Endpoint
  /** Whom `send` sends to, a broadcast address too; without it nothing can be sent. */
  readonly to?: Endpoint
}

/** A pseudo terminal: what is written to `path` arrives here. Disposing it takes the path away. */
export interface PseudoTerminal extends Transport {
  /** What programs open like a serial port. */
  readonly path: string
}

/** The network of this machine, down to its Ethernet frames, and its serial ports. */
export interface Network {
  /** Connects within `timeoutMs`; rejects with `TransportError`, or the reason of `signal`. */
  connect(to: Endpoint, timeoutMs: number, signal: AbortSignal): Promise<Transport>
  /** Opens a port, 0 for any; rejects with `TransportError`. */
  listen(at: Endpoint): Promise<Listener>
  /** One packet per datagram, its origin the sender. Rejects with `TransportError`. */
  datagrams(options: DatagramOptions): Promise<Transport>
  /** Opens a serial port for this program alone; rejects with `TransportError`, or the reason of `signal`. */
  serial(port: SerialAddress, signal: AbortSignal): Promise<Transport>
  /** Makes a pseudo terminal, with a link to it at `link` where that is given; rejects with `TransportError`. */
  pseudoTerminal(link: string | undefined): Promise<PseudoTerminal>
  /** Captures frames; ends when `signal` aborts. Rejects with `TransportError`, or the reason of `signal`. */
  capture(options: CaptureOptions, signal: AbortSignal): Promise<PacketCapture>
  /** Opens an interface for sending frames; rejects with `TransportError`. */
  frameSender(iface: string): Promise<FrameSender>
}
