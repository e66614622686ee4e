import { utf8 } from '../core/bytes.ts'
import type { ByteWriter } from '../core/writer.ts'
import { type FieldPlan, FORM } from './plan.ts'
import type { Visitor } from './visitor.ts'
import { writeDotted } from './write-dotted.ts'

/** Escapes of control characters in inspected strings; the rest of 00..1F and 7F..9F is `\xHH`. */
const NAMED: Readonly<Record<number, string>> = { 8: '\\b', 9: '\\t', 10: '\\n', 12: '\\f', 13: '\\r', 92: '\\\\' }

/** What each byte of a Latin-1 text becomes in an inspected string in single quotes. */
const ESCAPED: readonly Uint8Array[] = Array.from({ length: 256 }, (_, code) => {
  const named = NAMED[code]
  if (named !== undefined) return utf8(named)
  if (code < 0x20 || (code >= 0x7f && code < 0xa0)) {
    return utf8(`\\x${code.toString(16).toUpperCase().padStart(2, '0')}`)
  }
  return utf8(String.fromCharCode(code))
})

/**
 * Writes raw fields the way Node's `util.inspect` prints an object on one line, which is what the text of `--rec`
 * has always been: `{ serial: 'M102', detail: 11 }`, and `{}` for none.
 */
export class InspectWriter implements Visitor {
  readonly #out: ByteWriter
  readonly #paint: InspectPaint
  #empty = true
  #inArray = false
  readonly #outer: boolean[] = []

  constructor(out: ByteWriter, paint: InspectPaint = PLAIN_INSPECT) {
    this.#out = out
    this.#paint = paint
  }

  open(): void {
    this.#empty = true
    this.#inArray = false
    if (this.#outer.length > 0) this.#outer.length = 0 // setting it costs as much as a field
    this.#out.byte(0x7b)
  }

  close(): void {
    if (!this.#empty) this.#out.byte(0x20)
    this.#out.byte(0x7d)
  }

  number(field: FieldPlan, raw: number): void {
    this.#key(field.inspectKey)
    this.#out.put(this.#paint.number)
    if (field.form !== FORM.float) this.#out.int(raw)
    else this.#out.text(Object.is(raw, -0) ? '-0' : String(raw))
    this.#out.put(this.#paint.end)
  }

  big(field: FieldPlan, raw: bigint): void {
    this.#key(field.inspectKey)
    this.#out.put(this.#paint.number)
    this.#out.text(`${raw}n`)
    this.#out.put(this.#paint.end)
  }

  span(field: FieldPlan, bytes: Uint8Array, start: number, end: number): void {
    this.#key(field.inspectKey)
    this.#out.put(this.#paint.string)
    if (field.form === FORM.dottedBe || field.form === FORM.dottedLe)
      writeDotted(this.#out, field, bytes, start, end, 0x27)
    else if (field.form === FORM.text) this.#string(bytes, start, end)
    else this.#hex(bytes, start, end)
    this.#out.put(this.#paint.end)
  }

  /** Adds `name: [ a, b ]`, for what is not a field. */
  pair(name: string, first: number, second: number): void {
    this.#key(utf8(`, ${name}: `))
    this.#out.text('[ ')
    this.#painted(first)
    this.#out.text(', ')
    this.#painted(second)
    this.#out.text(' ]')
  }

  openArray(field: FieldPlan): void {
    this.#key(field.inspectKey)
    this.#nest(0x5b, true)
  }

  closeArray(): void {
    this.#unnest(0x5d)
  }

  openObject(field: FieldPlan): void {
    this.#key(field.inspectKey)
    this.#nest(0x7b, false)
  }

  closeObject(): void {
    this.#unnest(0x7d)
  }

  #nest(bracket: number, array: boolean): void {
    this.#out.byte(bracket)
    this.#outer.push(this.#inArray)
    this.#inArray = array
    this.#empty = true
  }

  #unnest(bracket: number): void {
    if (!this.#empty) this.#out.byte(0x20)
    this.#out.byte(bracket)
    this.#inArray = this.#outer.pop() ?? false
    this.#empty = false
  }

  #painted(value: number): void {
    this.#out.put(this.#paint.number)
    this.#out.int(value)
    this.#out.put(this.#paint.end)
  }

  #key(key: Uint8Array): void {
    const start = this.#empty ? 1 : 0
    this.#out.copy(key, start, this.#inArray ? 2 : key.length)
    this.#empty = false
  }

  #hex(bytes: Uint8Array, start: number, end: number): void {
    this.#out.byte(0x27)
    for (let i = start; i < end; i++) this.#out.hexLower(bytes[i]!)
    this.#out.byte(0x27)
  }

  #string(bytes: Uint8Array, start: number, end: number): void {
    const quote = quoteFor(bytes, start, end)
    this.#out.byte(quote)
    for (let i = start; i < end; i++) {
      const byte = bytes[i]!
      if (byte === 0x27 && quote === 0x27) this.#out.byte(0x5c)
      if (byte >= 0x20 && byte < 0x7f && byte !== 0x5c) this.#out.byte(byte)
      else this.#out.put(ESCAPED[byte]!)
    }
    this.#out.byte(quote)
  }
}

/** Node's choice: single quotes, double ones around a `'`, backticks around both, else escaped single ones. */
function quoteFor(bytes: Uint8Array, start: number, end: number): number {
  let single = false
  let double = false
  let backtick = false
  for (let i = start; i < end; i++) {
    const byte = bytes[i]!
    if (byte === 0x27) single = true
    else if (byte === 0x22) double = true
    else if (byte === 0x60 || (byte === 0x24 && bytes[i + 1] === 0x7b && i + 1 < end)) backtick = true
  }
  if (!single) return 0x27
  if (!double) return 0x22
  return backtick ? 0x27 : 0x60
}

/** Colour codes around values; all empty without colour. */
export interface InspectPaint {
  readonly number: Uint8Array
  readonly string: Uint8Array
  readonly end: Uint8Array
}

const NONE = new Uint8Array(0)
const PLAIN_INSPECT: InspectPaint = { number: NONE, string: NONE, end: NONE }

/** The colours that Node's inspect uses: numbers yellow, strings green. */
export const COLOR_INSPECT: InspectPaint = {
  number: utf8('\u001b[33m'),
  string: utf8('\u001b[32m'),
  end: utf8('\u001b[39m'),
}
