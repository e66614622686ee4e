import type { FieldInfo } from '../core/field-info.ts'
import type { DerivedRow, FieldOptions } from './definition.ts'
import { type FieldPlan, FORM, type Layout } from './plan.ts'
import { kindOfUnit, PLAIN, parseQuantity } from './quantity.ts'

/** Describes the published fields of a layout, then the derived values. */
export function describe(layout: Layout, derived: readonly (readonly [string, DerivedRow])[]): FieldInfo[] {
  return [
    ...layout.fields.filter(field => field.published).map(describeField),
    ...derived.map(([name, row]) => describeDerived(name, row)),
  ]
}

function describeField(field: FieldPlan): FieldInfo {
  const { quantity, options } = field
  return {
    ...described(field.name, quantity.unit, options),
    decimals: quantity.decimals,
    type: typeOf(field.form),
    array: field.repeat !== undefined,
    ...(field.names.size > 0 ? { names: [...field.names.values()] } : {}),
  }
}

function describeDerived(name: string, [unit, options = {}]: DerivedRow): FieldInfo {
  const quantity = parseQuantity(unit) ?? PLAIN
  return { ...described(name, quantity.unit, options), decimals: quantity.decimals, type: 'number', array: false }
}

function described(name: string, unit: string, options: FieldOptions) {
  const kind = options.kind ?? kindOfUnit(unit)
  const { state, category, note, path } = options
  return {
    name,
    unit,
    label: options.label ?? name.replaceAll('_', ' '),
    confidence: options.confidence ?? ('documented' as const),
    ...(kind === undefined ? {} : { kind }),
    ...(state === undefined ? {} : { state }),
    ...(category === undefined ? {} : { category }),
    ...(note === undefined ? {} : { note }),
    ...(path === undefined ? {} : { path }),
  }
}

function typeOf(form: number): FieldInfo['type'] {
  switch (form) {
    case FORM.bool:
      return 'boolean'
    case FORM.enum:
      return 'enum'
    case FORM.flags:
      return 'flags'
    case FORM.int:
    case FORM.float:
    case FORM.big:
    case FORM.pf:
      return 'number'
    case FORM.nested:
      return 'object'
    default:
      return 'text'
  }
}
