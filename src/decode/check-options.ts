import { optionsOf } from './compile.ts'
import type { Definition, FieldOptions, FieldRow, PlaceUnit, Report } from './definition.ts'
import { signedMarker } from './markers.ts'
import { nearest } from './suggest.ts'
import { parseType, type TypeSpec } from './type.ts'

/** Says what is wrong with the field at hand. */
type Say = (text: string, suggestion?: string) => void

/** Reports options that contradict the type of their field or name models that the file does not have. */
export function checkOptions(
  name: string,
  row: FieldRow,
  unit: PlaceUnit,
  definition: Definition,
  report: Report,
): void {
  const say: Say = (text, suggestion) => report(name, text, suggestion)
  const options = optionsOf(row)
  checkModels(options, definition.models ?? [], say)
  if (unit === 'protobuf' && options.when !== undefined)
    say('"when" has no meaning in protobuf', 'absent fields are absent')
  if (unit === 'protobuf' && options.repeat !== undefined) {
    say('"repeat" has no meaning in protobuf', 'what occurs several times becomes a list')
  }
  const type = parseType(row[1])
  if (type === undefined) return
  checkNames(row[1], type, options, say)
  checkMarkers(row[1], type, options, say)
  if (typeof row[2] === 'string' && WITHOUT_QUANTITY.has(type.form)) say(`a quantity has no meaning for ${row[1]}`)
  if (options.trim !== undefined && type.form !== 'ascii' && type.form !== 'pascal') {
    say(`"trim" has no meaning for ${row[1]}`)
  }
}

const WITHOUT_QUANTITY: ReadonlySet<string> = new Set<TypeSpec['form']>([
  ...(['bool', 'ascii', 'hex', 'bcd', 'pascal', 'dotted', 'hhmm', 'type'] as const),
])

function checkModels({ models }: FieldOptions, known: readonly string[], say: Say): void {
  if (models === undefined) return
  for (const model of Array.isArray(models) ? (models as readonly string[]) : Object.keys(models)) {
    if (known.includes(model)) continue
    const instead = known.length === 0 ? 'name the models of the file in its "models"' : `known are ${known.join(', ')}`
    say(`there is no model ${JSON.stringify(model)}`, nearest(model, known) ?? instead)
  }
}

function checkNames(text: string, type: TypeSpec, options: FieldOptions, say: Say): void {
  const { enum: values, flags } = options
  if (values === undefined && flags === undefined) return
  if (values !== undefined && flags !== undefined) say('has "enum" and "flags"; one of them is enough')
  if (type.form !== 'int') {
    say(`${values === undefined ? '"flags"' : '"enum"'} needs a whole number, not ${text}`)
    return
  }
  if (flags !== undefined && (type.signed || type.bits > 53)) say('"flags" needs an unsigned number of up to 53 bits')
  if (typeof values === 'object') {
    for (const key of Object.keys(values)) if (!fits(Number(key), type)) say(`"enum" ${key} cannot occur in ${text}`)
  }
  if (typeof flags === 'object') {
    for (const key of Object.keys(flags)) if (Number(key) >= type.bits) say(`"flags" ${key} is no bit of ${text}`)
  }
}

function checkMarkers(text: string, type: TypeSpec, { na }: FieldOptions, say: Say): void {
  if (na === undefined) return
  if (type.form !== 'int' && type.form !== 'float' && type.form !== 'hhmm' && type.form !== 'pf') {
    say(`"na" has no meaning for ${text}`)
    return
  }
  for (const marker of [na].flat()) {
    if (!fits(signedMarker(marker, type), type)) say(`"na" ${marker} cannot occur in ${text}`)
  }
}

function fits(value: number, type: TypeSpec): boolean {
  if (type.form === 'float') return true
  if (!Number.isInteger(value)) return false
  const signed = type.form === 'int' && type.signed
  const high = 2 ** (signed ? type.bits - 1 : type.bits)
  // from 2^53 on JSON rounds numbers, the largest of 64 bits up to 2^64
  return value >= (signed ? -high : 0) && (value < high || (value === high && type.bits > 53))
}
