import { CAN } from '../../core/can.ts'
import type { CanMessage } from '../../core/can-bus.ts'

/** Bit beyond the 29 of an ID, so that 00000123 and 123 are two numbers. */
const EXTENDED = 2 ** 29

/** One number for an arbitration ID of either length. */
export function canId({ id, flags }: Pick<CanMessage, 'id' | 'flags'>): number {
  return (flags & CAN.extended) === 0 ? id : id + EXTENDED
}

/** The ID as candump writes it, which is the key of its definition: `110`, `00004210`. */
export function canKey({ id, flags }: Pick<CanMessage, 'id' | 'flags'>): string {
  const extended = (flags & CAN.extended) !== 0
  return id
    .toString(16)
    .toUpperCase()
    .padStart(extended ? 8 : 3, '0')
}

/** The ID that a key begins with: three or eight hex digits. */
export function idOfKey(key: string): Pick<CanMessage, 'id' | 'flags'> {
  const [digits = ''] = key.split(':')
  return { id: Number.parseInt(digits, 16), flags: digits.length === 8 ? CAN.extended : 0 }
}

/** Whether it is a classic data frame of exactly 8 bytes: no other is looked at, on either bus. */
export function isWhole(frame: CanMessage): boolean {
  return frame.length === 8 && isClassicData(frame)
}

/** Whether it is a classic data frame, of any length. */
export function isClassicData({ flags }: Pick<CanMessage, 'flags'>): boolean {
  return (flags & (CAN.remote | CAN.error | CAN.fd)) === 0
}

/** The data of a frame; a view. */
export function dataOf({ data, length }: CanMessage): Uint8Array {
  return data.subarray(0, length)
}
