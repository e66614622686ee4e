import { CAN } from '../../../src/core/can.ts'
import type { CanMessage } from '../../../src/core/can-bus.ts'

/** A frame in candump's notation, for a look at it. */
export function shown({ id, flags, length, dlc = length, data }: CanMessage): string {
  const isLong = (flags & (CAN.extended | CAN.error)) !== 0
  const word = (flags & CAN.error) !== 0 ? id + 0x20000000 : id
  const digits = word
    .toString(16)
    .toUpperCase()
    .padStart(isLong ? 8 : 3, '0')
  const bytes = Buffer.from(data.subarray(0, length)).toString('hex').toUpperCase()
  if ((flags & CAN.remote) !== 0) return `${digits}#R${dlc === 0 ? '' : dlc}`
  if ((flags & CAN.fd) === 0) return `${digits}#${bytes}`
  return `${digits}##${(flags & CAN.bitRateSwitch ? 1 : 0) | (flags & CAN.errorState ? 2 : 0)}${bytes}`
}
