import { utf8 } from '../core/bytes.ts'
import type { Definition, FieldOptions, FieldRow, MessageDefinition, Report } from './definition.ts'
import { MAX_DEPTH, MAX_REPEAT } from './definition.ts'
import { signedMarker } from './markers.ts'
import { parsePlace } from './place.ts'
import { type Count, type FieldPlan, FORM, keyBytes, type Layout, READ, type SlotCondition } from './plan.ts'
import { PLAIN, parseQuantity } from './quantity.ts'
import { type Say, type Shape, shapeOf } from './shape.ts'
import { nearest } from './suggest.ts'
import { parseType, TYPE_NAMES, type TypeSpec } from './type.ts'
import { namesOf } from './value-names.ts'

/** What compiling one message needs to know beside its fields. */
interface Context {
  readonly definition: Definition
  readonly message: MessageDefinition
  readonly model: string | undefined
  readonly report: Report
  readonly slots: Map<string, number>
  readonly depth: readonly string[]
  /** Nested types that are compiled already, and how many levels of types each of their layouts holds. */
  readonly types: Map<string, Layout>
  readonly heights: Map<Layout | undefined, number>
}

/** The layout of a message for one model. Every problem goes to `report`; the fields that have one are left out. */
export function compileMessage(
  definition: Definition,
  message: MessageDefinition,
  model: string | undefined,
  report: Report,
): Layout {
  const own = { slots: new Map(), depth: [], types: new Map(), heights: new Map() }
  return compileLayout(message.fields, { definition, message, model, report, ...own })
}

function compileLayout(rows: Readonly<Record<string, FieldRow>>, context: Context): Layout {
  const referenced = referencedNames(rows)
  const fields: FieldPlan[] = []
  for (const [name, row] of Object.entries(rows)) {
    const field = compileField(name, row, context, referenced.has(name), fields)
    if (field !== undefined) fields.push(field)
  }
  return layoutOf(fields, context.slots.size)
}

/** Puts compiled fields together; the walk takes a shorter way where all of them are flat. */
export function layoutOf(fields: readonly FieldPlan[], slots: number): Layout {
  const inOrder = fields.some(field => field.at < 0) // a guess, too, says where what follows it begins
  const sure = inOrder ? fields : fields.filter(field => !field.guess || field.slot >= 0)
  return {
    fields,
    sure,
    slots,
    size: fields.reduce((size, field) => Math.max(size, fixedEnd(field)), 0),
    flat: fields.every(isFlat),
  }
}

function isFlat(field: FieldPlan): boolean {
  return field.at >= 0 && field.published && !field.when && !field.repeat && !field.layout && field.slot < 0
}

function fixedEnd(field: FieldPlan): number {
  if (field.at < 0 || field.when !== undefined) return 0
  if (field.repeat !== undefined && field.repeat.slot >= 0) return field.at
  const count = field.repeat === undefined ? 1 : Math.max(field.repeat.fixed, 0)
  const one = field.layout === undefined ? field.need : field.layout.size
  return field.at + count * one
}

function referencedNames(rows: Readonly<Record<string, FieldRow>>): Set<string> {
  const names = new Set<string>()
  for (const row of Object.values(rows)) {
    const { when, repeat } = optionsOf(row)
    if (when !== undefined) names.add(when[0])
    if (typeof repeat === 'string') names.add(repeat)
    else if (Array.isArray(repeat)) names.add(repeat[0])
  }
  return names
}

/** The options of a row, wherever they stand in it. */
export function optionsOf(row: FieldRow): FieldOptions {
  return (typeof row[2] === 'object' ? row[2] : row[3]) ?? {}
}

function compileField(
  name: string,
  row: FieldRow,
  context: Context,
  kept: boolean,
  earlier: readonly FieldPlan[],
): FieldPlan | undefined {
  const options = optionsOf(row)
  if (!appliesTo(options, context.model)) return undefined
  const report = (text: string, suggestion?: string): undefined => {
    context.report(name, text, suggestion)
    return undefined
  }
  const type = parseType(row[1])
  if (type === undefined) return report(`unknown type ${JSON.stringify(row[1])}`, nearest(row[1], TYPE_NAMES))
  const quantityText = quantityOf(row, options, context.model)
  const quantity = quantityText === undefined ? PLAIN : parseQuantity(quantityText)
  if (quantity === undefined) {
    return report(`${JSON.stringify(quantityText)} is not a quantity`, 'write scale, unit, offset: "0.1 °C -2731"')
  }
  const shape = shapeOf(type, row[0], { ...context, nested: (inner, say) => nestedLayout(inner, context, say) }, report)
  if (shape === undefined) return undefined
  const anchor = anchorOf(row[0], earlier, report)
  const when = conditionOf(options, context, report)
  const repeat = repeatOf(options, shape, context, report)
  const names = namesOf(options, context.definition, report)
  if (anchor === undefined || when === null || repeat === null || names === null) return undefined
  const slot = kept ? context.slots.size : -1
  if (kept) {
    if (shape.layout !== undefined || shape.read >= READ.bigBits || repeat !== undefined) {
      return report('a condition or a count must refer to one number of up to 53 bits')
    }
    context.slots.set(name, slot)
  }
  return {
    name,
    ...keyBytes(name),
    published: !name.startsWith('_'),
    guess: options.confidence === 'guess',
    ...shape,
    anchor,
    need: shape.read === READ.pascal ? 1 : shape.size,
    form: formOf(type, options),
    signed: type.form === 'int' && type.signed,
    quantity,
    plain: quantity.factor === 1 && quantity.decimals === 0 && quantity.offset === 0,
    na: options.na === undefined ? [] : [options.na].flat().map(marker => signedMarker(marker, type)),
    names,
    jsonNames: new Map([...names].map(([number, name]) => [number, utf8(JSON.stringify(name))])),
    trim: options.trim !== false,
    slot,
    when,
    repeat,
    options,
  }
}

/** Where among the earlier fields the one is whose place this one shares; -1 for a place of its own. */
function anchorOf(at: number | string, earlier: readonly FieldPlan[], report: Say): number | undefined {
  const same = parsePlace(at)?.same
  if (same === undefined) return -1
  const index = earlier.findIndex(field => field.name === same)
  const names = earlier.map(field => field.name)
  return index >= 0 ? index : report(`${same} must come before what begins at its place`, nearest(same, names))
}

function appliesTo({ models }: FieldOptions, model: string | undefined): boolean {
  return !Array.isArray(models) || model === undefined || models.includes(model)
}

function quantityOf(row: FieldRow, { models }: FieldOptions, model: string | undefined): string | undefined {
  if (models !== undefined && !Array.isArray(models) && model !== undefined && Object.hasOwn(models, model)) {
    return (models as Readonly<Record<string, string>>)[model]
  }
  return typeof row[2] === 'string' ? row[2] : undefined
}

function nestedLayout(name: string, context: Context, report: Say): Layout | undefined {
  const types = context.definition.types ?? {}
  if (!Object.hasOwn(types, name)) return report(`there is no type @${name}`, nearest(name, Object.keys(types)))
  if (context.depth.includes(name)) return report(`type @${name} holds itself: ${[...context.depth, name].join(' > ')}`)
  const known = context.types.get(name)
  const height = known === undefined ? 1 : context.heights.get(known)!
  if (context.depth.length + height > MAX_DEPTH) return report(`types are nested more than ${MAX_DEPTH} deep`)
  if (known !== undefined) return known
  const say = (place: string, text: string, suggestion?: string) =>
    context.report(`@${name}.${place}`, text, suggestion)
  const depth = [...context.depth, name]
  const layout = compileLayout(types[name]!.fields, { ...context, report: say, slots: new Map(), depth })
  context.types.set(name, layout)
  const inner = layout.fields.map(field => context.heights.get(field.layout) ?? 0)
  context.heights.set(layout, 1 + inner.reduce((most, height) => Math.max(most, height), 0))
  return layout
}

function formOf(type: TypeSpec, options: FieldOptions): number {
  if (type.form === 'int') {
    if (options.enum !== undefined) return FORM.enum
    if (options.flags !== undefined) return FORM.flags
    return type.bits > 53 ? FORM.big : FORM.int
  }
  if (type.form === 'dotted') return type.endian === 'big' ? FORM.dottedBe : FORM.dottedLe
  return FORMS[type.form]
}

const FORMS = {
  float: FORM.float,
  bool: FORM.bool,
  ascii: FORM.text,
  pascal: FORM.text,
  hex: FORM.hex,
  bcd: FORM.bcd,
  hhmm: FORM.hhmm,
  pf: FORM.pf,
  type: FORM.nested,
} as const

function conditionOf({ when }: FieldOptions, { slots }: Context, report: Say): SlotCondition | undefined | null {
  if (when === undefined) return undefined
  const slot = slots.get(when[0])
  if (slot !== undefined) return { slot, operator: when[1], value: when[2] }
  report(`the condition needs ${when[0]} to be read before it`, nearest(when[0], [...slots.keys()]))
  return null
}

function repeatOf({ repeat }: FieldOptions, shape: Shape, context: Context, report: Say): Count | undefined | null {
  if (repeat === undefined) return undefined
  const { definition, message, slots } = context
  if (shape.segments.length > 0 && shape.bits !== shape.size * 8) {
    report('an array needs elements of whole bytes')
    return null
  }
  if (shape.size % 2 !== 0 && (message.unit ?? definition.unit) === 'register') {
    report('an array in a register map needs elements of whole registers')
    return null
  }
  if (typeof repeat === 'number') {
    if (Number.isInteger(repeat) && repeat >= 0 && repeat <= MAX_REPEAT) return { fixed: repeat, slot: -1, add: 0 }
    report(`an array holds 0 to ${MAX_REPEAT} elements, not ${repeat}`)
    return null
  }
  const [name, add] = typeof repeat === 'string' ? [repeat, 0] : repeat
  const slot = slots.get(name)
  if (slot !== undefined) return { fixed: 0, slot, add }
  report(`the count ${name} must be read before the array`, nearest(name, [...slots.keys()]))
  return null
}
