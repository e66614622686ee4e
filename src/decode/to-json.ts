import type { ByteWriter } from '../core/writer.ts'
import { type FieldPlan, FORM } from './plan.ts'
import { flagNames } from './text.ts'
import { bigValue, spanText, valueOf } from './to-object.ts'
import type { Visitor } from './walk.ts'

/** Writes fields as the inside of a JSON object, straight into the output: no object, no string on the way. */
export class JsonWriter implements Visitor {
  readonly #out: ByteWriter
  #first = true
  #inArray = 0

  constructor(out: ByteWriter) {
    this.#out = out
  }

  /** Begins an object's inside anew: the next field has no comma before it. */
  reset(): void {
    this.#first = true
    this.#inArray = 0
  }

  number(field: FieldPlan, raw: number): void {
    this.#key(field)
    const { form } = field
    if (form === FORM.int && field.na.length === 0) this.#scaled(field, raw)
    else if (form === FORM.float && field.na.length === 0) this.#json(valueOf(field, raw))
    else if (form === FORM.flags) this.#json(flagNames(raw, field.names))
    else this.#json(valueOf(field, raw))
  }

  big(field: FieldPlan, raw: bigint): void {
    this.#key(field)
    const value = bigValue(field, raw)
    this.#json(typeof value === 'bigint' ? String(value) : value)
  }

  span(field: FieldPlan, bytes: Uint8Array, start: number, end: number): void {
    this.#key(field)
    if (field.form === FORM.text && isPlain(bytes, start, end)) this.#plainText(field, bytes, start, end)
    else this.#json(spanText(field, bytes, start, end))
  }

  openArray(field: FieldPlan): void {
    this.#key(field)
    this.#open(0x5b)
    this.#inArray++
  }

  closeArray(): void {
    this.#inArray--
    this.#close(0x5d)
  }

  openObject(field: FieldPlan): void {
    this.#key(field)
    this.#open(0x7b)
    this.#depths.push(this.#inArray)
    this.#inArray = 0
  }

  closeObject(): void {
    this.#inArray = this.#depths.pop() ?? 0
    this.#close(0x7d)
  }

  readonly #depths: number[] = []

  #open(bracket: number): void {
    this.#out.byte(bracket)
    this.#first = true
  }

  #close(bracket: number): void {
    this.#out.byte(bracket)
    this.#first = false
  }

  #key({ jsonKey }: FieldPlan): void {
    const start = this.#first ? 1 : 0
    this.#first = false
    if (this.#inArray === 0) this.#out.copy(jsonKey, start, jsonKey.length)
    else if (start === 0) this.#out.byte(0x2c)
  }

  #scaled({ quantity, plain }: FieldPlan, raw: number): void {
    if (plain) this.#out.int(raw)
    else this.#out.decimal((raw + quantity.offset) * quantity.factor, quantity.decimals)
  }

  #json(value: unknown): void {
    this.#out.text(JSON.stringify(value))
  }

  #plainText(field: FieldPlan, bytes: Uint8Array, start: number, end: number): void {
    let to = end
    if (field.trim) while (to > start && bytes[to - 1] === 32) to--
    this.#out.byte(0x22)
    this.#out.copy(bytes, start, to)
    this.#out.byte(0x22)
  }
}

/** Printable ASCII without quote and backslash: the same bytes in JSON. */
function isPlain(bytes: Uint8Array, start: number, end: number): boolean {
  for (let i = start; i < end; i++) {
    const byte = bytes[i]!
    if (byte < 32 || byte > 126 || byte === 0x22 || byte === 0x5c) return false
  }
  return true
}
