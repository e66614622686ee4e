import type { LiveCanAddress } from './can-address.ts'
import type { CanBus } from './can-bus.ts'
import type { CanFilters } from './can-filter.ts'
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

/** How a CAN bus is opened. */
export interface CanOptions {
  /** Frames that are wanted; all by default. What error frames mean is told all the same. */
  readonly filters?: CanFilters
  /** bit/s, 500 000 by default; of adapters whose channel we open. Interfaces and servers have theirs set elsewhere. */
  readonly bitRate?: number
  /** Nothing can be sent; adapters do not even acknowledge what others send. */
  readonly listenOnly?: boolean
  /** Numbers in [0, 1), for the jitter of waits. */
  readonly random: () => number
}

/** The network of this machine, down to its Ethernet frames, its serial ports and its CAN buses. */
export interface Network {
  /** Connects within `timeoutMs`; rejects with `TransportError`, or the reason of `signal`. */
  connect(to: Endpoint, timeoutMs: number, signal: AbortSignal): Promise<Transport>
  /** Opens a port, 0 for any; rejects with `TransportError`. */
  listen(at: Endpoint): Promise<Listener>
  /** One packet per datagram, its origin the sender. Rejects with `TransportError`. */
  datagrams(options: DatagramOptions): Promise<Transport>
  /** Opens a serial port for this program alone; rejects with `TransportError`, or the reason of `signal`. */
  serial(port: SerialAddress, signal: AbortSignal): Promise<Transport>
  /**
   * Opens a CAN bus, which is opened again whenever it is lost, until it is disposed of. Rejects with `TransportError`
   * where it cannot be opened now, `UsageError` for a bit rate that does not exist, or the reason of `signal`.
   */
  openCan(at: LiveCanAddress, options: CanOptions, signal: AbortSignal): Promise<CanBus>
  /** Makes a pseudo terminal, with a link to it at `link` where that is given; rejects with `TransportError`. */
  pseudoTerminal(link: string | undefined): Promise<PseudoTerminal>
  /** Captures frames; ends when `signal` aborts. Rejects with `TransportError`, or the reason of `signal`. */
  capture(options: CaptureOptions, signal: AbortSignal): Promise<PacketCapture>
  /** Opens an interface for sending frames; rejects with `TransportError`. */
  frameSender(iface: string): Promise<FrameSender>
}
