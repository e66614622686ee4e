import { CAN, type CanFrame } from '../core/can.ts'
import type { Packet } from '../core/packet.ts'
import { SOCKETCAN } from '../framing/socketcan-packet.ts'
import { InterfaceBook } from '../framing/writers/interface-book.ts'
import { putStruct, structLength } from '../framing/writers/socketcan.ts'
import type { ReadingStream } from '../reading-stream.ts'

/** A frame as captures hold it: header and data. */
const LONGEST = 8 + 64

/** Frames to be decoded, as packets. */
export class FrameDecoding {
  /** Why readings cannot be handed on any more. */
  failure: unknown
  readonly #stream: ReadingStream
  readonly #failed: () => void
  readonly #view = new DataView(new ArrayBuffer(LONGEST))
  readonly #bytes = new Uint8Array(this.#view.buffer)
  readonly #book = new InterfaceBook(true)
  readonly #names: string[] = []

  /** `failed` is told when readings cannot be handed on any more. */
  constructor(stream: ReadingStream, failed: () => void) {
    this.#stream = stream
    this.#failed = failed
  }

  take(frame: CanFrame): void {
    if (this.failure !== undefined || (frame.flags & (CAN.remote | CAN.error)) !== 0) return
    putStruct(this.#view, 0, frame)
    const data = this.#bytes.subarray(0, structLength(frame))
    const at = frame.seconds * 1000 + Math.floor(frame.nanos / 1e6)
    const packet: Packet = { data, at, origin: this.#nameOf(frame), linkType: SOCKETCAN }
    // no sink that is used live makes its source wait
    this.#stream.push(packet).catch(error => this.#fail(error))
  }

  #fail(error: unknown): void {
    this.failure ??= error
    this.#failed()
  }

  #nameOf(frame: CanFrame): string {
    const number = this.#book.numberOf(frame)
    if (number < 0) return 'other'
    this.#names[number] ??= new TextDecoder().decode(this.#book.names[number])
    return this.#names[number]
  }
}
