import type { FieldInfo } from '../../core/field-info.ts'
import type { Reading } from '../../core/reading.ts'
import type { Values } from '../../core/values.ts'
import { PlausibilityFilter } from './filters.ts'

/** What of a reading is published. */
export interface PublishOptions {
  /** Hold implausible values back. */
  readonly filter: boolean
  /** Also what the original publishes only for debugging: fields of category `diagnostic`. */
  readonly debugKeys: boolean
  /** Names exactly as the original has them, also where two messages share one. */
  readonly compatKeys: boolean
}

/** The original publishes the words of record 0x37 under the names of 0x27. */
const OWN_PREFIX = '0x37/'
const COMPAT_PREFIX = '0x27/'

/** Makes of what was decoded what is published. */
export class Publisher {
  readonly filter = new PlausibilityFilter()
  readonly #options: PublishOptions

  constructor(options: PublishOptions) {
    this.#options = options
  }

  /** The reading with the values to publish; undefined where there are none. */
  publish(reading: Reading): Reading | undefined {
    const { filter, debugKeys, compatKeys } = this.#options
    const plausible = filter ? this.filter.apply(reading) : reading.values
    if (plausible === undefined) return undefined
    const fields = reading.fields.filter(
      ({ name, category }) => Object.hasOwn(plausible, name) && (debugKeys || category !== 'diagnostic'),
    )
    if (fields.length === 0) return undefined
    const values: Values = {}
    for (const { name } of fields) values[compatKeys ? compatName(name) : name] = plausible[name]!
    return { ...reading, values, fields: compatKeys ? fields.map(renamed) : fields }
  }
}

function renamed(field: FieldInfo): FieldInfo {
  return { ...field, name: compatName(field.name) }
}

function compatName(name: string): string {
  return name.startsWith(OWN_PREFIX) ? COMPAT_PREFIX + name.slice(OWN_PREFIX.length) : name
}
