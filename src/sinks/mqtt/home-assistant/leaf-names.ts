import type { Leaf } from '../shape.ts'
import { topicSafe } from '../topics.ts'

/** What an entity is called by machines and by people. */
export interface LeafNames {
  /** Of `[A-Za-z0-9_-]`, unique in its device: `cell_voltage_01`. */
  readonly key: string
  /** `Cell voltage 01`. */
  readonly label: string
}

/**
 * Names of single values: fields have their own; an element of a list has the list's in the singular, and a number that
 * begins with 1; a field of an object has the object's before it.
 */
export function leafNames({ path, fields }: Leaf): LeafNames {
  const keys: string[] = []
  const labels: string[] = []
  let field = 0
  for (const step of path) {
    if (typeof step === 'string') {
      keys.push(step)
      labels.push(fields[field++]?.label ?? step)
    } else {
      keys.push(singular(keys.pop()!), numbered(step))
      labels.push(singular(labels.pop()!), numbered(step))
    }
  }
  const label = labels.join(' ')
  return { key: topicSafe(keys.join('_')), label: label.slice(0, 1).toUpperCase() + label.slice(1) }
}

/** `_2` behind a key that another one has taken. */
export function freeKey(key: string, taken: (key: string) => boolean): string {
  if (!taken(key)) return key
  for (let n = 2; ; n++) if (!taken(`${key}_${n}`)) return `${key}_${n}`
}

function singular(text: string): string {
  return text.replace(/(?<![suiSUI])s$/, '')
}

function numbered(index: number): string {
  return String(index + 1).padStart(2, '0')
}
