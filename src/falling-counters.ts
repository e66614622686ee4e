import type { FieldInfo } from './core/field-info.ts'
import { LeastRecent } from './core/least-recent.ts'
import type { Reading } from './core/reading.ts'

/** Where the counters of one device stand. */
interface Counter {
  /** The value that was published last. */
  value: number
  /** A lower one that came since, and is not believed yet. */
  lower?: number
}

/**
 * Finds counters that fell. Whoever adds up energies takes a fall for a new beginning, so that one wrong 0 counts a
 * lifetime twice: a fall is believed when the next value, not below the first one, confirms it.
 */
export class FallingCounters {
  readonly #devices = new LeastRecent(() => new Map<string, Counter>())

  /** Names of the values that are not to be published yet. */
  heldBack({ family, device, values, fields }: Reading): readonly string[] {
    const counters = this.#devices.of(`${family} ${device}`)
    return fields.flatMap(field => {
      const value = Object.hasOwn(values, field.name) ? values[field.name] : undefined
      return typeof value === 'number' && isCounter(field) && !isBelieved(counters, field.name, value)
        ? [field.name]
        : []
    })
  }
}

function isCounter({ state }: FieldInfo): boolean {
  return state === 'total_increasing'
}

function isBelieved(counters: Map<string, Counter>, name: string, value: number): boolean {
  const counter = counters.get(name)
  const falls = counter !== undefined && value < counter.value
  const confirmed = falls && counter.lower !== undefined && value >= counter.lower
  if (falls && !confirmed) {
    counter.lower = value
    return false
  }
  counters.set(name, { value })
  return true
}
