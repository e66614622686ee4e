import type { Value, Values } from '../../../core/values.ts'

/*
 * Documents come from files and servers of other people: nothing in them need be what it should be.
 */

/** Nothing that is measured here is larger; sums and differences of such numbers stay exact enough. */
const LARGEST = 1e9

/** A number that can be shown; null for anything else. */
export function finite(value: Value | undefined): number | null {
  return typeof value === 'number' && Math.abs(value) <= LARGEST ? value : null
}

/** A whole number from 0 to 255. */
export function byte(value: Value | undefined): number | null {
  return Number.isInteger(value) && Number(value) >= 0 && Number(value) <= 255 ? Number(value) : null
}

export function isObject(value: Value | undefined): value is Values {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

/** An object; one without anything where there is none. */
export function objectOf(value: Value | undefined): Values {
  return isObject(value) ? value : {}
}

/** At most `most` elements of a list; none where there is none. */
export function listOf(value: Value | undefined, most: number): readonly Value[] {
  return Array.isArray(value) ? (value as readonly Value[]).slice(0, most) : []
}

/** The numbers of an object by their names. */
export function numbersOf(value: Value | undefined): Readonly<Record<string, number>> {
  return Object.fromEntries(Object.entries(objectOf(value)).filter(([, one]) => finite(one) !== null)) as Record<
    string,
    number
  >
}
