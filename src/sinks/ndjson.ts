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
    this.#out.text(jsonText({ time: isoTime(time), family, device, message, values }))
    this.#out.endLine()
  }

  close(): void {
    this.#out.flush()
  }
}

/** ISO 8601 in UTC with milliseconds; undefined for a reading without a time. */
export function isoTime(ms: number): string | undefined {
  return Number.isNaN(ms) ? undefined : new Date(ms).toISOString()
}

/** JSON as all our output has it: a whole number beyond 2^53 is a string. */
export function jsonText(value: unknown, indent?: number): string {
  return JSON.stringify(value, (_, inner) => (typeof inner === 'bigint' ? String(inner) : inner), indent)
}
