import { Readable } from 'node:stream'
import { createGunzip } from 'node:zlib'
import { TransportError } from '../core/errors.ts'
import type { ByteInput } from '../core/input.ts'

const CHUNK = 65_536

/**
 * The unpacked bytes of a gzip stream, also of several members in a row. A damaged one is a `TransportError`, but one
 * that breaks off because of `signal` just ends.
 */
export function gunzipped(input: ByteInput, signal: AbortSignal = new AbortController().signal): ByteInput {
  const unpacked = Readable.from(chunks(input), { objectMode: false }).pipe(createGunzip())
  return new StreamInput(input, unpacked, signal)
}

async function* chunks(input: ByteInput): AsyncGenerator<Buffer> {
  for (;;) {
    const chunk = Buffer.allocUnsafe(CHUNK)
    const count = await input.read(chunk, 0)
    if (count === 0) return
    yield chunk.subarray(0, count)
  }
}

class StreamInput implements ByteInput {
  readonly name: string
  readonly size = 0
  readonly live: boolean
  readonly #source: ByteInput
  readonly #chunks: AsyncIterator<Buffer>
  readonly #signal: AbortSignal
  #rest: Uint8Array = new Uint8Array(0)

  constructor(source: ByteInput, stream: Readable, signal: AbortSignal) {
    this.name = source.name
    this.live = source.live
    this.#source = source
    this.#chunks = stream[Symbol.asyncIterator]()
    this.#signal = signal
  }

  async read(into: Uint8Array, at: number): Promise<number> {
    while (this.#rest.length === 0) {
      const next = await this.#next()
      if (next === undefined) return 0
      this.#rest = next
    }
    const part = this.#rest.subarray(0, into.length - at)
    into.set(part, at)
    this.#rest = this.#rest.subarray(part.length)
    return part.length
  }

  async #next(): Promise<Uint8Array | undefined> {
    try {
      const { value, done } = await this.#chunks.next()
      return done === true ? undefined : value
    } catch (error) {
      if (this.#signal.aborted) return undefined
      throw new TransportError(`cannot unpack ${this.name}: ${(error as Error).message}`, { path: this.name }, error)
    }
  }

  close(): void {
    void this.#chunks.return?.()
    this.#source.close()
  }
}
