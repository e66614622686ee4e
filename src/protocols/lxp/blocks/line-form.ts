import { utf8 } from '../../../core/bytes.ts'
import { type FieldPlan, READ } from '../../../decode/plan.ts'
import type { JsonWriter } from '../../../decode/to-json.ts'
import { lineHead } from '../analysis.ts'
import { type DecodedField, type DecodedFrame, unlistedOf } from '../decoded.ts'
import type { LxpFrame } from '../frame.ts'
import type { Hole, Template } from './block-text.ts'
import type { BlockForm } from './block-writer.ts'
import { derivedHoles } from './derived-holes.ts'
import { NumberHole, PairHole, valueHole, WordHole } from './holes.ts'
import { areOrdered, originOf, plainPlans, TemplateBuilder } from './template.ts'

/** Blocks as `analysisLine` gives them. */
export function lineForm(all: boolean): BlockForm {
  return { start: lineStart, template: (decoded, json) => lineTemplate(decoded, all, json) }
}

function lineStart(frame: LxpFrame, time: number): string {
  return `${JSON.stringify(lineHead(frame, time)).slice(0, -1)},`
}

/** Values and fields; undefined where they are more than lists with one value each. */
function lineTemplate(decoded: DecodedFrame, all: boolean, json: JsonWriter): Template | undefined {
  const { codec, values, fields } = decoded
  const plans = plainPlans(codec!)
  const origin = originOf(decoded)
  const derived = plans && derivedHoles(codec!.name, values, plans, origin)
  if (derived === undefined || !areOrdered(Object.keys(values))) return undefined
  const holes = new Map([...plans!].map(([name, plan]) => [name, valueHole(plan, origin, json)]))
  for (const [name, hole] of derived) holes.set(name, hole)
  const rows = fields.map(field => fieldRow(field, plans!.get(field.info.name), holes.get(field.info.name)!, origin))
  const words = all ? unlistedOf(decoded).map(({ register }) => wordRow(register, origin)) : []
  const template = new TemplateBuilder()
  template.text('"values":{')
  addAll(
    Object.keys(values).map(name => ({ before: `${JSON.stringify(name)}:`, hole: holes.get(name)!, after: '' })),
    template,
  )
  template.text('},"fields":[')
  addAll([...rows, ...words], template)
  template.text(']}')
  return template
}

/** An element of a list. */
interface Row {
  readonly before: string
  readonly hole: Hole
  readonly after: string
}

function addAll(rows: readonly Row[], to: TemplateBuilder): void {
  for (const [i, { before, hole, after }] of rows.entries()) {
    to.text(i === 0 ? before : `,${before}`)
    to.hole(hole)
    to.text(after)
  }
}

/** A derived value has no register and no number on the wire. */
function fieldRow({ info, register }: DecodedField, plan: FieldPlan | undefined, value: Hole, origin: number): Row {
  const { name, label, unit } = info
  const head = JSON.stringify({ name, label, register }).slice(0, -1)
  const after = unit === '' ? '}' : `,"unit":${JSON.stringify(unit)}}`
  if (register === undefined || plan === undefined || plan.read === READ.span) {
    return { before: `${head},"value":`, hole: value, after }
  }
  const hole = new PairHole(new NumberHole(plan, origin), VALUE, value)
  return { before: `${head},"raw":`, hole, after }
}

const VALUE = utf8(',"value":')

function wordRow(register: number, origin: number): Row {
  return { before: `{"register":${register},"raw":`, hole: new WordHole(register * 2 - origin), after: '}' }
}
