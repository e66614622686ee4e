import type { ByteInput } from './input.ts'

/** What to capture. */
export interface CaptureOptions {
  /** Name of the interface: `eth0`; `any` is all of them on Linux. */
  readonly iface: string
  /** Which frames, in the language of pcap-filter(7). */
  readonly filter: string
  /** So many bytes of a frame are enough. */
  readonly snapLength: number
}

/**
 * A capture that is going on: the bytes of a pcap file that ends when the run does. Reading throws `TransportError` when
 * the interface is lost. Disposing of it ends the capture, and puts the interface back as it was.
 */
export interface PacketCapture extends ByteInput, AsyncDisposable {
  /** What captures: `tcpdump`. */
  readonly program: string
  /** Frames that the kernel had no room for; known after the end, and not always then. */
  readonly dropped: number | undefined
}

/** Sends from one interface. */
export interface FrameSender extends AsyncDisposable {
  /**
   * Hands a whole frame to the system, from its destination to the end of its payload. Throws `TransportError`, its
   * context with the system's `code`: `ENETDOWN` or `ENOBUFS` where it may work again later.
   */
  send(frame: Uint8Array, signal: AbortSignal): Promise<void>
}
