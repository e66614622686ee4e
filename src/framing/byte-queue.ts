const LEAST = 4096

/** Bytes that come in any pieces and are taken from the front. Cost is linear however small the pieces are. */
export class ByteQueue {
  #bytes = new Uint8Array(LEAST)
  #view = new DataView(this.#bytes.buffer)
  #start = 0
  #end = 0

  get length(): number {
    return this.#end - this.#start
  }

  /** All of the memory, of which the bytes that wait begin at `start`; another one after an `append`. */
  get bytes(): Uint8Array {
    return this.#bytes
  }

  /** The same memory. */
  get view(): DataView {
    return this.#view
  }

  /** Where the first byte is in `bytes` and `view`. */
  get start(): number {
    return this.#start
  }

  append(data: Uint8Array): void {
    if (this.#end + data.length > this.#bytes.length) this.#makeRoom(data.length)
    this.#bytes.set(data, this.#end)
    this.#end += data.length
  }

  /** The first `count` bytes, of which there must be so many; valid until the next `append`. */
  peek(count: number): DataView {
    return new DataView(this.#bytes.buffer, this.#start, count)
  }

  /** Takes `count` bytes away. */
  drop(count: number): void {
    this.#start += count
    if (this.#start === this.#end) this.#start = this.#end = 0
  }

  #makeRoom(count: number): void {
    const { length } = this
    const from = this.#bytes
    // at least half is free after it, so bytes are moved once for every byte that comes
    if ((length + count) * 2 > from.length) {
      this.#bytes = new Uint8Array((length + count) * 2)
      this.#view = new DataView(this.#bytes.buffer)
    }
    this.#bytes.set(from.subarray(this.#start, this.#end))
    this.#start = 0
    this.#end = length
  }
}
