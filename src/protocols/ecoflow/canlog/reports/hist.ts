import { inspect } from 'node:util'
import { CHANNEL } from '../../arbitration.ts'
import type { Message } from '../../message.ts'
import { hex2, type View } from '../view.ts'

const SLOTS = 18
const SKIPPED_A = new Set([6, 7])
const SKIPPED_B = new Set([6, 7, 8])

/** How often each value stood in each byte of the header; the bytes of the sequence number are left out. */
export class HeaderHistogram {
  readonly #slots: (Record<string, number> | undefined)[] = new Array<undefined>(SLOTS).fill(undefined)

  add({ message }: View): void {
    const isA = message.channel === CHANNEL.A
    const skipped = isA ? SKIPPED_A : SKIPPED_B
    const end = isA ? 16 : SLOTS
    for (let at = 0; at < end; at++) if (!skipped.has(at)) this.#count(message, at)
  }

  #count({ bytes }: Message, at: number): void {
    this.#slots[at] ??= {}
    const slot = this.#slots[at]!
    // the space keeps decimal-looking values in order of appearance
    const key = ` ${hex2(bytes[at]!)}`
    slot[key] = (slot[key] ?? 0) + 1
  }

  /** One line per header byte: index, number of distinct values, the map. */
  lines(separator: string): string[] {
    return this.#slots.map((slot, at) => {
      const distinct = String(Object.keys(slot ?? {}).length).padStart(3)
      const map = inspect(slot, { breakLength: Number.POSITIVE_INFINITY, compact: true })
      return [`[${String(at).padStart(2, '0')}]`, distinct, map].join(separator)
    })
  }

  /** The same for machines. */
  get report(): Record<string, number>[] {
    return this.#slots.map(slot =>
      Object.fromEntries(Object.entries(slot ?? {}).map(([key, count]) => [key.trim(), count])),
    )
  }
}
