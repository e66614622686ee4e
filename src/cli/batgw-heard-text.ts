import { CAN, type CanFrame } from '../core/can.ts'
import type { Side } from '../protocols/batgw/gateway-event.ts'

/** A frame that was heard, as the program that the configuration comes from has it: `0x444 [8] a6 01`, `i 0x151 [8] 01`. */
export function heardText(side: Side, { id, flags, length, data }: CanFrame): string {
  const digits = id.toString(16).padStart((flags & CAN.extended) === 0 ? 3 : 8, '0')
  const bytes = [...data.subarray(0, length)].map(byte => ` ${byte.toString(16).padStart(2, '0')}`)
  return `${side === 'inverter' ? 'i ' : ''}0x${digits} [${length}]${bytes.join('')}`
}
