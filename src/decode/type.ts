import type { Endian } from './definition.ts'

/** A field's type as written, taken apart. `bits` is the fixed width, 0 where it varies. */
export type TypeSpec =
  | { readonly form: 'int'; readonly bits: number; readonly signed: boolean; readonly endian?: Endian }
  | { readonly form: 'float'; readonly bits: 32 | 64; readonly endian?: Endian }
  | { readonly form: 'bool'; readonly bits: 1 }
  | { readonly form: 'ascii' | 'hex' | 'bcd'; readonly bits: number }
  | { readonly form: 'pascal'; readonly bits: 0 }
  | { readonly form: 'dotted'; readonly bits: number; readonly endian: Endian }
  | { readonly form: 'hhmm'; readonly bits: 16 }
  | { readonly form: 'pf'; readonly bits: 16 }
  | { readonly form: 'type'; readonly bits: 0; readonly name: string }

const NUMBER = /^([uif])([1-9]\d?)(le|be)?$/
const TEXT = /^(ascii|hex|bcd)([1-9]\d{0,3})$/
const DOTTED = /^dq([2-8]?)(le|be)$/
const TYPE = /^@([a-z_][a-z0-9_]*)$/

const NAMED: Readonly<Record<string, TypeSpec>> = {
  bool: { form: 'bool', bits: 1 },
  pascal: { form: 'pascal', bits: 0 },
  hhmm: { form: 'hhmm', bits: 16 },
  pf: { form: 'pf', bits: 16 },
}

/** Types to suggest when a name is close to one of them. */
export const TYPE_NAMES: readonly string[] = [
  ...[8, 16, 24, 32, 64].flatMap(n => [`u${n}`, `i${n}`, `u${n}le`, `u${n}be`, `i${n}le`, `i${n}be`]),
  ...['f32', 'f64', 'bool', 'ascii16', 'hex4', 'bcd4', 'pascal', 'dqbe', 'dqle', 'dq2be', 'dq3be', 'hhmm', 'pf'],
]

/** Reads a type; undefined when there is none of that name. */
export function parseType(text: string): TypeSpec | undefined {
  if (Object.hasOwn(NAMED, text)) return NAMED[text]
  const number = NUMBER.exec(text)
  if (number !== null) return numeric(number[1]!, Number(number[2]), order(number[3]))
  const fixed = TEXT.exec(text)
  if (fixed !== null) return { form: fixed[1] as 'ascii' | 'hex' | 'bcd', bits: Number(fixed[2]) * 8 }
  const dotted = DOTTED.exec(text)
  if (dotted !== null) {
    return { form: 'dotted', bits: Number(dotted[1] || '4') * 8, endian: dotted[2] === 'le' ? 'little' : 'big' }
  }
  const nested = TYPE.exec(text)
  return nested === null ? undefined : { form: 'type', bits: 0, name: nested[1]! }
}

function numeric(letter: string, bits: number, endian: { endian?: Endian }): TypeSpec | undefined {
  if (letter === 'f') return bits === 32 || bits === 64 ? { form: 'float', bits, ...endian } : undefined
  return bits <= 64 ? { form: 'int', bits, signed: letter === 'i', ...endian } : undefined
}

function order(suffix: string | undefined): { endian?: Endian } {
  if (suffix === undefined) return {}
  return { endian: suffix === 'le' ? 'little' : 'big' }
}
