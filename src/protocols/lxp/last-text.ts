import { latin1 } from '../../decode/text.ts'

/** Text of a few bytes that are nearly always those of the last time: to make it anew takes longer than to compare. */
export class LastText {
  readonly #bytes: Uint8Array
  #text = ''

  constructor(size: number) {
    this.#bytes = new Uint8Array(size)
  }

  /** The Latin-1 text of the bytes from `start` on, without trailing NULs and spaces. */
  of(bytes: Uint8Array, start: number): string {
    const last = this.#bytes
    for (let i = 0; i < last.length; i++) {
      if (last[i] !== bytes[start + i]) return this.#keep(bytes.subarray(start, start + last.length))
    }
    return this.#text
  }

  #keep(bytes: Uint8Array): string {
    this.#bytes.set(bytes)
    this.#text = latin1(bytes, 0, bytes.length, true)
    return this.#text
  }
}
