import { utf8 } from '../../../core/bytes.ts'
import type { ByteWriter } from '../../../core/writer.ts'

const EPOCH = '1970-01-01T00:00:00.000Z'
const MAX_MS = 8.64e15

/** Writes times as `2026-03-01T10:00:00.123Z`; the date is worked out once a second. */
export class IsoTime {
  #text = utf8(EPOCH)
  #second = 0

  /** Appends a time in ms since 1970. */
  write(out: ByteWriter, time: number): void {
    const ms = Math.abs(time) <= MAX_MS ? time : 0
    const second = Math.floor(ms / 1000)
    if (second !== this.#second) {
      this.#second = second
      this.#text = utf8(new Date(second * 1000).toISOString())
    }
    const text = this.#text
    const at = text.length - 4
    const fraction = Math.floor(ms - second * 1000)
    text[at] = 48 + Math.floor(fraction / 100)
    text[at + 1] = 48 + (Math.floor(fraction / 10) % 10)
    text[at + 2] = 48 + (fraction % 10)
    out.put(text)
  }
}
