import type { Reading } from '../core/reading.ts'
import type { ByteWriter } from '../core/writer.ts'
import { isoTime, jsonText } from './ndjson.ts'
import type { Sink } from './sink.ts'

/** One JSON document, a list of readings, for one-shot commands. Readings are written as they come. */
export class JsonSink implements Sink {
  readonly #out: ByteWriter
  #first = true

  constructor(out: ByteWriter) {
    this.#out = out
  }

  write({ time, family, device, message, values }: Reading): void {
    this.#out.text(this.#first ? '[\n' : ',\n')
    this.#first = false
    this.#out.text(jsonText({ time: isoTime(time), family, device, message, values }, 2))
  }

  close(): void {
    this.#out.text(this.#first ? '[]' : '\n]')
    this.#out.endLine()
    this.#out.flush()
  }
}
