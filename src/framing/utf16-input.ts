import type { ByteInput } from '../core/input.ts'

const BLOCK = 65_536

/** The encoding of a text that begins with its byte order mark; undefined where it is not one of UTF-16. */
export function utf16Of(head: Uint8Array): 'utf-16le' | 'utf-16be' | undefined {
  if (head[0] === 0xff && head[1] === 0xfe) return 'utf-16le'
  return head[0] === 0xfe && head[1] === 0xff ? 'utf-16be' : undefined
}

/** An input of UTF-16 text as UTF-8, without the byte order mark. What is no UTF-16 becomes U+FFFD. */
export class Utf16Input implements ByteInput {
  readonly name: string
  readonly size: number
  readonly live: boolean
  readonly #rest: ByteInput
  readonly #decode: (bytes: Uint8Array) => Uint8Array
  readonly #block = new Uint8Array(BLOCK)
  /** What is decoded and has not been read yet. */
  #ready: Uint8Array
  #isOver = false

  /** `head`: the bytes that have been read of the input, from its mark on. */
  constructor(encoding: 'utf-16le' | 'utf-16be', head: Uint8Array, rest: ByteInput) {
    this.name = rest.name
    this.size = rest.size
    this.live = rest.live
    this.#rest = rest
    const decoder = new TextDecoder(encoding)
    const encoder = new TextEncoder()
    // no bytes are the end of the text
    this.#decode = bytes => encoder.encode(decoder.decode(bytes, { stream: bytes.length > 0 }))
    this.#ready = this.#decode(head)
  }

  async read(into: Uint8Array, at: number): Promise<number> {
    while (this.#ready.length === 0 && !this.#isOver) {
      const count = await this.#rest.read(this.#block, 0)
      this.#isOver = count === 0
      this.#ready = this.#decode(this.#block.subarray(0, count))
    }
    const part = this.#ready.subarray(0, into.length - at)
    into.set(part, at)
    this.#ready = this.#ready.subarray(part.length)
    return part.length
  }

  close(): void {
    this.#rest.close()
  }
}
