import type { Value } from '../../core/values.ts'
import { type FieldPlan, READ } from '../../decode/plan.ts'
import type { StructSet } from '../../decode/struct-set.ts'
import { numberValue } from '../../decode/to-object.ts'
import type { Model } from './model.ts'

/** A number in a hold register, or in some bits of one. */
export interface Setting {
  readonly name: string
  readonly register: number
  readonly field: FieldPlan
  /** The bits of the register that are its own, and the lowest of them. */
  readonly mask: number
  readonly shift: number
}

const WORD = 0xffff

/** A setting of a model by its name in the definition; undefined where there is none, or it is more than a register. */
export function settingOf(structs: StructSet, name: string, model: Model): Setting | undefined {
  const field = structs.message('hold', model)?.layout.fields.find(known => known.name === name)
  if (field === undefined || field.read === READ.span || field.at < 0) return undefined
  const { at, bits, segments } = field
  const lowest = segments.length === 0 ? 0 : segments[segments.length - 3]! // the last run has the lowest bits
  const shift = ((at + lowest) % 2) * 8 + (segments.length === 0 ? 0 : segments[segments.length - 2]!)
  if (shift + bits > 16) return undefined
  return { name, register: at >> 1, field, mask: (2 ** bits - 1) << shift, shift }
}

/** The setting is all of its register. */
export function isWhole({ mask }: Setting): boolean {
  return mask === WORD
}

/** A word with the setting's raw number in its place; the other bits stay. */
export function withRaw({ mask, shift }: Setting, word: number, raw: number): number {
  return (word & ~mask & WORD) | ((raw << shift) & mask)
}

/** The value of the setting in a word. */
export function valueIn({ field, mask, shift }: Setting, word: number): Value {
  const raw = (word & mask) >> shift
  const isNegative = field.signed && raw >= 2 ** (field.bits - 1)
  return numberValue(field, isNegative ? raw - 2 ** field.bits : raw)
}
