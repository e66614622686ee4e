import type { FieldInfo } from '../../core/field-info.ts'
import { type FieldPlan, FORM } from '../../decode/plan.ts'
import { scale } from '../../decode/quantity.ts'
import type { StructSet } from '../../decode/struct-set.ts'
import { CLOCK, CLOCK_COUNT, CLOCK_REGISTER } from './clock-change.ts'
import type { Model } from './model.ts'
import { isWhole, type Setting, settingOf } from './setting.ts'
import { isPlaceable } from './word-change.ts'
import { type NumberRule, ruleOf, type WriteRule } from './write-rules.ts'

/** Numbers in the unit of a setting. */
export interface NumberRange {
  readonly kind: 'number'
  readonly min: number
  readonly max: number
  readonly step: number
  /** The setting whose value is a limit too. */
  readonly atMost?: string
}

/** What a setting can be set to. */
export type SettingRange =
  | NumberRange
  | { readonly kind: 'choice'; readonly names: readonly string[] }
  | { readonly kind: 'time' | 'switch' | 'clock' }

/** A setting that may be written to an inverter. */
export interface WritableSetting {
  readonly name: string
  readonly label: string
  /** The registers that it is in. */
  readonly register: number
  readonly count: number
  readonly unit: string
  readonly range: SettingRange
  /** It is written only with force. */
  readonly isDangerous: boolean
}

/** All settings of a model that may be written, in the order of registers; those that are dangerous where so wanted. */
export function writableSettings(structs: StructSet, model: Model, dangerous: boolean): WritableSetting[] {
  const infos = structs.codec(['hold'], model)?.fields ?? []
  const known = infos.flatMap(info => {
    const setting = settingOf(structs, info.name, model)
    return setting === undefined ? [] : [{ setting, info }]
  })
  const nameOf = (register: number) =>
    known.find(({ setting }) => setting.register === register && isWhole(setting))?.info.name
  const found = known.flatMap(({ setting, info }) => writable(setting, info, model, nameOf) ?? [])
  const allowed = found.filter(({ isDangerous }) => dangerous || !isDangerous)
  return [CLOCK_SETTING, ...allowed].sort((a, b) => a.register - b.register)
}

const CLOCK_SETTING: WritableSetting = {
  ...{ name: CLOCK, label: 'Clock', register: CLOCK_REGISTER, count: CLOCK_COUNT, unit: '' },
  range: { kind: 'clock' },
  isDangerous: false,
}

type NameOf = (register: number) => string | undefined

function writable(setting: Setting, info: FieldInfo, model: Model, nameOf: NameOf): WritableSetting | undefined {
  const { name, register, field, mask } = setting
  const rule = ruleOf(register)
  if (rule === undefined || !isPlaceable(setting)) return undefined
  const range = rule.kind === 'number' ? limited(field, rule, model, nameOf) : rangeOf(field)
  if (range === undefined) return undefined
  return { name, label: info.label, register, count: 1, unit: info.unit, range, isDangerous: isDangerous(rule, mask) }
}

function isDangerous(rule: WriteRule, mask: number): boolean {
  if (rule.kind === 'bits') return (mask & ~rule.safe) !== 0
  return rule.kind === 'dangerous' || rule.kind === 'command'
}

/** Undefined where the model does not have the setting. */
function limited(field: FieldPlan, rule: NumberRule, model: Model, nameOf: NameOf): NumberRange | undefined {
  const max = rule.max[model]
  if (max === undefined) return undefined
  const atMost = rule.atMost === undefined ? undefined : nameOf(rule.atMost)
  return { ...numbers(field, rule.min, max), ...(atMost === undefined ? {} : { atMost }) }
}

/** What a field can hold. */
function rangeOf(field: FieldPlan): SettingRange {
  if (field.form === FORM.bool) return { kind: 'switch' }
  if (field.form === FORM.hhmm) return { kind: 'time' }
  if (field.form === FORM.enum) return { kind: 'choice', names: [...field.names.values()] }
  const { bits, signed } = field
  return signed ? numbers(field, -(2 ** (bits - 1)), 2 ** (bits - 1) - 1) : numbers(field, 0, 2 ** bits - 1)
}

function numbers({ quantity }: FieldPlan, min: number, max: number): NumberRange {
  const { factor, decimals } = quantity
  return { kind: 'number', min: scale(min, quantity), max: scale(max, quantity), step: factor / 10 ** decimals }
}
