import type { Packet } from './packet.ts'

/** A connection to a device, or to the medium it speaks on. Holds a socket or a file: dispose of it. */
export interface Transport extends AsyncDisposable {
  /** What messages call it: `192.0.2.7:8000`, `/dev/ttyUSB0`. */
  readonly origin: string
  /**
   * Packets as they come, for one reader. Ends when the other side closes or `signal` aborts; throws `TransportError`
   * when the connection is lost. What arrives while the reader is busy waits in a bounded store.
   */
  packets(signal: AbortSignal): AsyncIterable<Packet>
  /** Resolves when the bytes have been handed to the system; throws `TransportError`. `bytes` may be reused then. */
  send(bytes: Uint8Array, signal: AbortSignal): Promise<void>
  /** Packets that its store had no room for. */
  readonly dropped?: number
  /** Breaks off at once, so that the other side notices; for simulators. */
  reset?(): void
}
