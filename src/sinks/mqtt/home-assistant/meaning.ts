import type { FieldInfo } from '../../../core/field-info.ts'

/**
 * Units that Home Assistant takes for each device class of a sensor; with another one it warns and keeps no statistics.
 * Newer versions take more than these.
 */
const UNITS: Readonly<Record<string, readonly string[]>> = {
  apparent_power: ['VA'],
  battery: ['%'],
  current: ['A', 'mA'],
  duration: ['s', 'ms', 'min', 'h', 'd'],
  energy: ['kWh', 'Wh', 'MWh', 'mWh', 'J', 'kJ', 'MJ', 'GJ'],
  energy_storage: ['kWh', 'Wh', 'MWh', 'mWh', 'J', 'kJ', 'MJ', 'GJ'],
  frequency: ['Hz', 'kHz', 'MHz', 'GHz'],
  humidity: ['%'],
  irradiance: ['W/m²'],
  power: ['W', 'kW', 'mW', 'MW', 'GW', 'TW', 'BTU/h'],
  power_factor: ['', '%'],
  reactive_power: ['var'],
  signal_strength: ['dB', 'dBm'],
  temperature: ['°C', '°F', 'K'],
  voltage: ['V', 'mV', 'µV', 'kV', 'MV'],
}

const ALL_STATES = ['measurement', 'total', 'total_increasing']

/** State classes of device classes that do not just measure. */
const STATES: Readonly<Record<string, readonly string[]>> = {
  duration: ALL_STATES,
  energy: ['total_increasing', 'total'],
}

/** Device classes of binary sensors that a definition may give as `kind`. */
const BINARY_KINDS = ['battery_charging', 'connectivity', 'lock', 'power', 'problem', 'running', 'safety']

/** What Home Assistant is told that a number is. */
export interface Meaning {
  readonly deviceClass?: string
  readonly stateClass?: string
}

/** The device class and the state class of a number: its own `kind` and `state`, as far as they go with its unit. */
export function meaningOf(field: FieldInfo): Meaning {
  const deviceClass = deviceClassOf(field)
  const stateClass = field.category === 'config' ? undefined : stateClassOf(field, deviceClass)
  return { ...(deviceClass === undefined ? {} : { deviceClass }), ...(stateClass === undefined ? {} : { stateClass }) }
}

/** The device class of something that is on or off. */
export function binaryClassOf({ kind }: FieldInfo): string | undefined {
  return kind !== undefined && BINARY_KINDS.includes(kind) ? kind : undefined
}

function deviceClassOf({ kind, unit, state }: FieldInfo): string | undefined {
  if (kind === undefined || !Object.hasOwn(UNITS, kind) || !UNITS[kind]!.includes(unit)) return undefined
  return kind === 'energy' && state === 'measurement' ? 'energy_storage' : kind // energy that may fall is what is stored
}

function stateClassOf({ unit, state }: FieldInfo, deviceClass: string | undefined): string | undefined {
  const allowed = deviceClass === undefined ? ALL_STATES : (STATES[deviceClass] ?? ['measurement'])
  if (state !== undefined && allowed.includes(state)) return state
  if (deviceClass === 'energy') return 'total_increasing'
  return unit !== '' || deviceClass !== undefined ? 'measurement' : undefined
}
