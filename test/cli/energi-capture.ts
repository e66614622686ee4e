import { TransportError } from '../../src/core/errors.ts'
import type { CaptureOptions, PacketCapture } from '../../src/core/ethernet.ts'
import type { Network } from '../../src/core/network.ts'
import { localNetwork } from '../../src/transport/local-network.ts'
import { LITTLE, pcapHeader, pcapPacket } from '../framing/capture-bytes.ts'
import { ManualClock } from '../manual-clock.ts'

/** A capture in memory: frames that a test sends, until it breaks off. */
export class MemoryCapture implements PacketCapture {
  readonly name = 'eth7'
  readonly size = 0
  readonly live = true
  readonly program = 'tcpdump'
  dropped: number | undefined
  disposed = false
  readonly #chunks: Buffer[] = [pcapHeader(LITTLE)]
  #error: Error | undefined
  #closed = false
  #wake = () => {}

  /** A frame of the time, Unix s. */
  send(seconds: number, ...frames: readonly Uint8Array[]): void {
    for (const frame of frames) this.#chunks.push(pcapPacket(LITTLE, seconds, 0, frame))
    this.#wake()
  }

  /** The interface disappears; the kernel had no room for so many frames. */
  lose(dropped = 0): void {
    this.dropped = dropped
    this.#error = new TransportError('lost eth7: the interface has disappeared')
    this.#wake()
  }

  async read(into: Uint8Array, at: number): Promise<number> {
    for (;;) {
      const chunk = this.#chunks.shift()
      if (chunk !== undefined) {
        into.set(chunk, at)
        return chunk.length
      }
      if (this.#closed) return 0
      if (this.#error !== undefined) throw this.#error
      await new Promise<void>(resolve => {
        this.#wake = resolve
      })
    }
  }

  close(): void {
    this.#closed = true
    this.#wake()
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.close()
    this.disposed = true
  }
}

/** A network on whose interface captures begin, one after the other, as a test has prepared them. */
export class CaptureWorld {
  readonly clock = new ManualClock()
  readonly network: Network
  readonly asked: CaptureOptions[] = []
  readonly #prepared: (MemoryCapture | TransportError)[]

  constructor(...prepared: (MemoryCapture | TransportError)[]) {
    this.#prepared = prepared
    this.network = { ...localNetwork(this.clock), capture: async options => this.#next(options) }
  }

  #next(options: CaptureOptions): MemoryCapture {
    this.asked.push(options)
    const next = this.#prepared.shift()
    if (next === undefined) throw new Error('the test has prepared no more captures')
    if (next instanceof TransportError) throw next
    return next
  }
}
