import type { FieldInfo } from '../../../core/field-info.ts'
import { type Settable, settableConfig } from '../settable.ts'
import type { Leaf } from '../shape.ts'
import { binaryClassOf, meaningOf } from './meaning.ts'
import { enumTemplate, flagsTemplate, plainTemplate, switchTemplate, valueAt } from './template.ts'

/** Keys of a component of a discovery message; `platform` is one of them. */
export type Component = Readonly<Record<string, unknown>> & { readonly platform: string }

/** What Home Assistant shows for a value that is neither missing nor among the options. */
const UNNAMED = 'unknown'

/**
 * What a value is for Home Assistant, by unit, type, kind, state and category of its field and never by its name.
 * `expireS` is when a measurement is too old to be shown. Source: docs/mqtt.md.
 */
export function sensorOf({ path, fields, fractional }: Leaf, expireS: number): Component {
  const field = fields.at(-1)!
  const value = valueAt(path)
  if (field.type === 'boolean') return { ...binarySensor(field, value), ...categoryOf(field) }
  if (field.type === 'number') return { ...numberSensor(field, fractional, value, expireS), ...categoryOf(field) }
  return { ...textSensor(field, value), ...categoryOf(field) }
}

/** A value that may be set; commands go to `topic`. */
export function settableOf({ path, fields }: Leaf, settable: Settable, topic: string): Component {
  const { unit } = fields.at(-1)!
  const value = valueAt(path)
  return {
    platform: settable.platform,
    ...settableConfig(settable),
    ...(settable.platform === 'number' && unit !== '' ? { unit_of_measurement: unit } : {}),
    command_topic: topic,
    entity_category: 'config',
    value_template: settable.platform === 'switch' ? switchTemplate(value) : plainTemplate(value),
  }
}

function binarySensor(field: FieldInfo, value: string): Component {
  const deviceClass = binaryClassOf(field)
  return {
    platform: 'binary_sensor',
    ...(deviceClass === undefined ? {} : { device_class: deviceClass }),
    value_template: switchTemplate(value),
  }
}

function numberSensor(field: FieldInfo, fractional: boolean, value: string, expireS: number): Component {
  const { deviceClass, stateClass } = meaningOf(field)
  const isNumeric = field.unit !== '' || deviceClass !== undefined || stateClass !== undefined // 10203045 is a serial
  return {
    platform: 'sensor',
    ...(deviceClass === undefined ? {} : { device_class: deviceClass }),
    ...(stateClass === undefined ? {} : { state_class: stateClass }),
    ...(field.unit === '' ? {} : { unit_of_measurement: field.unit }),
    ...(isNumeric && !fractional ? { suggested_display_precision: field.decimals } : {}),
    ...(stateClass === 'measurement' ? { expire_after: expireS } : {}), // counters and settings stay true
    value_template: plainTemplate(value),
  }
}

function textSensor({ type, names = [] }: FieldInfo, value: string): Component {
  if (type === 'flags') return { platform: 'sensor', value_template: flagsTemplate(value) }
  if (type !== 'enum') return { platform: 'sensor', value_template: plainTemplate(value) }
  return {
    platform: 'sensor',
    device_class: 'enum',
    options: [...new Set([...names, UNNAMED])],
    value_template: enumTemplate(value),
  }
}

/** Settings that cannot be changed here are for experts, who switch them on. */
function categoryOf({ category }: FieldInfo): Readonly<Record<string, unknown>> {
  if (category === 'config') return { entity_category: 'diagnostic', enabled_by_default: false }
  return category === 'diagnostic' ? { entity_category: 'diagnostic' } : {}
}
