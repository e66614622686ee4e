import type { ByteInput } from '../core/input.ts'

/** An input whose first bytes have been read already, to see what it is. */
export class Prefixed implements ByteInput {
  readonly name: string
  readonly size: number
  readonly live: boolean
  readonly #rest: ByteInput
  #head: Uint8Array

  constructor(head: Uint8Array, rest: ByteInput) {
    this.name = rest.name
    this.size = rest.size
    this.live = rest.live
    this.#head = head
    this.#rest = rest
  }

  read(into: Uint8Array, at: number): number | Promise<number> {
    if (this.#head.length === 0) return this.#rest.read(into, at)
    const part = this.#head.subarray(0, into.length - at)
    into.set(part, at)
    this.#head = this.#head.subarray(part.length)
    return part.length
  }

  close(): void {
    this.#rest.close()
  }
}
