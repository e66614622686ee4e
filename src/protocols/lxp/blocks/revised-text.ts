import { type ByteSource, byteSource, utf8 } from '../../../core/bytes.ts'
import type { ByteWriter } from '../../../core/writer.ts'

/** Steps of eight bytes may go so far beyond the end of what they copy. */
const SLACK = 8

/** From here on a call that copies all costs less than steps. */
const LONG = 64

/**
 * A text that is revised from its beginning to its end: what stays is kept up to a place, what changes is replaced.
 * The old and the new text lie in the two halves of one memory, so that a kept part is one move and nothing is allocated.
 *
 * Short parts go eight bytes at a step, as floats, in a tenth of the time that it takes byte by byte. No eight bytes of
 * UTF-8 are a NaN, whose bits a copy need not keep.
 */
export class RevisedText {
  #memory: ByteSource
  #half: number
  /** Where the text begins in the memory, and its length. */
  #start = 0
  #length: number
  /** While it is revised: the end of the new text in the memory, and how much of the old text is done with. */
  #end = 0
  #done = 0

  constructor(text: string) {
    const bytes = utf8(text)
    this.#length = bytes.length
    this.#half = bytes.length * 2 + SLACK
    this.#memory = byteSource(this.#half * 2)
    this.#memory.bytes.set(bytes)
  }

  begin(): void {
    this.#end = this.#half - this.#start
    this.#done = 0
  }

  /**
   * Keeps the old text up to byte `at`, and puts in the place of the `count` bytes that follow what `out` has from
   * `start` on; takes it back from there.
   */
  replace(at: number, count: number, out: ByteWriter, start: number): void {
    const size = out.length - start
    out.reserve(SLACK)
    this.#keep(at, size)
    copyShort(this.#memory.view, this.#end, out.view, start, size)
    this.#end += size
    this.#done += count
    out.length = start
  }

  /** Keeps the rest; the new text is the text now. */
  finish(): void {
    this.#keep(this.#length, 0)
    this.#start = this.#half - this.#start
    this.#length = this.#end - this.#start
  }

  /** Keeps the old text up to byte `until`, with room for `more` bytes behind it. */
  #keep(until: number, more: number): void {
    const count = until - this.#done
    this.#reserve(count + more)
    const from = this.#start + this.#done
    const { view, bytes } = this.#memory
    if (count < LONG) copyShort(view, this.#end, view, from, count)
    else bytes.copyWithin(this.#end, from, from + count)
    this.#end += count
    this.#done = until
  }

  appendTo(out: ByteWriter): void {
    const { view, bytes } = this.#memory
    out.reserve(this.#length + SLACK)
    if (this.#length < LONG) copyShort(out.view, out.length, view, this.#start, this.#length)
    else out.bytes.set(bytes.subarray(this.#start, this.#start + this.#length), out.length)
    out.length += this.#length
  }

  /** Makes room for `count` more bytes of the new text. */
  #reserve(count: number): void {
    const limit = this.#start === 0 ? this.#half * 2 : this.#half
    if (this.#end + count + SLACK > limit) this.#grow(count)
  }

  #grow(count: number): void {
    const { bytes } = this.#memory
    const old = bytes.subarray(this.#start, this.#start + this.#length)
    const begun = bytes.subarray(this.#half - this.#start, this.#end)
    this.#half = Math.max(old.length, begun.length + count) * 2 + SLACK
    this.#memory = byteSource(this.#half * 2)
    this.#memory.bytes.set(old)
    this.#memory.bytes.set(begun, this.#half)
    this.#start = 0
    this.#end = this.#half + begun.length
  }
}

function copyShort(to: DataView, at: number, from: DataView, start: number, count: number): void {
  for (let i = 0; i < count; i += 8) to.setFloat64(at + i, from.getFloat64(start + i, true), true)
}
