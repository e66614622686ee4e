import type { Endian, PlaceUnit } from './definition.ts'
import { MAX_PLACE } from './definition.ts'

/** A field's place as written. `at` is -1 where it depends on other fields; `bit` -1 where none is named. */
export interface Place {
  readonly at: number
  readonly bit: number
  /** After the previous field: how much is left out before it. */
  readonly skip: number
  /** The field that begins at the same place. */
  readonly same?: string
}

const TEXT = /^(?:\+(\d{0,6})|=([^=].{0,99})|(\d{1,6})(?:\.(\d{1,2}))?)$/

/** Reads a place: `24`, `"24"`, `"5.8"`, `"+"`, `"+2"`, `"=status"`; undefined when it is none or beyond any payload. */
export function parsePlace(at: number | string): Place | undefined {
  if (typeof at === 'number') return absolute(at, -1)
  const match = TEXT.exec(at)
  if (match === null) return undefined
  const [, skip, same, whole, bit] = match
  if (skip !== undefined) return { at: -1, bit: -1, skip: Number(skip || '0') }
  if (same !== undefined) return { at: -1, bit: -1, skip: 0, same }
  return absolute(Number(whole), bit === undefined ? -1 : Number(bit))
}

function absolute(at: number, bit: number): Place | undefined {
  return Number.isInteger(at) && at >= 0 && at < MAX_PLACE ? { at, bit, skip: 0 } : undefined
}

/** How the bits of a file lie in its bytes. */
export interface BitOrder {
  readonly unit: PlaceUnit
  readonly endian: Endian
  readonly wordOrder: Endian
}

/**
 * The byte offset and the bit within the byte (0 = least significant) of each bit of a field, from the most to the
 * least significant: `offset * 8 + bit`. Undefined where the field does not fit its place's unit.
 */
export function bitPositions(place: Place, width: number, order: BitOrder): number[] | undefined {
  if (order.unit === 'bit') return order.endian === 'little' ? intel(place.at, width) : motorola(place.at, width)
  if (order.unit === 'register') return registers(place, width, order)
  return bytes(place, width, order.endian)
}

function intel(start: number, width: number): number[] {
  return Array.from({ length: width }, (_, i) => start + width - 1 - i)
}

/** DBC Motorola: the start bit is the most significant; from bit 0 of a byte it goes on at bit 7 of the next. */
function motorola(start: number, width: number): number[] {
  const sequence = (start >> 3) * 8 + (7 - (start & 7))
  return Array.from({ length: width }, (_, i) => {
    const next = sequence + i
    return (next >> 3) * 8 + (7 - (next & 7))
  })
}

function bytes(place: Place, width: number, endian: Endian): number[] | undefined {
  if (place.bit > 7) return undefined
  const first = place.at * 8 + Math.max(place.bit, 0)
  if (place.bit < 0 && width % 8 === 0 && endian === 'big') return motorola(place.at * 8 + 7, width)
  const crosses = Math.max(place.bit, 0) + width > 8
  return crosses && endian === 'big' ? undefined : intel(first, width)
}

function registers(place: Place, width: number, order: BitOrder): number[] | undefined {
  const low = Math.max(place.bit, 0)
  if (place.bit > 15 || (place.bit >= 0 && low + width > 16)) return undefined
  const words = Math.ceil((low + width) / 16)
  return Array.from({ length: width }, (_, i) => {
    const bit = low + width - 1 - i
    const word = order.wordOrder === 'little' ? bit >> 4 : words - 1 - (bit >> 4)
    const byte = order.endian === 'little' ? (bit >> 3) & 1 : 1 - ((bit >> 3) & 1)
    return ((place.at + word) * 2 + byte) * 8 + (bit & 7)
  })
}
