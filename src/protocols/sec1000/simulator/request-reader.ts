import { ByteQueue } from '../../../framing/byte-queue.ts'
import { checksum, LENGTHS, SUM } from '../frame.ts'

/** Cuts what a client sends into requests: `length 2 | content | sum 2`. */
export class RequestReader {
  /** A length that cannot be: nothing more can be read from this client. */
  broken = false
  readonly #queue = new ByteQueue()

  /** Contents of good requests; those with a wrong checksum are left out. */
  push(data: Uint8Array): Uint8Array[] {
    this.#queue.append(data)
    const contents: Uint8Array[] = []
    while (!this.broken && this.#queue.length >= 2) {
      const length = this.#queue.peek(2).getUint16(0)
      this.broken = length < LENGTHS.least || length > LENGTHS.most
      if (this.broken || this.#queue.length < 2 + length) break
      const { buffer, byteOffset } = this.#queue.peek(2 + length)
      const frame = new Uint8Array(buffer, byteOffset + 2, length).slice()
      const end = length - SUM
      if (checksum(frame, 0, end) === ((frame[end]! << 8) | frame[end + 1]!)) contents.push(frame.subarray(0, end))
      this.#queue.drop(2 + length)
    }
    return contents
  }
}
