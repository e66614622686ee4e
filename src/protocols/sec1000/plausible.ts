import type { Value, Values } from '../../core/values.ts'

/** Something in the power message that is hard to believe. */
export interface Doubt {
  readonly reason: 'voltage' | 'current' | 'sum'
  /** For the user. */
  readonly text: string
}

const HIGHEST_VOLTAGE = 300
const HIGHEST_CURRENT = 2000
/** Watts by which the phases and the meter differ in recorded replies, and some more. */
const SLACK_W = 5

const VOLTAGES = ['v1', 'v2', 'v3']
const CURRENTS = ['i1', 'i2', 'i3']
const POWERS = ['p1', 'p2', 'p3']
const ALL = [...VOLTAGES, ...CURRENTS, ...POWERS, 'meters_power', 'inverters_power']

/** What is hard to believe in the values of the power message. Nothing is held back for it: a strange grid exists. */
export function doubts(values: Values): Doubt[] {
  const found: Doubt[] = []
  const list = (names: readonly string[]) => names.map(name => `${name} ${values[name]}`).join(', ')
  const voltages = VOLTAGES.filter(name => !within(values[name], 0, HIGHEST_VOLTAGE))
  if (voltages.length > 0) found.push({ reason: 'voltage', text: `no voltage of a phase: ${list(voltages)}` })
  const currents = CURRENTS.filter(name => !within(values[name], -HIGHEST_CURRENT, HIGHEST_CURRENT))
  if (currents.length > 0) found.push({ reason: 'current', text: `no current of a house: ${list(currents)}` })
  const sum = POWERS.reduce((total, name) => total + watts(values[name]), 0)
  const meter = watts(values['meters_power'])
  if (Math.abs(sum - meter) > SLACK_W) {
    found.push({ reason: 'sum', text: `the phases add up to ${sum / 1000} kW, the meter shows ${meter / 1000} kW` })
  }
  return found
}

/** Whether all values are 0: a controller that has just started has measured nothing. */
export function isBlank(values: Values): boolean {
  return ALL.every(name => values[name] === 0)
}

function within(value: Value | undefined, least: number, most: number): boolean {
  return typeof value !== 'number' || (value >= least && value <= most)
}

function watts(kw: Value | undefined): number {
  return typeof kw === 'number' ? Math.round(kw * 1000) : Number.NaN
}
