import type { Reading } from '../core/reading.ts'
import type { ByteWriter } from '../core/writer.ts'
import type { Sink } from './sink.ts'

/** One JSON object per line; see docs/sinks.md. Numbers that JSON does not have are null, large integers strings. */
export class NdjsonSink implements Sink {
  readonly #out: ByteWriter

  constructor(out: ByteWriter) {
    this.#out = out
  }

  write({ time, family, device, message, values }: Reading): void {
    this.#out.text(jsonText({ time: new Date(time).toISOString(), family, device, message, values }))
    this.#out.endLine()
  }

  close(): void {
    this.#out.flush()
  }
}

/** JSON as all our output has it: a whole number beyond 2^53 is a string. */
export function jsonText(value: unknown, indent?: number): string {
  return JSON.stringify(value, (_, inner) => (typeof inner === 'bigint' ? String(inner) : inner), indent)
}
