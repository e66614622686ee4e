import type { FieldInfo } from '../core/field-info.ts'
import type { Reading } from '../core/reading.ts'
import type { Value } from '../core/values.ts'
import type { ByteWriter } from '../core/writer.ts'
import type { Sink } from './sink.ts'

/** A line per reading for people: local time, device, message, `name value unit`. */
export class TextSink implements Sink {
  readonly #out: ByteWriter

  constructor(out: ByteWriter) {
    this.#out = out
  }

  write({ time, device, message, values, fields }: Reading): void {
    const parts = fields.flatMap(field => {
      const value = Object.hasOwn(values, field.name) ? values[field.name] : undefined
      return value === undefined ? [] : [`${field.name} ${shown(value, field)}`]
    })
    this.#out.text(`${localTime(time)} ${device} ${message}  ${parts.join('  ')}`)
    this.#out.endLine()
  }

  close(): void {
    this.#out.flush()
  }
}

function shown(value: Value, { unit }: FieldInfo): string {
  if (value === null) return '-'
  if (Array.isArray(value)) return value.map(String).join(',') + (unit === '' ? '' : ` ${unit}`)
  if (typeof value === 'object') return JSON.stringify(value)
  return unit === '' ? String(value) : `${value} ${unit}`
}

/** `2026-03-01 10:00:00.123` in the local zone. */
export function localTime(ms: number): string {
  const date = new Date(ms)
  const two = (value: number) => String(value).padStart(2, '0')
  const day = `${date.getFullYear()}-${two(date.getMonth() + 1)}-${two(date.getDate())}`
  const clock = `${two(date.getHours())}:${two(date.getMinutes())}:${two(date.getSeconds())}`
  return `${day} ${clock}.${String(date.getMilliseconds()).padStart(3, '0')}`
}
