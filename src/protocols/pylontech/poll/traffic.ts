import type { Packet } from '../../../core/packet.ts'

/** More bytes than any reply has are passed on before their end. */
const MOST_BYTES = 8192

/** Joins the bytes that come in pieces, so that a record of the line has a request or a reply in each entry. */
export class Traffic {
  readonly #origin: string
  readonly #take: (packet: Packet) => void
  #parts: Uint8Array[] = []
  #bytes = 0
  #at = 0

  constructor(origin: string, take: (packet: Packet) => void) {
    this.#origin = origin
    this.#take = take
  }

  /** Bytes that were sent, at Unix ms. */
  sent(data: Uint8Array, at: number): void {
    this.#take({ data, at, origin: this.#origin })
  }

  received({ data, at }: Packet): void {
    if (this.#bytes === 0) this.#at = at
    this.#parts.push(data)
    this.#bytes += data.length
    if (this.#bytes >= MOST_BYTES) this.flush()
  }

  /** No more of it will come. */
  flush(): void {
    if (this.#bytes === 0) return
    this.#take({ data: Buffer.concat(this.#parts), at: this.#at, origin: this.#origin })
    this.#parts = []
    this.#bytes = 0
  }
}
