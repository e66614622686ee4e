import { CAN, type CanFrame, dlcOf } from '../core/can.ts'
import type { CapturedPacket } from './capture.ts'
import { BAD_DATA, BAD_ID, BAD_LENGTH } from './line-reader.ts'

/** LINKTYPE_ numbers of captures that may hold CAN. */
export const SOCKETCAN = 227
const LINUX_SLL = 113
const LINUX_SLL2 = 276

/** Bits of the word with the ID, as in linux/can.h. */
export const ID_WORD = { extended: 0x80000000, remote: 0x40000000, error: 0x20000000, id: 0x1fffffff } as const

/** Flags of CAN FD, as in linux/can.h. */
export const FD_FLAGS = { bitRateSwitch: 1, errorState: 2, fd: 4 } as const

/** ETH_P_CAN, ETH_P_CANFD and ETH_P_CANXL. */
const PROTOCOL = { classic: 0x0c, fd: 0x0d, xl: 0x0e } as const
/** Packet type of what the capturing host has sent. */
const OUTGOING = 4
const HEADER = 8
/** Captured length of a whole `struct canfd_frame`. */
const FD_FRAME = 72

const CUT = 'packets that were cut when captured'

/**
 * Makes a frame of a captured packet; gives why not, if so. Source: docs/protocols/log-formats.md, section 7.
 *
 *     SocketCAN   ID word 4, big-endian | length 1 | FD flags 1 | 0 | code 1 | data
 *     SLL         packet type 2 | ARPHRD 2 | address 2 + 8 | protocol 2 | as above, ID word in the host's byte order
 *     SLL2        protocol 2 | 0 2 | interface 4 | ARPHRD 2 | packet type 1 | address 1 + 8 | likewise
 */
export function readCanPacket(packet: CapturedPacket, frame: CanFrame): string | undefined {
  const { linkType } = packet
  if (linkType === SOCKETCAN) {
    const direction = packet.direction === 'out' ? CAN.tx : packet.direction === 'in' ? CAN.rx : 0
    return readStruct(packet, 0, false, direction, 0, frame)
  }
  if (linkType === LINUX_SLL) return readCooked(packet, 16, 14, 1, frame)
  if (linkType === LINUX_SLL2) return readCooked(packet, 20, 0, 10, frame)
  return `packets of link type ${linkType}, which is not CAN`
}

/** `protocolAt` and `typeAt` are places in the header of `size` bytes. */
function readCooked(
  packet: CapturedPacket,
  size: number,
  protocolAt: number,
  typeAt: number,
  frame: CanFrame,
): string | undefined {
  if (packet.length < size) return CUT
  const protocol = packet.view.getUint16(packet.start + protocolAt)
  if (protocol === PROTOCOL.xl) return 'CAN XL frames'
  if (protocol !== PROTOCOL.classic && protocol !== PROTOCOL.fd) return 'packets of other protocols'
  const direction = packet.view.getUint8(packet.start + typeAt) === OUTGOING ? CAN.tx : CAN.rx
  return readStruct(packet, size, packet.isLittle, direction, protocol, frame)
}

function readStruct(
  packet: CapturedPacket,
  skip: number,
  isLittle: boolean,
  direction: number,
  protocol: number,
  frame: CanFrame,
): string | undefined {
  const { view } = packet
  const start = packet.start + skip
  const captured = packet.length - skip
  if (captured < HEADER) return CUT
  const word = view.getUint32(start, isLittle)
  const length = view.getUint8(start + 4)
  const fdFlags = view.getUint8(start + 5)
  const isFd =
    protocol === PROTOCOL.fd || (fdFlags & FD_FLAGS.fd) !== 0 || captured === FD_FRAME || (length > 8 && length <= 64)
  frame.id = word & ID_WORD.id
  if ((word & ID_WORD.error) !== 0) frame.flags = CAN.error | direction
  else frame.flags = direction | (word >>> 31 ? CAN.extended : 0) | ((word & ID_WORD.remote) !== 0 ? CAN.remote : 0)
  if (frame.id > 0x7ff && (frame.flags & (CAN.extended | CAN.error)) === 0) return BAD_ID
  return isFd && (frame.flags & (CAN.remote | CAN.error)) === 0
    ? readFd(packet, start + HEADER, captured - HEADER, length, fdFlags, frame)
    : readClassic(packet, start + HEADER, captured - HEADER, length, view.getUint8(start + 7), frame)
}

function readFd(
  packet: CapturedPacket,
  start: number,
  captured: number,
  length: number,
  flags: number,
  frame: CanFrame,
): string | undefined {
  if (length > 64) return BAD_LENGTH
  frame.flags |=
    CAN.fd |
    ((flags & FD_FLAGS.bitRateSwitch) !== 0 ? CAN.bitRateSwitch : 0) |
    ((flags & FD_FLAGS.errorState) !== 0 ? CAN.errorState : 0)
  frame.dlc = dlcOf(length)
  return readData(packet, start, captured, length, frame)
}

/** A remote request has a length and no data; `code` is 9 to 15 where that was the length code, with 8 bytes. */
function readClassic(
  packet: CapturedPacket,
  start: number,
  captured: number,
  length: number,
  code: number,
  frame: CanFrame,
): string | undefined {
  if (length > 8) return BAD_LENGTH
  frame.dlc = length === 8 && code > 8 && code <= 15 ? code : length
  return readData(packet, start, captured, (frame.flags & CAN.remote) !== 0 ? 0 : length, frame)
}

function readData(
  { bytes, length: whole, original }: CapturedPacket,
  start: number,
  captured: number,
  length: number,
  frame: CanFrame,
): string | undefined {
  if (captured < length) return whole < original ? CUT : BAD_DATA
  for (let i = 0; i < length; i++) frame.data[i] = bytes[start + i]!
  frame.length = length
  return undefined
}
