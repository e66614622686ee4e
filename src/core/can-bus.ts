import type { CanFrame } from './can.ts'
import type { TransportError } from './errors.ts'

/** A classic or FD frame as it is handed over to be transmitted; a `CanFrame` is one. */
export interface CanMessage {
  /** Arbitration ID, 11 bits, or 29 with `CAN.extended`. */
  readonly id: number
  /** Bits of `CAN`. */
  readonly flags: number
  /** Bytes of data that count. */
  readonly length: number
  /** At least `length` bytes. */
  readonly data: Uint8Array
  /** Of a remote request: how many bytes it asks for; `length` where it is left out. */
  readonly dlc?: number
}

/** What happens to a bus beside its frames. */
export type CanBusEvent =
  /** Frames come and go again, after `down`. */
  | { readonly type: 'up' }
  /** Nothing comes or goes until `up`: bus-off, the interface was taken down, the adapter is gone. */
  | { readonly type: 'down'; readonly error: TransportError }
  /** The controller reports trouble, and the bus goes on: error passive, no acknowledgement, a stuck bit. */
  | { readonly type: 'error'; readonly text: string }
  /** Frames that came were lost before anybody read them; how many, where that is known. */
  | { readonly type: 'overrun'; readonly lost?: number }
  /** A recording is over. */
  | { readonly type: 'end' }

/** Takes what a bus says. Calls come one after the other, and none may take long: the next frame waits. */
export interface CanListener {
  /** A frame has come. It is the bus's own and changes with the next one: copy to keep. */
  frame(frame: CanFrame): void
  event(event: CanBusEvent): void
}

/** One CAN bus, open: an interface, an adapter, a server, a recording. */
export interface CanBus extends AsyncDisposable {
  /** What messages call it: `can0`, `slcan:/dev/ttyACM0`. */
  readonly name: string
  /** A recording is played: nothing that is sent goes anywhere, and what is heard may be our own. */
  readonly recorded: boolean
  /** Whoever listened before hears nothing any more; what came before the first listener is lost. */
  listen(listener: CanListener): void
  /**
   * Hands a frame to the driver and returns at once: false when it was not taken, because the bus is down or its queue
   * is full. Never throws, never waits, keeps nothing of `frame`. What fails later is an event.
   */
  send(frame: CanMessage): boolean
}
