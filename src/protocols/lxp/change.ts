import { UsageError } from '../../core/errors.ts'
import type { Value } from '../../core/values.ts'
import type { StructSet } from '../../decode/struct-set.ts'
import { CLOCK, parseClock } from './clock-change.ts'
import type { Zone } from './local-time.ts'
import { MODELS, type Model } from './model.ts'
import type { WriteRequest } from './request.ts'
import { parseWordChange } from './word-change.ts'

/** Something that a user wants to be otherwise, down to the registers. */
export interface Change {
  readonly name: string
  /** The registers that it is in. */
  readonly register: number
  readonly count: number
  /** A register whose value limits this one and has to be read first. */
  readonly cappedBy?: number
  /** Symbol of the unit that `show` gives values in, empty where there is none. */
  readonly unit: string
  /** It does something and is not kept: reading it back tells nothing. */
  readonly isCommand: boolean
  /** What to send in place of the words `before`; throws `UsageError` where it is beyond `cap`. `now` is Unix ms. */
  request(before: readonly number[], now: number, cap: number | undefined): WriteRequest
  /** Whether the words that were read at `now` are as wanted. */
  isIn(words: readonly number[], now: number): boolean
  /** What the words say, as in readings. */
  show(words: readonly number[]): Value
}

/** What `NAME=VALUE` is read by. */
export interface ChangeContext {
  readonly structs: StructSet
  /** Permits what is dangerous. */
  readonly force: boolean
  /** Zone of the inverter's clock. */
  readonly zone: Zone
}

/** Reads `NAME=VALUE` for an inverter of a model. Throws `UsageError`, which says why, for all that may not be written. */
export function parseChange(text: string, model: Model, context: ChangeContext): Change {
  const split = text.indexOf('=')
  if (split < 1) throw new UsageError(`${text}: write NAME=VALUE, such as ac_charge_soc_limit=95`, { text })
  const name = text.slice(0, split).trim()
  const value = text.slice(split + 1).trim()
  return name === CLOCK ? parseClock(value, context.zone) : parseWordChange(name, value, model, context)
}

/** Throws `UsageError` where `NAME=VALUE` may not be written, whatever the model turns out to be. */
export function checkChange(text: string, model: Model | undefined, context: ChangeContext): void {
  let refusal: unknown
  for (const candidate of model === undefined ? MODELS : [model]) {
    try {
      parseChange(text, candidate, context)
      return
    } catch (error) {
      if (!(error instanceof UsageError)) throw error
      refusal = error
    }
  }
  throw refusal
}
