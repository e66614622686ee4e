import type { Values } from '../../src/core/values.ts'
import type { Codec } from '../../src/decode/codec.ts'
import type { Definition, FieldRow } from '../../src/decode/definition.ts'
import { StructSet } from '../../src/decode/struct-set.ts'

/** A definition with one message `m` of these fields. */
export function definitionOf(fields: Record<string, FieldRow>, file: Partial<Definition> = {}): Definition {
  return { family: 'test', ...file, messages: { m: { fields } } }
}

/** The codec of one message of these fields. */
export function codecOf(fields: Record<string, FieldRow>, file: Partial<Definition> = {}, model?: string): Codec {
  return new StructSet('test', definitionOf(fields, file)).message('m', model)!
}

/** Bytes of hex digits; spaces are for the reader. */
export function hex(text: string): Uint8Array {
  return Buffer.from(text.replaceAll(' ', ''), 'hex')
}

/** What one field of that row decodes to. */
export function decodedAs(row: FieldRow, bytes: string, file: Partial<Definition> = {}): unknown {
  return codecOf({ x: row }, file).decode(hex(bytes), { guesses: true })['x']
}

/** Hex of the payload of `values`. */
export function encoded(codec: Codec, values: Values): string {
  return Buffer.from(codec.encode(values)).toString('hex')
}
