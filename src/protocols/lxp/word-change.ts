import { UsageError } from '../../core/errors.ts'
import type { Value } from '../../core/values.ts'
import type { StructSet } from '../../decode/struct-set.ts'
import { nearest } from '../../decode/suggest.ts'
import type { Change, ChangeContext } from './change.ts'
import { CLOCK, CLOCK_COUNT, CLOCK_REGISTER } from './clock-change.ts'
import { MODELS, type Model } from './model.ts'
import type { WriteRequest } from './request.ts'
import { isWhole, type Setting, settingOf, valueIn, withRaw } from './setting.ts'
import { parseValue, rawText } from './setting-value.ts'
import { type Refusal, refusalOf, ruleOf } from './write-rules.ts'

/** Reads a value for a setting by its name in the definition. Throws `UsageError`. */
export function parseWordChange(name: string, value: string, model: Model, context: ChangeContext): Change {
  const setting = settingOf(context.structs, name, model)
  if (setting === undefined) throw unknown(name, model, context.structs)
  checkPlace(setting)
  const change = new WordChange(setting, parseValue(setting, value), model, context.force)
  change.check(undefined)
  return change
}

/** A number, a time of day or a switch in one register. */
class WordChange implements Change {
  readonly name: string
  readonly register: number
  readonly count = 1
  readonly unit: string
  readonly cappedBy?: number
  readonly isCommand: boolean
  readonly #setting: Setting
  readonly #raw: number
  readonly #model: Model
  readonly #force: boolean

  constructor(setting: Setting, raw: number, model: Model, force: boolean) {
    const rule = ruleOf(setting.register)
    this.name = setting.name
    this.register = setting.register
    this.unit = setting.field.quantity.unit
    if (rule?.kind === 'number' && rule.atMost !== undefined) this.cappedBy = rule.atMost
    this.isCommand = rule?.kind === 'command'
    this.#setting = setting
    this.#raw = raw
    this.#model = model
    this.#force = force
  }

  /** Throws `UsageError` where the rules forbid it. */
  check(cap: number | undefined): void {
    const word = withRaw(this.#setting, 0, this.#raw)
    const write = { register: this.register, word, changed: this.#setting.mask, model: this.#model }
    const refusal = refusalOf(cap === undefined ? write : { ...write, cap }, this.#force)
    if (refusal !== undefined) throw refused(this.#setting, refusal)
  }

  request(before: readonly number[], _now: number, cap: number | undefined): WriteRequest {
    this.check(cap)
    return { type: 'write_single', register: this.register, value: withRaw(this.#setting, before[0]!, this.#raw) }
  }

  isIn(words: readonly number[]): boolean {
    return words[0] === withRaw(this.#setting, words[0]!, this.#raw)
  }

  show(words: readonly number[]): Value {
    return valueIn(this.#setting, words[0]!)
  }
}

/** Whether a setting is written by itself: all of a register; of one that is made of switches, a part. */
export function isPlaceable(setting: Setting): boolean {
  return isWhole(setting) !== (ruleOf(setting.register)?.kind === 'bits')
}

/** Refuses what is not all of a register, except switches, and switches all at once. */
function checkPlace(setting: Setting): void {
  const { name, register } = setting
  if (isPlaceable(setting)) return
  if (isWhole(setting)) {
    throw new UsageError(`${name} is many switches in one; name one of them, ${name}_...=on`, { name })
  }
  const isClock = register >= CLOCK_REGISTER && register < CLOCK_REGISTER + CLOCK_COUNT
  const hint = isClock ? `set the clock as a whole, ${CLOCK}=now` : 'only whole registers and switches are written'
  throw new UsageError(`${name} is a part of hold ${register}: ${hint}`, { name, register })
}

function unknown(name: string, model: Model, structs: StructSet): UsageError {
  const known = (message: string, of: Model) =>
    structs.message(message, of)?.layout.fields.map(field => field.name) ?? []
  if (known('input', model).includes(name)) return new UsageError(`${name} is measured, not a setting`, { name })
  if (known('hold', model).includes(name)) {
    return new UsageError(`${name} takes more than one register and cannot be written`, { name })
  }
  const other = MODELS.find(candidate => known('hold', candidate).includes(name))
  if (other !== undefined) return new UsageError(`${name} is a setting of ${other} models, not of ${model}`, { name })
  const hint = nearest(name, known('hold', model)) ?? 'see: wattzup structs show lxp hold'
  return new UsageError(`there is no setting ${name}; ${hint}`, { name })
}

function refused({ name, register, field }: Setting, refusal: Refusal): UsageError {
  switch (refusal.why) {
    case 'unlisted':
      return new UsageError(`${name} (hold ${register}) is not among the settings that may be written`, { name })
    case 'dangerous':
      return new UsageError(
        `${name} (hold ${register}) can damage the device or cut it off; it is written only with --force`,
        { name },
      )
    case 'time':
      return new UsageError(`${name} is a time of day, 00:00 to 23:59`, { name })
    case 'limits':
      return new UsageError(`${name} may be ${rawText(field, refusal.min)} to ${rawText(field, refusal.max)}`, { name })
  }
}
