import type { ByteInput } from '../src/core/input.ts'

/** A live input, such as a pipe, that hands over one chunk at a time and tells when it is asked for the next. */
export class ChunkedInput implements ByteInput {
  readonly name = '-'
  readonly size = 0
  readonly live = true
  readonly #chunks: Uint8Array[]
  readonly #asked: (chunk: number) => void | Promise<void>
  #count = 0
  isClosed = false

  /** `asked` is called before chunk 0, 1, 2 and so on, and once more before the end. */
  constructor(chunks: readonly (string | Uint8Array)[], asked: (chunk: number) => void | Promise<void> = () => {}) {
    this.#chunks = chunks.map(chunk => (typeof chunk === 'string' ? Buffer.from(chunk, 'latin1') : chunk))
    this.#asked = asked
  }

  async read(into: Uint8Array, at: number): Promise<number> {
    const [chunk] = this.#chunks
    await this.#asked(this.#count)
    if (chunk === undefined) return 0
    const part = chunk.subarray(0, into.length - at)
    into.set(part, at)
    if (part.length < chunk.length) this.#chunks[0] = chunk.subarray(part.length)
    else {
      this.#chunks.shift()
      this.#count++
    }
    return part.length
  }

  close(): void {
    this.isClosed = true
  }
}

/** A log in pieces that end at `cuts`; none is empty. */
export function pieces(log: string | Uint8Array, cuts: readonly number[]): Uint8Array[] {
  const bytes = typeof log === 'string' ? Buffer.from(log, 'latin1') : log
  const edges = [...new Set([0, ...cuts.filter(cut => cut < bytes.length), bytes.length])].sort((a, b) => a - b)
  return edges.slice(1).map((end, i) => bytes.subarray(edges[i], end))
}
