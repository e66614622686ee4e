import { utf8 } from '../core/bytes.ts'
import type { ByteWriter } from '../core/writer.ts'
import { type FieldPlan, FORM } from './plan.ts'
import { bigValue, numberValue, spanText } from './to-object.ts'
import type { Visitor } from './visitor.ts'
import { writeDotted } from './write-dotted.ts'

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
    if (this.#depths.length > 0) this.#depths.length = 0
  }

  number(field: FieldPlan, raw: number): void {
    this.#key(field)
    const { form } = field
    if (form === FORM.int && field.na.length === 0) this.#scaled(field, raw)
    else if (form === FORM.float && field.plain && field.bits === 32) this.#float(field, raw)
    else if (form === FORM.enum) this.#enum(field, raw)
    else this.#json(numberValue(field, raw))
  }

  big(field: FieldPlan, raw: bigint): void {
    this.#key(field)
    const value = bigValue(field, raw)
    this.#json(typeof value === 'bigint' ? String(value) : value)
  }

  span(field: FieldPlan, bytes: Uint8Array, start: number, end: number): void {
    this.#key(field)
    const { form } = field
    if (form === FORM.text && isPlain(bytes, start, end)) this.#plainText(field, bytes, start, end)
    else if (form === FORM.dottedBe || form === FORM.dottedLe) writeDotted(this.#out, field, bytes, start, end, 0x22)
    else this.#json(spanText(field, bytes, start, end, field.trim))
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
  readonly #floats = new Map<number, Uint8Array>()

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

  #scaled(field: FieldPlan, raw: number): void {
    const { quantity, plain } = field
    const whole = (raw + quantity.offset) * quantity.factor
    if (plain) this.#out.int(raw)
    else if (quantity.decimals <= MAX_DECIMALS && whole < MAX_WHOLE && whole > -MAX_WHOLE) {
      this.#out.decimal(whole, quantity.decimals)
    } else this.#json(numberValue(field, raw))
  }

  #enum(field: FieldPlan, raw: number): void {
    const name = field.jsonNames.get(raw)
    if (name !== undefined && field.na.length === 0) this.#out.put(name)
    else this.#json(numberValue(field, raw))
  }

  /** The shortest decimal of a float takes a microsecond to find, and most values come again. */
  #float(field: FieldPlan, raw: number): void {
    let text = this.#floats.get(raw)
    if (text === undefined) {
      if (this.#floats.size >= MAX_FLOATS) this.#floats.clear()
      text = utf8(JSON.stringify(numberValue(field, raw)))
      if (field.na.length === 0) this.#floats.set(raw, text)
    }
    this.#out.put(text)
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

const MAX_FLOATS = 4096

/** Numbers below 10^-6 and those of more than 15 digits are not printed by moving the point of a whole number. */
const MAX_DECIMALS = 6
const MAX_WHOLE = 1e15

/** Printable ASCII without quote and backslash: the same bytes in JSON. */
function isPlain(bytes: Uint8Array, start: number, end: number): boolean {
  for (let i = start; i < end; i++) {
    const byte = bytes[i]!
    if (byte < 32 || byte > 126 || byte === 0x22 || byte === 0x5c) return false
  }
  return true
}
