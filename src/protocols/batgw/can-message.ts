import { CAN } from '../../core/can.ts'
import type { CanMessage } from '../../core/can-bus.ts'

/** Bit beyond the 29 of an ID, so that 00000123 and 123 are two numbers. */
const EXTENDED = 2 ** 29

/** Keys of all standard IDs: that of a frame is asked for several times, for thousands of frames a second. */
const STANDARD_KEYS: readonly string[] = Array.from({ length: 0x800 }, (_, id) => hexDigits(id, 3))

/** One number for an arbitration ID of either length. */
export function canId({ id, flags }: Pick<CanMessage, 'id' | 'flags'>): number {
  return (flags & CAN.extended) === 0 ? id : id + EXTENDED
}

/** The ID as candump writes it, which is the key of its definition: `110`, `00004210`. */
export function canKey({ id, flags }: Pick<CanMessage, 'id' | 'flags'>): string {
  if ((flags & CAN.extended) !== 0) return hexDigits(id, 8)
  return STANDARD_KEYS[id] ?? hexDigits(id, 3)
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

function hexDigits(id: number, count: number): string {
  return id.toString(16).toUpperCase().padStart(count, '0')
}
