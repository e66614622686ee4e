import type { Endpoint } from './endpoint.ts'
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

/** The network of this machine. */
export interface Network {
  /** Connects within `timeoutMs`; rejects with `TransportError`, or the reason of `signal`. */
  connect(to: Endpoint, timeoutMs: number, signal: AbortSignal): Promise<Transport>
  /** Opens a port, 0 for any; rejects with `TransportError`. */
  listen(at: Endpoint): Promise<Listener>
  /** One packet per datagram, its origin the sender. Rejects with `TransportError`. */
  datagrams(options: DatagramOptions): Promise<Transport>
}
