import { CAN, type CanFrame } from '../../core/can.ts'
import { FD_FLAGS, ID_WORD } from '../socketcan-packet.ts'

const HEADER = 8

/** Bytes of a frame in a capture: header and data, of which a remote request has none. */
export function structLength({ length }: CanFrame): number {
  return HEADER + length
}

/**
 * Stores a frame at `at` as captures hold it. Source: docs/protocols/log-formats.md, section 7.
 *
 *     ID word 4, big-endian | length 1 | FD flags 1 | 0 | code 1, where it is above 8 | data
 */
export function putStruct(view: DataView, at: number, { id, flags, dlc, length, data }: CanFrame): void {
  const isRemote = (flags & CAN.remote) !== 0
  const isFd = (flags & CAN.fd) !== 0
  const kind =
    ((flags & CAN.error) !== 0 ? ID_WORD.error : 0) +
    (isRemote ? ID_WORD.remote : 0) +
    ((flags & CAN.extended) !== 0 ? ID_WORD.extended : 0)
  const fdFlags =
    FD_FLAGS.fd |
    ((flags & CAN.bitRateSwitch) !== 0 ? FD_FLAGS.bitRateSwitch : 0) |
    ((flags & CAN.errorState) !== 0 ? FD_FLAGS.errorState : 0)
  view.setUint32(at, kind + id)
  view.setUint8(at + 4, isRemote ? Math.min(dlc, 8) : length)
  view.setUint8(at + 5, isFd ? fdFlags : 0)
  view.setUint8(at + 6, 0)
  view.setUint8(at + 7, !isFd && dlc > 8 ? dlc : 0)
  for (let i = 0; i < length; i++) view.setUint8(at + HEADER + i, data[i]!)
}
