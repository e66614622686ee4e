import type { FieldInfo } from '../../core/field-info.ts'
import type { Reading } from '../../core/reading.ts'
import { loadPower } from './derive.ts'
import type { ZeroCache } from './zero-cache.ts'

export interface PublishOptions {
  /** Without it the power of the inverters is what the controller says. */
  readonly cache?: ZeroCache
  /** What the house takes, too. */
  readonly derived: boolean
  /** Only what the original program prints: the fields of the message. */
  readonly compat: boolean
}

/** Makes of a decoded power message what is published: the zeros of inverters replaced, and what follows from it. */
export class Publisher {
  readonly #options: PublishOptions

  constructor(options: PublishOptions) {
    this.#options = options
  }

  /** A reading of another message is given as it is. */
  publish(reading: Reading): Reading {
    const { cache, derived, compat } = this.#options
    const { inverters_power: raw, meters_power: meter } = reading.values
    if (reading.message !== 'power' || typeof raw !== 'number') return reading
    const believed = cache?.take(raw, reading.time / 1000) ?? raw
    const values = {
      ...reading.values,
      inverters_power: believed,
      inverters_power_raw: raw,
      substituted: believed !== raw,
      ...(derived && typeof meter === 'number' ? { load_power: loadPower(believed, meter) } : {}),
    }
    const wanted = (name: string) => Object.hasOwn(values, name) && !(compat && EXTRA.includes(name))
    const fields = reading.fields.filter(({ name }) => wanted(name)).map(described)
    return {
      ...reading,
      values: Object.fromEntries(Object.entries(values).filter(([name]) => wanted(name))),
      fields,
    }
  }
}

/** Names that the original program does not have. */
const EXTRA = ['grid_import_kw', 'grid_export_kw', 'inverters_power_raw', 'substituted', 'load_power']

/** Definitions call every derived value a number. */
function described(field: FieldInfo): FieldInfo {
  return field.name === 'substituted' ? { ...field, type: 'boolean' } : field
}
