import type { Values } from '../../../core/values.ts'
import type { ByteWriter } from '../../../core/writer.ts'
import { type FieldPlan, FORM } from '../../../decode/plan.ts'
import { readNumber } from '../../../decode/read.ts'
import { numberValue } from '../../../decode/to-object.ts'
import { derive } from '../derive.ts'
import type { Hole } from './block-text.ts'

/**
 * Holes for the values that `derive` adds to those of a message, by name; each follows from the bytes of what it is
 * computed from. Undefined where one is not computed from numbers of the block alone.
 */
export function derivedHoles(
  message: string,
  values: Values,
  plans: ReadonlyMap<string, FieldPlan>,
  origin: number,
): ReadonlyMap<string, Hole> | undefined {
  const holes = new Map<string, Hole>()
  for (const [name, sources] of sourcesOf(message, values)) {
    const inputs = sources.flatMap(source => plans.get(source) ?? [])
    const isPlain =
      inputs.length === sources.length && inputs.every(({ form, na }) => form === FORM.int && na.length === 0)
    if (!isPlain || plans.has(name)) return undefined
    holes.set(name, new DerivedHole(message, name, inputs, origin))
  }
  return holes
}

/** Names of the values that `derive` adds, and of those that it looks at before it does. */
function sourcesOf(message: string, values: Values): Map<string, readonly string[]> {
  const sources = new Map<string, readonly string[]>()
  let seen: string[] = []
  const watched = new Proxy(values, {
    get(target, name: string) {
      if (Object.hasOwn(target, name)) seen.push(name)
      return target[name]
    },
    set(_, name: string) {
      sources.set(name, seen)
      seen = []
      return true
    },
  })
  derive(message, watched)
  return sources
}

/** A value that `derive` adds to those that it is computed from. The text has it twice, one after the other. */
class DerivedHole implements Hole {
  readonly start: number
  readonly end: number
  readonly #message: string
  readonly #name: string
  readonly #inputs: readonly FieldPlan[]
  readonly #origin: number
  /** What it is computed from, and the value. */
  readonly #values: Values = {}

  constructor(message: string, name: string, inputs: readonly FieldPlan[], origin: number) {
    this.start = Math.min(...inputs.map(({ at }) => at)) - origin
    this.end = Math.max(...inputs.map(({ at, size }) => at + size)) - origin
    this.#message = message
    this.#name = name
    this.#inputs = inputs
    this.#origin = origin
  }

  write(out: ByteWriter, data: Uint8Array): void {
    if (this.#read(data)) derive(this.#message, this.#values)
    const value = this.#values[this.#name]!
    const tenths = Math.round((value as number) * 10)
    if (tenths / 10 === value) out.decimal(tenths, 1)
    else out.text(JSON.stringify(value))
  }

  /** Reads what it is computed from; whether that is not what it was. */
  #read(data: Uint8Array): boolean {
    let isOther = false
    for (const plan of this.#inputs) {
      const value = numberValue(plan, readNumber(plan, data, plan.at - this.#origin))
      if (value === this.#values[plan.name]) continue
      this.#values[plan.name] = value
      isOther = true
    }
    return isOther
  }
}
