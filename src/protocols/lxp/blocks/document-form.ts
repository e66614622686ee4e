import { type FieldPlan, FORM } from '../../../decode/plan.ts'
import type { JsonWriter } from '../../../decode/to-json.ts'
import { numberValue } from '../../../decode/to-object.ts'
import { documentHead, isRow, labelled, unitTail } from '../analysis.ts'
import { type DecodedField, type DecodedFrame, unlistedOf } from '../decoded.ts'
import type { LxpFrame } from '../frame.ts'
import type { Hole, Template } from './block-text.ts'
import type { BlockForm } from './block-writer.ts'
import { NumberHole, roundedHole, TextHole, valueHole, WordHole } from './holes.ts'
import { areOrdered, originOf, plainPlans, TemplateBuilder } from './template.ts'

/** A document as one of several in an array. */
export function indented(document: Record<string, unknown>): string {
  return JSON.stringify(document, null, 2).replace(/^/gm, '  ')
}

/** Blocks as `analysisDocument` gives them, each as one of several in an array. */
export function documentForm(all: boolean): BlockForm {
  return { start: documentStart, template: (decoded, json) => documentTemplate(decoded, all, json) }
}

function documentStart(frame: LxpFrame): string {
  const head = indented(documentHead(frame))
  return `${head.slice(0, head.lastIndexOf('\n'))},\n    "decodedValues": `
}

/** A line of the values: a label and a hole for the value. */
interface Line {
  readonly label: string
  /** It may be missing: not in every block does the device say something. */
  readonly isOptional: boolean
  /** Appends the line with what stands before the value: separator and label. */
  add(to: TemplateBuilder, before: string): void
}

/** The values and what follows; undefined where they are more than lines with one value each. */
function documentTemplate(decoded: DecodedFrame, all: boolean, json: JsonWriter): Template | undefined {
  const plans = plainPlans(decoded.codec!)
  if (plans === undefined) return undefined
  const origin = originOf(decoded)
  const fields = decoded.fields.filter(isRow).map(field => fieldLine(field, plans.get(field.info.name)!, origin, json))
  const words = all ? unlistedOf(decoded).map(({ register }) => wordLine(register, origin)) : []
  const lines = [...fields, ...words].sort((a, b) => (a.label < b.label ? -1 : 1))
  // the first line has no comma before it
  if (lines[0]?.isOptional === true || !areOrdered(lines.map(({ label }) => label))) return undefined
  const template = new TemplateBuilder()
  template.text('{')
  for (const [i, line] of lines.entries()) {
    line.add(template, `${i === 0 ? '' : ','}\n      ${JSON.stringify(line.label)}: `)
  }
  template.text(lines.length === 0 ? '}\n  }' : '\n    }\n  }')
  return template
}

function wordLine(register: number, origin: number): Line {
  return {
    label: `Register ${register}`,
    isOptional: false,
    add(to, before) {
      to.text(before)
      to.hole(new WordHole(register * 2 - origin))
    },
  }
}

function fieldLine(field: DecodedField, plan: FieldPlan, origin: number, json: JsonWriter): Line {
  const { info, isCode } = field
  const isText = info.type === 'text' || info.unit === ''
  const isRounded = !isCode && !isText
  const isOptional = plan.na.length > 0 || (isRounded && plan.form !== FORM.int)
  return {
    label: info.label,
    isOptional,
    add(to, before) {
      if (isOptional) {
        to.hole(optionalHole(field, plan, origin, before))
        return
      }
      to.text(isRounded ? `${before}"` : before)
      if (isCode) to.hole(new NumberHole(plan, origin))
      else to.hole(isText ? valueHole(plan, origin, json) : roundedHole(plan, origin))
      if (isRounded) to.text(JSON.stringify(unitTail(info)).slice(1))
    },
  }
}

function optionalHole(field: DecodedField, plan: FieldPlan, origin: number, before: string): Hole {
  return new TextHole(plan, origin, raw => {
    const value = numberValue(plan, raw)
    return value === null ? '' : `${before}${JSON.stringify(labelled({ ...field, value, raw }))}`
  })
}
