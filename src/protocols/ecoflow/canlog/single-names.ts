import { CAN, type CanFrame } from '../../../core/can.ts'
import { commandOf, nodeOf } from '../arbitration.ts'

/** Node and command of a frame as text. An 11-bit ID is all command and has no node. */
export function singleNames(frame: CanFrame): { readonly node: string; readonly command: string } {
  if ((frame.flags & CAN.extended) === 0) return { node: '', command: hex(frame.id, 3) }
  return { node: hex(nodeOf(frame.id), 5), command: hex(commandOf(frame.id), 3) }
}

function hex(value: number, digits: number): string {
  return value.toString(16).toUpperCase().padStart(digits, '0')
}
