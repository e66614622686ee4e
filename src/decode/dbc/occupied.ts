import type { Condition } from '../definition.ts'
import { bitPositions } from '../place.ts'
import type { DbcSignal } from './dbc.ts'

interface Taken {
  readonly bits: ReadonlySet<number>
  readonly condition: Condition | undefined
}

/** Which bits of a message the signals take. */
export class Occupied {
  readonly #taken: Taken[] = []

  /** Takes the bits of a signal; gives whether one before has some of them at the same time. */
  take({ start, length, isBigEndian }: DbcSignal, condition: Condition | undefined): boolean {
    const order = { unit: 'bit', endian: isBigEndian ? 'big' : 'little', wordOrder: 'little' } as const
    const bits = new Set(bitPositions({ at: start, bit: -1, skip: 0 }, length, order))
    const overlaps = this.#taken.some(other => !isApart(other.condition, condition) && shares(other.bits, bits))
    this.#taken.push({ bits, condition })
    return overlaps
  }
}

/** Whether two conditions are different values of one multiplexer. */
function isApart(a: Condition | undefined, b: Condition | undefined): boolean {
  return a?.[1] === '==' && b?.[1] === '==' && a[0] === b[0] && a[2] !== b[2]
}

function shares(a: ReadonlySet<number>, b: ReadonlySet<number>): boolean {
  for (const bit of b) if (a.has(bit)) return true
  return false
}
