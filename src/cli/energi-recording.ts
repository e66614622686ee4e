import { readCapture } from '../capture-stream.ts'
import { isWattzupError } from '../core/errors.ts'
import type { ByteInput } from '../core/input.ts'
import type { Packet } from '../core/packet.ts'
import { ByteWriter } from '../core/writer.ts'
import type { Sink } from '../sinks/sink.ts'
import { Pace } from './energi-pace.ts'
import type { Sniffer, SniffSource } from './energi-sniffer.ts'
import type { Io } from './io.ts'
import type { Format } from './live-options.ts'
import { printer } from './open-sinks.ts'
import { progressText } from './progress.ts'
import { StatusLine } from './status-line.ts'

/** Opens a capture file, or `-`, whose readings are printed in `format`. Throws `TransportError`. */
export async function openRecording(io: Io, path: string, format: Format, realtime: boolean): Promise<Recording> {
  return new Recording(io, await io.open(path), format, realtime)
}

/** A capture file, or a pipe from a capture that is going on. */
export class Recording implements SniffSource {
  /** Prints readings; never drops any, but waits for whoever reads them. */
  readonly printer: Sink
  readonly #io: Io
  readonly #input: ByteInput
  readonly #out: ByteWriter
  readonly #pace: Pace | undefined
  /** Packets of one piece of the file are taken one after the other. */
  #turn: Promise<void> = Promise.resolve()

  constructor(io: Io, input: ByteInput, format: Format, realtime: boolean) {
    this.#io = io
    this.#input = input
    this.#out = new ByteWriter(bytes => io.out.write(bytes))
    this.printer = printer(format, this.#out)
    this.#pace = realtime ? new Pace(io.clock) : undefined
  }

  /** Reads it to its end, or until the run of the sniffer is over. Throws `TransportError` where it is damaged. */
  async read(sniffer: Sniffer): Promise<void> {
    const { signal } = sniffer.run
    const status = new StatusLine(this.#io, !this.#io.out.isTerminal)
    const pace = this.#pace
    const stop = () => (this.#input.live ? this.#input.close() : undefined) // it may wait for bytes that never come
    signal.addEventListener('abort', stop, { once: true })
    try {
      await readCapture(this.#input, {
        packet: packet => (pace === undefined ? sniffer.take(packet) : this.#later(packet, sniffer, pace)),
        reject: error => sniffer.reject(error),
        drained: bytes => {
          if (this.#input.live || this.#io.out.isTerminal) this.#out.flush()
          status.update(elapsed => progressText(this.#input, bytes, elapsed))
        },
        stopped: () => signal.aborted,
      })
    } catch (error) {
      if (!signal.aborted || !isWattzupError(error)) throw error // what is closed cannot be read any more
    } finally {
      signal.removeEventListener('abort', stop)
      status.done()
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#input.close()
  }

  #later(packet: Packet, sniffer: Sniffer, pace: Pace): Promise<void> {
    const kept = { ...packet, data: packet.data.slice() }
    this.#turn = this.#turn.then(async () => {
      const { signal } = sniffer.run
      await pace.wait(kept.at, signal).catch(() => {}) // the run is over
      if (signal.aborted) return
      await sniffer.take(kept)
      this.#out.flush()
    })
    return this.#turn
  }
}
