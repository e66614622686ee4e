import type { FieldInfo } from '../../core/field-info.ts'
import type { Value, Values } from '../../core/values.ts'
import type { Codec } from '../../decode/codec.ts'
import { type FieldPlan, FORM } from '../../decode/plan.ts'
import type { StructSet } from '../../decode/struct-set.ts'
import { numberValue, spanText } from '../../decode/to-object.ts'
import type { Visitor } from '../../decode/visitor.ts'
import { derive } from './derive.ts'
import { type LxpFrame, word } from './frame.ts'
import type { Model } from './model.ts'
import type { ModelsSeen } from './models-seen.ts'

/** One value of a frame and where it comes from. */
export interface DecodedField {
  readonly info: FieldInfo
  readonly value: Value
  /** First register; absent where the value is computed. */
  readonly register?: number
  /** The integer on the wire, with the sign of its type; absent for texts. */
  readonly raw?: number
  /** Bits of an earlier value, or the same word in other words: no value of its own in tables. */
  readonly isPart: boolean
  /** The number stands for something else: a name, a set of bits, yes or no. */
  readonly isCode: boolean
}

/** A register that no definition says anything about. */
export interface RawRegister {
  readonly register: number
  readonly raw: number
}

/** A frame and what its registers mean. */
export interface DecodedFrame {
  readonly frame: LxpFrame
  readonly fields: readonly DecodedField[]
  readonly values: Values
  /** The definition that it was decoded by. */
  readonly codec?: Codec
}

/** Decodes frames one after the other; what an inverter is, is remembered. */
export class FrameDecoder {
  readonly #structs: StructSet
  readonly #models: ModelsSeen
  readonly #guesses: boolean
  readonly #descriptions = new Map<Codec, Description>()
  /** Definitions of input and hold registers by model. */
  readonly #input = new Map<Model, Codec | undefined>()
  readonly #hold = new Map<Model, Codec | undefined>()

  constructor(structs: StructSet, models: ModelsSeen, guesses: boolean) {
    this.#structs = structs
    this.#models = models
    this.#guesses = guesses
  }

  decode(frame: LxpFrame): DecodedFrame {
    const codec = this.codecOf(frame)
    if (codec === undefined) return { frame, fields: [], values: {} }
    const { infos, derived } = this.#describe(codec)
    const collector = new Collector(infos)
    const { register = 0, data } = frame
    const origin = register * 2
    codec.visit(data, 0, data.length, collector, { guesses: this.#guesses, short: true, origin, window: true })
    const { fields, values } = collector
    derive(codec.name, values)
    for (const info of derived) {
      const value = values[info.name]
      if (value !== undefined) fields.push({ info, value, isPart: false, isCode: false })
    }
    return { frame, fields, values, codec }
  }

  /** The definition of a frame that brings register values; those of a request have no meaning yet. */
  codecOf(frame: LxpFrame): Codec | undefined {
    if (frame.direction === 'request' || frame.data.length === 0) return undefined
    if (frame.type === 'input') return this.#codec(this.#input, 'input', frame)
    if (frame.type === 'hold' || frame.type === 'write_single') return this.#codec(this.#hold, 'hold', frame)
    return undefined
  }

  /** Asks the definitions once per model: they look up a name made of both. */
  #codec(known: Map<Model, Codec | undefined>, message: string, frame: LxpFrame): Codec | undefined {
    const model = this.#models.of(frame)
    if (!known.has(model)) known.set(model, this.#structs.codec([message], model))
    return known.get(model)
  }

  #describe(codec: Codec): Description {
    const known = this.#descriptions.get(codec)
    if (known !== undefined) return known
    const computed = codec.message.derived ?? {}
    const infos = new Map(codec.fields.map(info => [info.name, info]))
    const description = { infos, derived: codec.fields.filter(({ name }) => Object.hasOwn(computed, name)) }
    this.#descriptions.set(codec, description)
    return description
  }
}

/** How the values of a definition are described. */
interface Description {
  readonly infos: ReadonlyMap<string, FieldInfo>
  readonly derived: readonly FieldInfo[]
}

/** Takes the fields of a walk with raw number, value and place. */
class Collector implements Visitor {
  readonly fields: DecodedField[] = []
  readonly values: Values = {}
  readonly #infos: ReadonlyMap<string, FieldInfo>
  readonly #taken = new Set<number>()

  constructor(infos: ReadonlyMap<string, FieldInfo>) {
    this.#infos = infos
  }

  number(field: FieldPlan, raw: number): void {
    const isCode = field.form === FORM.enum || field.form === FORM.flags || field.form === FORM.bool
    this.#add(field, numberValue(field, raw), { raw, isCode })
  }

  span(field: FieldPlan, bytes: Uint8Array, start: number, end: number): void {
    this.#add(field, spanText(field, bytes, start, end, field.trim), { isCode: false })
  }

  // register maps have neither integers beyond 53 bits nor arrays nor objects
  big(): void {}
  openArray(): void {}
  closeArray(): void {}
  openObject(): void {}
  closeObject(): void {}

  #add(field: FieldPlan, value: Value, more: { raw?: number; isCode: boolean }): void {
    const info = this.#infos.get(field.name)!
    this.values[field.name] = value
    this.fields.push({ info, value, register: field.at >> 1, isPart: this.#isPart(field), ...more })
  }

  /** Whether earlier fields have all the bytes of this one; takes them. */
  #isPart({ at, size }: FieldPlan): boolean {
    const before = this.#taken.size
    for (let byte = at; byte < at + size; byte++) this.#taken.add(byte)
    return this.#taken.size === before
  }
}

/** Registers of a block that no field of the definition covers, guesses included, and halves of cut numbers; in order. */
export function unlistedOf({ frame, codec }: DecodedFrame): RawRegister[] {
  if (codec === undefined) return []
  const { register: first = 0, data } = frame
  const start = first * 2
  const covered = new Set<number>()
  for (const { at, size } of codec.layout.fields) {
    if (at < start || at + size > start + data.length) continue
    for (let byte = at; byte < at + size; byte++) covered.add(byte >> 1)
  }
  const unlisted: RawRegister[] = []
  for (let at = 0; at + 1 < data.length; at += 2) {
    const register = first + (at >> 1)
    if (!covered.has(register)) unlisted.push({ register, raw: word(data, at) })
  }
  return unlisted
}
