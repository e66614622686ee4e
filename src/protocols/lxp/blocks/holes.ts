import type { ByteWriter } from '../../../core/writer.ts'
import { type FieldPlan, FORM, READ } from '../../../decode/plan.ts'
import { PLAIN, type Quantity, scale } from '../../../decode/quantity.ts'
import { readNumber } from '../../../decode/read.ts'
import type { JsonWriter } from '../../../decode/to-json.ts'
import { hundredths } from '../analysis.ts'
import { word } from '../frame.ts'
import type { Hole } from './block-text.ts'

/** A whole number, or one that is such a number with its point moved: what nearly all holes are for. */
export class NumberHole implements Hole {
  readonly start: number
  readonly end: number
  readonly #plan: FieldPlan
  readonly #factor: number
  readonly #decimals: number
  readonly #offset: number
  readonly #isWord: boolean

  /** `origin` is the block's first byte in the register map. Without a quantity it is the number on the wire. */
  constructor(plan: FieldPlan, origin: number, { factor, decimals, offset }: Quantity = PLAIN) {
    this.start = plan.at - origin
    this.end = this.start + plan.size
    this.#plan = plan
    this.#factor = factor
    this.#decimals = decimals
    this.#offset = offset
    this.#isWord = plan.read === READ.u16le
  }

  write(out: ByteWriter, data: Uint8Array): void {
    const raw = this.#isWord ? word(data, this.start) : readNumber(this.#plan, data, this.start)
    out.decimal((raw + this.#offset) * this.#factor, this.#decimals)
  }
}

/** A register word as it stands, from byte `start` of the block. */
export class WordHole implements Hole {
  readonly start: number
  readonly end: number

  constructor(start: number) {
    this.start = start
    this.end = start + 2
  }

  write(out: ByteWriter, data: Uint8Array): void {
    out.int(word(data, this.start))
  }
}

/** A number with its scale, rounded to two decimals. */
export class RoundedHole implements Hole {
  readonly start: number
  readonly end: number
  readonly #plan: FieldPlan

  constructor(plan: FieldPlan, origin: number) {
    this.start = plan.at - origin
    this.end = this.start + plan.size
    this.#plan = plan
  }

  write(out: ByteWriter, data: Uint8Array): void {
    const value = scale(readNumber(this.#plan, data, this.start), this.#plan.quantity)
    const rounded = hundredths(value)
    if (rounded < MAX_WHOLE && rounded > -MAX_WHOLE) out.decimal(rounded, 2)
    else out.text(String(rounded / 100))
  }
}

/** What JSON has for the value of a field, written by `json`. */
export class ValueHole implements Hole {
  readonly start: number
  readonly end: number
  readonly #plan: FieldPlan
  readonly #json: JsonWriter

  constructor(plan: FieldPlan, origin: number, json: JsonWriter) {
    this.start = plan.at - origin
    this.end = this.start + plan.size
    this.#plan = { ...plan, jsonKey: NO_KEY }
    this.#json = json
  }

  write(_: ByteWriter, data: Uint8Array): void {
    if (this.#plan.read === READ.span) this.#json.span(this.#plan, data, this.start, this.end)
    else this.#json.number(this.#plan, readNumber(this.#plan, data, this.start))
  }
}

/** The name is in the text before the hole. */
const NO_KEY = new Uint8Array(0)

/** What `text` says of the number on the wire. */
export class TextHole implements Hole {
  readonly start: number
  readonly end: number
  readonly #plan: FieldPlan
  readonly #text: (raw: number) => string

  constructor(plan: FieldPlan, origin: number, text: (raw: number) => string) {
    this.start = plan.at - origin
    this.end = this.start + plan.size
    this.#plan = plan
    this.#text = text
  }

  write(out: ByteWriter, data: Uint8Array): void {
    out.text(this.#text(readNumber(this.#plan, data, this.start)))
  }
}

/** Two of the same bytes, with a text between them. */
export class PairHole implements Hole {
  readonly start: number
  readonly end: number
  readonly #first: Hole
  readonly #between: Uint8Array
  readonly #second: Hole

  constructor(first: Hole, between: Uint8Array, second: Hole) {
    this.start = first.start
    this.end = first.end
    this.#first = first
    this.#between = between
    this.#second = second
  }

  write(out: ByteWriter, data: Uint8Array): void {
    this.#first.write(out, data)
    out.put(this.#between)
    this.#second.write(out, data)
  }
}

/** The value of a field in JSON. */
export function valueHole(plan: FieldPlan, origin: number, json: JsonWriter): Hole {
  return isDecimal(plan, MAX_DECIMALS) ? new NumberHole(plan, origin, plan.quantity) : new ValueHole(plan, origin, json)
}

/** The value of a number with a unit, as labels have it: rounded to two decimals. */
export function roundedHole(plan: FieldPlan, origin: number): Hole {
  return isDecimal(plan, 2) ? new NumberHole(plan, origin, plan.quantity) : new RoundedHole(plan, origin)
}

/** Numbers below 10^-6 and very great ones are not printed by moving the point of a whole number. */
const MAX_DECIMALS = 6
const MAX_WHOLE = 1e12

/** Whether all values of a field are printed by moving the point of a whole number. */
function isDecimal({ form, na, bits, quantity }: FieldPlan, decimals: number): boolean {
  const most = (2 ** bits + Math.abs(quantity.offset)) * Math.abs(quantity.factor)
  return form === FORM.int && na.length === 0 && quantity.decimals <= decimals && most < MAX_WHOLE
}
