/** A decimal number, exactly: `digits / 10^places`. */
interface Decimal {
  readonly digits: bigint
  readonly places: number
}

/** Decimals of a scale, and the largest number behind them that is exact. */
const MOST_PLACES = 9
const MOST_DIGITS = BigInt(Number.MAX_SAFE_INTEGER)
/** A scale that is rounded makes no greater difference than this part of a value. */
const ROUNDING = 1e-6
/** Exponents beyond are nonsense. */
const MOST_EXPONENT = 60

/** How a raw number becomes a value, in the words of a definition. */
export interface Scaling {
  /** `0.01`; undefined for 1. */
  readonly scale?: string
  /** Added to the raw number; undefined for 0. */
  readonly offset?: string
}

/**
 * The scaling that gives `raw * factor + offset`, which is `(raw + n) * scale` with a whole `n`; undefined where there is
 * none: an offset between two steps, a factor of more than nine decimals.
 */
export function scalingOf(factorText: string, offsetText: string): Scaling | undefined {
  const factor = rounded(decimal(factorText))
  const offset = decimal(offsetText)
  if (factor === undefined || offset === undefined || factor.digits === 0n) return undefined
  const numerator = offset.digits * 10n ** BigInt(factor.places)
  const denominator = factor.digits * 10n ** BigInt(offset.places)
  if (numerator % denominator !== 0n) return undefined
  const steps = numerator / denominator
  if (steps > MOST_DIGITS || steps < -MOST_DIGITS) return undefined
  const scale = decimalText(factor)
  return {
    ...(scale === '1' ? {} : { scale }),
    ...(steps === 0n ? {} : { offset: steps > 0n ? `+${steps}` : String(steps) }),
  }
}

/** The number of a text such as `-1.5E-3`, without zeros at its end; undefined where it is out of all reason. */
function decimal(text: string): Decimal | undefined {
  const [, sign = '', whole = '', fraction = '', exponent = '0'] =
    /^([+-]?)(\d*)\.?(\d*)(?:[eE]([+-]?\d+))?$/.exec(text) ?? []
  if (whole + fraction === '' || Math.abs(Number(exponent)) > MOST_EXPONENT) return undefined
  let digits = BigInt(`${whole}${fraction}`) * (sign === '-' ? -1n : 1n)
  let places = fraction.length - Number(exponent)
  if (digits === 0n) return { digits, places: 0 }
  for (; digits % 10n === 0n; places--) digits /= 10n
  return places < 0 ? { digits: digits * 10n ** BigInt(-places), places: 0 } : { digits, places }
}

/** With no more decimals than a scale may have; undefined where that makes a difference. */
function rounded(number: Decimal | undefined): Decimal | undefined {
  if (number === undefined || number.digits > MOST_DIGITS) return undefined
  if (number.places <= MOST_PLACES) return number
  const exact = Number(number.digits) / 10 ** number.places
  const digits = Math.round(exact * 10 ** MOST_PLACES)
  const isClose = digits !== 0 && Math.abs(digits / 10 ** MOST_PLACES / exact - 1) < ROUNDING
  return isClose ? decimal((digits / 10 ** MOST_PLACES).toFixed(MOST_PLACES)) : undefined
}

function decimalText({ digits, places }: Decimal): string {
  const text = String(digits < 0n ? -digits : digits).padStart(places + 1, '0')
  const sign = digits < 0n ? '-' : ''
  return places === 0 ? `${sign}${text}` : `${sign}${text.slice(0, -places)}.${text.slice(-places)}`
}

const CELSIUS = /^(deg(rees?)?[ _.]?C(elsius)?|°\s*C|celsius|grad ?C)$/i
const NO_UNIT = /^(-|--|none|n\/?a|unitless|bit|bool|boolean|enum|count|counts|raw|1)$/i
const SPELLINGS: Readonly<Record<string, string>> = {
  percent: '%',
  Percent: '%',
  '1/min': 'rpm',
  volt: 'V',
  Volt: 'V',
  Volts: 'V',
  volts: 'V',
  amp: 'A',
  Amp: 'A',
  amps: 'A',
  Amps: 'A',
  ampere: 'A',
  watt: 'W',
  Watt: 'W',
  watts: 'W',
  Watts: 'W',
  KW: 'kW',
  kwh: 'kWh',
  KWh: 'kWh',
  hz: 'Hz',
  sec: 's',
  mins: 'min',
  hours: 'h',
}

/** A unit as definitions spell it; empty where it is none or cannot be written. */
export function unitOf(text: string): string {
  const unit = text.trim().replaceAll(/\s+/g, ' ')
  if (NO_UNIT.test(unit)) return ''
  if (CELSIUS.test(unit)) return '°C'
  if (Object.hasOwn(SPELLINGS, unit)) return SPELLINGS[unit]!
  const word = unit.replaceAll(/[\s\u0000-\u001f\u007f-\u009f]/g, '_').replaceAll(/[+-]/g, '_')
  return /^\d/.test(word) || word.length > 30 ? '' : word
}
