import type { FieldInfo } from '../core/field-info.ts'
import type { Reading } from '../core/reading.ts'
import type { Value, Values } from '../core/values.ts'
import { harmless } from '../core/visible.ts'
import type { ByteWriter } from '../core/writer.ts'
import type { Sink } from './sink.ts'

/**
 * A line per reading for people: local time, device, message, `name value unit`; a further one per element of a
 * list.
 */
export class TextSink implements Sink {
  readonly #out: ByteWriter

  constructor(out: ByteWriter) {
    this.#out = out
  }

  write({ time, device, message, values, fields }: Reading): void {
    const lists = fields.filter(field => isObjectList(field, values))
    const parts = partsOf(
      values,
      fields.filter(field => !lists.includes(field)),
    )
    this.#line(`${localTime(time)} ${harmless(device)} ${message}  ${parts.join('  ')}`)
    for (const { name, fields: inner = [] } of lists) {
      for (const [i, element] of (values[name] as readonly Values[]).entries()) {
        this.#line(`  ${name} ${i + 1}  ${partsOf(element, inner).join('  ')}`)
      }
    }
  }

  close(): void {
    this.#out.flush()
  }

  #line(text: string): void {
    this.#out.text(text)
    this.#out.endLine()
  }
}

/** Elements of a list of objects take a line each. */
function isObjectList({ name, array, type }: FieldInfo, values: Values): boolean {
  return array && type === 'object' && Array.isArray(values[name])
}

/** `name value unit` of each value; what is in an object is called `object.name`. */
function partsOf(values: Values, fields: readonly FieldInfo[], prefix = ''): string[] {
  return fields.flatMap(field => {
    const value = Object.hasOwn(values, field.name) ? values[field.name] : undefined
    if (value === undefined) return []
    if (isObject(value) && field.fields !== undefined) {
      return partsOf(value, field.fields, `${prefix}${field.name}.`)
    }
    return [`${prefix}${field.name} ${shown(value, field)}`]
  })
}

function isObject(value: Value): value is Values {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

function shown(value: Value, { unit }: FieldInfo): string {
  if (value === null) return '-'
  const text = Array.isArray(value) ? value.map(plain).join(',') : plain(value)
  return unit === '' ? text : `${text} ${unit}`
}

function plain(value: Value): string {
  return typeof value === 'string' ? harmless(value) : isObject(value) ? JSON.stringify(value) : String(value)
}

/** `2026-03-01 10:00:00.123` in the local zone; `-` for a reading without a time. */
export function localTime(ms: number): string {
  if (Number.isNaN(ms)) return '-'
  const date = new Date(ms)
  const two = (value: number) => String(value).padStart(2, '0')
  const day = `${date.getFullYear()}-${two(date.getMonth() + 1)}-${two(date.getDate())}`
  const clock = `${two(date.getHours())}:${two(date.getMinutes())}:${two(date.getSeconds())}`
  return `${day} ${clock}.${String(date.getMilliseconds()).padStart(3, '0')}`
}
