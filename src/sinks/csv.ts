import type { Reading } from '../core/reading.ts'
import type { Value } from '../core/values.ts'
import type { ByteWriter } from '../core/writer.ts'
import { isoTime } from './ndjson.ts'
import type { Sink } from './sink.ts'

const COMMON = ['time', 'family', 'device', 'message']

/**
 * Comma-separated values with a header line whenever the message changes its columns, so that one table per kind of
 * message can be cut out. Lists take a column per element.
 */
export class CsvSink implements Sink {
  readonly #out: ByteWriter
  #header = ''

  constructor(out: ByteWriter) {
    this.#out = out
  }

  write({ time, family, device, message, values }: Reading): void {
    const cells = Object.entries(values).flatMap(([name, value]) => flat(name, value))
    const header = [...COMMON, ...cells.map(([name]) => name)].map(quoted).join(',')
    if (header !== this.#header) this.#line(header)
    this.#header = header
    const row = [isoTime(time) ?? '', family, device, message, ...cells.map(([, value]) => value)]
    this.#line(row.map(quoted).join(','))
  }

  close(): void {
    this.#out.flush()
  }

  #line(text: string): void {
    this.#out.text(text)
    this.#out.endLine()
  }
}

function flat(name: string, value: Value): [string, string][] {
  if (value === null) return [[name, '']]
  if (Array.isArray(value)) return value.flatMap((element, i) => flat(`${name}_${i + 1}`, element))
  if (typeof value === 'object') {
    return Object.entries(value).flatMap(([inner, element]) => flat(`${name}_${inner}`, element as Value))
  }
  return [[name, String(value)]]
}

/** A cell in quotes where it needs them. */
function quoted(text: string): string {
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text
}
