import type { Codec } from '../../../decode/codec.ts'
import { type FieldPlan, FORM, READ } from '../../../decode/plan.ts'
import type { DecodedFrame } from '../decoded.ts'
import type { Hole, Template } from './block-text.ts'

/** Puts a template together, from its beginning to its end. */
export class TemplateBuilder implements Template {
  readonly texts: string[] = ['']
  readonly holes: Hole[] = []

  text(text: string): void {
    this.texts[this.texts.length - 1] += text
  }

  hole(hole: Hole): void {
    this.holes.push(hole)
    this.texts.push('')
  }
}

/** Plans of a definition's fields by name; undefined where a block's text is not made of texts and numbers alone. */
export function plainPlans({ layout }: Codec): ReadonlyMap<string, FieldPlan> | undefined {
  return layout.flat && layout.fields.every(isPlain) ? new Map(layout.fields.map(plan => [plan.name, plan])) : undefined
}

/** No floats, and nothing whose length or type depends on the bytes. */
function isPlain({ read, form, na }: FieldPlan): boolean {
  return read === READ.span ? na.length === 0 : read < READ.bigBits && form !== FORM.float
}

/** Whether the keys of an object stand in JSON in the order in which they were set, each once. */
export function areOrdered(keys: readonly string[]): boolean {
  return new Set(keys).size === keys.length && !keys.some(key => /^\d+$/.test(key))
}

/** Byte of the register map that a block begins with. */
export function originOf({ frame }: DecodedFrame): number {
  return (frame.register ?? 0) * 2
}
