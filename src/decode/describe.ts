import type { FieldInfo } from '../core/field-info.ts'
import type { DerivedRow, FieldOptions } from './definition.ts'
import { type FieldPlan, FORM, type Layout } from './plan.ts'
import { kindOfUnit, PLAIN, parseQuantity } from './quantity.ts'

/** Describes the published fields of a layout, then the derived values. */
export function describe(layout: Layout, derived: readonly (readonly [string, DerivedRow])[]): FieldInfo[] {
  const published = layout.fields.filter(field => field.published)
  const objects = published.filter(field => field.layout !== undefined).map(({ name }) => `${name}.`)
  const outer = derived.filter(([name]) => !objects.some(prefix => name.startsWith(prefix)))
  return [
    ...published.map(field => describeField(field, within(field.name, derived))),
    ...outer.map(([name, row]) => describeDerived(name, row)),
  ]
}

/** The derived values of an object, `packs.power`, by the names that they have in it. */
function within(name: string, derived: readonly (readonly [string, DerivedRow])[]): [string, DerivedRow][] {
  return derived.flatMap(([path, row]) => (path.startsWith(`${name}.`) ? [[path.slice(name.length + 1), row]] : []))
}

function describeField(field: FieldPlan, derived: readonly (readonly [string, DerivedRow])[]): FieldInfo {
  const { quantity, options, layout } = field
  return {
    ...described(field.name, quantity.unit, options),
    decimals: quantity.decimals,
    type: typeOf(field.form),
    array: field.repeat !== undefined,
    ...(layout === undefined ? {} : { fields: describe(layout, derived) }),
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
