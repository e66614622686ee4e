/**
 * A quantity says how a raw integer becomes a value: `"0.1 °C -2731"` is scale, unit and offset of the raw integer.
 * The scale is kept as `factor / 10^decimals`, both whole, so that values are clean decimals: 4.81, never
 * 4.8100000000000005.
 */
export interface Quantity {
  readonly factor: number
  readonly decimals: number
  readonly unit: string
  /** Added to the raw integer before scaling. */
  readonly offset: number
}

/** A raw integer as it stands. */
export const PLAIN: Quantity = { factor: 1, decimals: 0, unit: '', offset: 0 }

const FORM = /^(?:(-?\d+(?:\.\d+)?)(?: +|$))?([^\d\s+-][^\s+-]*)?(?: *([+-]\d+))?$/u

/** Longer texts are no quantities, and the form takes quadratic time on some of them. */
const MAX_LENGTH = 64

/** What a unit says about a value's meaning, in the words of Home Assistant's device classes. */
const KINDS: Readonly<Record<string, string>> = {
  V: 'voltage',
  mV: 'voltage',
  A: 'current',
  mA: 'current',
  W: 'power',
  kW: 'power',
  VA: 'apparent_power',
  kVA: 'apparent_power',
  var: 'reactive_power',
  kvar: 'reactive_power',
  Wh: 'energy',
  kWh: 'energy',
  '°C': 'temperature',
  '°F': 'temperature',
  Hz: 'frequency',
  s: 'duration',
  min: 'duration',
  h: 'duration',
  ms: 'duration',
}

/** Reads a quantity; undefined when the text is none: `"0.001 kW"`, `"V"`, `"0.1"`, `"°C -40"`, `"0.1 °C -2731"`. */
export function parseQuantity(text: string): Quantity | undefined {
  if (text.length > MAX_LENGTH || text.trim() === '') return undefined
  const match = FORM.exec(text)
  if (match === null) return undefined
  const [, scale = '1', unit = '', offset = '0'] = match
  const decimals = scale.includes('.') ? scale.length - scale.indexOf('.') - 1 : 0
  const factor = Number(scale.replace('.', ''))
  if (decimals > 9 || factor === 0 || !Number.isSafeInteger(factor)) return undefined
  if (!Number.isSafeInteger(Number(offset))) return undefined
  return { factor, decimals, unit, offset: Number(offset) }
}

/** The meaning that a unit implies, or undefined where it implies none (`%` may be a state of charge or a share). */
export function kindOfUnit(unit: string): string | undefined {
  return Object.hasOwn(KINDS, unit) ? KINDS[unit] : undefined
}

const POWERS = Array.from({ length: 16 }, (_, n) => 10 ** n)

/** The value of a raw integer: divided, never multiplied by a fraction, so that it is the nearest clean decimal. */
export function scale(raw: number, quantity: Quantity): number {
  return ((raw + quantity.offset) * quantity.factor) / POWERS[quantity.decimals]! + 0 // never -0
}

/** The raw number that `value` comes from, not yet rounded. */
export function unscale(value: number, quantity: Quantity): number {
  return (value * POWERS[quantity.decimals]!) / quantity.factor - quantity.offset + 0 // never -0
}

/** The shortest decimal that gives the same single-precision number: 25.605902 for the float 25.60590171813965. */
export function shortestFloat(value: number): number {
  if (!Number.isFinite(value) || Number.isInteger(value)) return value
  for (let digits = 6; digits < 9; digits++) {
    const short = Number(value.toPrecision(digits))
    if (Math.fround(short) === value) return short
  }
  return Number(value.toPrecision(9))
}
