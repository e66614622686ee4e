import { utf8 } from '../../../core/bytes.ts'
import type { ByteWriter } from '../../../core/writer.ts'

const LEAD = '{"time":"'
const EPOCH = '1970-01-01T00:00:00.000Z'
/** Where the milliseconds stand. */
const FRACTION = LEAD.length + EPOCH.length - 4
const MAX_MS = 8.64e15

/** Begins a JSON object with its time, `{"time":"2026-03-01T10:00:00.123Z"`; the date is worked out once a second. */
export class IsoTime {
  #text = utf8(`${LEAD}${EPOCH}"`)
  #second = 0

  /** Appends a time in ms since 1970. */
  write(out: ByteWriter, time: number): void {
    const ms = Math.abs(time) <= MAX_MS ? time : 0
    const second = Math.floor(ms / 1000)
    if (second !== this.#second) {
      this.#second = second
      this.#text = utf8(`${LEAD}${new Date(second * 1000).toISOString()}"`)
    }
    const text = this.#text
    const fraction = (ms - second * 1000) | 0
    text[FRACTION] = 48 + ((fraction / 100) | 0)
    text[FRACTION + 1] = 48 + (((fraction / 10) | 0) % 10)
    text[FRACTION + 2] = 48 + (fraction % 10)
    out.put(text)
  }
}
