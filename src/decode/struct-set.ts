import { DecodeError, StructError } from '../core/errors.ts'
import { Codec } from './codec.ts'
import { compileMessage } from './compile.ts'
import type { Definition, MessageDefinition } from './definition.ts'
import { type FieldPlan, FORM } from './plan.ts'

/** The messages of one definition file, compiled one by one as they are asked for. */
export class StructSet {
  readonly name: string
  readonly definition: Definition
  readonly #parts: readonly Definition[]
  readonly #keys: ReadonlyMap<string, string>
  readonly #codecs = new Map<string, Codec>()
  #key: Codec | undefined

  /**
   * `definition` has been checked; see `check.ts`. Where it was put together from several, `parts` are those, and a
   * message is compiled by the first that has it: its byte order, enumerations and types are its own file's.
   */
  constructor(name: string, definition: Definition, parts: readonly Definition[] = [definition]) {
    this.name = name
    this.definition = definition
    this.#parts = parts
    this.#keys = keyIndex(name, definition)
  }

  get messages(): string[] {
    return Object.keys(this.definition.messages)
  }

  /** Every key that some message claims. */
  get keys(): IterableIterator<string> {
    return this.#keys.keys()
  }

  /** The codec of the first candidate key that a message claims; an unknown key is data, not an error. */
  codec(candidates: readonly string[], model?: string): Codec | undefined {
    for (const key of candidates) {
      const name = this.#keys.get(key)
      if (name !== undefined) return this.message(name, model)
    }
    return undefined
  }

  /** The codec of a message by its name. */
  message(name: string, model?: string): Codec | undefined {
    if (!Object.hasOwn(this.definition.messages, name)) return undefined
    const id = model === undefined ? name : `${name}\n${model}`
    const known = this.#codecs.get(id)
    if (known !== undefined) return known
    const home = this.#parts.find(part => Object.hasOwn(part.messages, name)) ?? this.definition
    const codec = this.#compile(name, home, this.definition.messages[name]!, model)
    this.#codecs.set(id, codec)
    return codec
  }

  /** The codec of a payload that says itself which message it is, by the file's `key`. */
  dispatch(payload: Uint8Array, model?: string): Codec | undefined {
    this.#key ??= this.#compileKey()
    try {
      const values = this.#key.decode(payload)
      return this.codec(keyTexts(this.#key.layout.fields[0]!, values['key']), model)
    } catch (error) {
      if (error instanceof DecodeError) return undefined
      throw error
    }
  }

  #compileKey(): Codec {
    const home = this.#parts.find(part => part.key !== undefined)
    if (home?.key === undefined) throw new StructError(`${this.name}: the definition has no key`)
    return this.#compile('key', home, { fields: { key: home.key } }, undefined)
  }

  #compile(name: string, definition: Definition, message: MessageDefinition, model: string | undefined): Codec {
    const layout = compileMessage(definition, message, model, (field, text) => {
      throw new StructError(`structs/${this.name}.json: ${name}.${field}: ${text}`, { message: name, field })
    })
    return new Codec(name, definition, message, layout)
  }
}

/** The spellings under which `match` may name a key: as text, decimal, or hex with as many digits as the field has. */
export function keyTexts(field: FieldPlan, value: unknown): string[] {
  if (field.form !== FORM.int || typeof value !== 'number') return [String(value)]
  const hex = value.toString(16).padStart(field.size * 2, '0')
  return [`0x${hex}`, `0x${hex.toUpperCase()}`, String(value)]
}

/** The keys that a message claims. */
export function keysOf({ match }: MessageDefinition): readonly string[] {
  if (match === undefined) return []
  return typeof match === 'string' ? [match] : match
}

function keyIndex(file: string, { messages }: Definition): Map<string, string> {
  const index = new Map<string, string>()
  for (const [name, message] of Object.entries(messages)) {
    for (const key of keysOf(message)) {
      const other = index.get(key)
      if (other !== undefined) throw new StructError(`structs/${file}.json: ${name} and ${other} both match ${key}`)
      index.set(key, name)
    }
  }
  return index
}
