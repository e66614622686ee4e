import { UsageError } from '../../core/errors.ts'
import { type FieldPlan, FORM } from '../../decode/plan.ts'
import { scale, unscale } from '../../decode/quantity.ts'
import type { Setting } from './setting.ts'

const SWITCH: ReadonlyMap<string, number> = new Map([
  ...['on', 'true', '1'].map(text => [text, 1] as const),
  ...['off', 'false', '0'].map(text => [text, 0] as const),
])

/**
 * The raw number of a value as people write it: `95`, `3.5`, `3.5 kW`, `23:30`, `on`, a name of an enumeration. Throws
 * `UsageError` where the setting cannot have it.
 */
export function parseValue(setting: Setting, text: string): number {
  const { field } = setting
  switch (field.form) {
    case FORM.bool:
      return switchRaw(setting, text)
    case FORM.hhmm:
      return timeRaw(setting, text)
    case FORM.enum:
      return namedRaw(field, text) ?? numberRaw(setting, text)
    default:
      return numberRaw(setting, text)
  }
}

/** A raw number in the setting's unit: `3.5 kW`. */
export function rawText({ quantity }: FieldPlan, raw: number): string {
  const separator = quantity.unit === '' || quantity.unit === '%' ? '' : ' '
  return `${scale(raw, quantity)}${separator}${quantity.unit}`
}

function switchRaw({ name }: Setting, text: string): number {
  const raw = SWITCH.get(text.toLowerCase())
  if (raw === undefined) throw new UsageError(`${name} cannot be ${text}; it is on or off`, { name, text })
  return raw
}

function timeRaw({ name }: Setting, text: string): number {
  const match = /^(\d{1,2}):(\d\d)$/.exec(text)
  const [hour, minute] = [Number(match?.[1]), Number(match?.[2])]
  if (hour < 24 && minute < 60) return hour | (minute << 8)
  throw new UsageError(`${name} cannot be ${text}; write a time of day like 07:30`, { name, text })
}

function namedRaw({ names }: FieldPlan, text: string): number | undefined {
  for (const [raw, name] of names) if (name === text) return raw
  return undefined
}

function numberRaw({ name, field }: Setting, text: string): number {
  const { quantity, bits, signed, names } = field
  const match = /^(-?\d{1,10}(?:\.\d{1,9})?)\s*(\S*)$/.exec(text)
  const [, number = '', unit = ''] = match ?? []
  if (number === '') {
    const known = names.size === 0 ? 'a number' : `one of ${[...names.values()].join(', ')}`
    throw new UsageError(`${name} cannot be ${text}; write ${known}`, { name, text })
  }
  if (unit !== '' && unit !== quantity.unit) {
    const own = quantity.unit === '' ? 'it has no unit' : `its unit is ${quantity.unit}`
    throw new UsageError(`${name} cannot be ${text}; ${own}`, { name, text })
  }
  const exact = unscale(Number(number), quantity)
  const raw = Math.round(exact)
  if (Math.abs(exact - raw) > 1e-6) {
    throw new UsageError(`${name} cannot be ${text}; it goes in steps of ${rawText(field, 1)}`, { name, text })
  }
  const [low, high] = signed ? [-(2 ** (bits - 1)), 2 ** (bits - 1) - 1] : [0, 2 ** bits - 1]
  if (raw >= low && raw <= high) return raw
  const range = `${rawText(field, low)} to ${rawText(field, high)}`
  throw new UsageError(`${name} cannot be ${text}; it holds ${range}`, { name, text })
}
