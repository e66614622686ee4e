import { DecodeError } from '../../core/errors.ts'
import type { Values } from '../../core/values.ts'

/**
 * Decoded values as numbers. A definition that lacks a field, or gives it another type, is refused: it cannot be the one that
 * the driver was written for.
 */

/** A number that is always there. */
export function numberOf(values: Values, name: string): number {
  const value = values[name]
  if (typeof value !== 'number') throw new DecodeError(`${name} is no number`, { field: name })
  return value
}

export function booleanOf(values: Values, name: string): boolean {
  const value = values[name]
  if (typeof value !== 'boolean') throw new DecodeError(`${name} is neither true nor false`, { field: name })
  return value
}

/** A number, or null for "not available"; in whole `parts` of its unit. */
export function reportedOf(values: Values, name: string, parts = 1): number | null {
  return values[name] === null ? null : Math.round(numberOf(values, name) * parts)
}

/** Negated, or null; a current positive = discharging becomes one positive = charging. */
export function negated(value: number | null): number | null {
  return value === null ? null : 0 - value
}
