import { CAN, type CanFrame, dlcOf } from '../core/can.ts'
import { BAD_LENGTH } from './line-reader.ts'

/** Types of objects that are frames; all others are passed over. */
export const BLF_TYPES = {
  message: 1,
  container: 10,
  errorExt: 73,
  message2: 86,
  fdMessage: 100,
  fdMessage64: 101,
} as const

/** Least lengths behind the object's header. */
const LEAST: ReadonlyMap<number, number> = new Map([
  [BLF_TYPES.message, 16],
  [BLF_TYPES.message2, 16],
  [BLF_TYPES.errorExt, 32],
  [BLF_TYPES.fdMessage, 20],
  [BLF_TYPES.fdMessage64, 40],
])

const TX = 1
const REMOTE = 0x80
/** Flags of `fdMessage`. */
const FD = { fd: 1, bitRateSwitch: 2, errorState: 4 } as const
/** Flags of `fdMessage64`. */
const FD64 = { remote: 0x10, fd: 0x1000, bitRateSwitch: 0x2000, errorState: 0x4000 } as const
const ID = 0x1fffffff
const DATA_OF_FD = 20
const DATA_OF_FD64 = 40

const SHORT = 'objects that are too short'

/** Whether an object of this type is a frame. */
export function isFrameType(type: number): boolean {
  return LEAST.has(type)
}

/**
 * Makes a frame of the object in `view[object, end)`, whose header ends at `start`; gives why not, if so. Error frames
 * are the caller's: little is known of them. Source: docs/protocols/log-formats.md, section 8. All is little-endian.
 *
 *     1, 86     channel 2 | flags 1 | code 1 | ID 4 | data 8
 *     100       channel 2 | flags 1 | code 1 | ID 4 | length in ns 4 | bits 1 | FD flags 1 | valid bytes 1 | 0 5 | data
 *     101       channel 1 | code 1 | valid bytes 1 | 0 1 | ID 4 | length in ns 4 | flags 4 | timing 16 | bits 2 |
 *               direction 1 | place of more data 1 | crc 4 | data
 */
export function readBlfFrame(
  view: DataView,
  type: number,
  object: number,
  start: number,
  end: number,
  frame: CanFrame,
): string | undefined {
  if (end - start < LEAST.get(type)!) return SHORT
  const id = view.getUint32(start + 4, true)
  frame.id = id & ID
  // an ID above 11 bits is an extended one, whatever its flag says
  frame.flags = id >>> 31 || frame.id > 0x7ff ? CAN.extended : 0
  if (type === BLF_TYPES.fdMessage64) return readFd64(view, object, start, end, frame)
  const flags = view.getUint8(start + 2)
  frame.flags |= (flags & TX ? CAN.tx : CAN.rx) | (flags & REMOTE ? CAN.remote : 0)
  const code = view.getUint8(start + 3)
  return type === BLF_TYPES.fdMessage
    ? readFd(view, start, end, code, frame)
    : readData(view, start + 8, start + 16, Math.min(code, 8), code, frame)
}

/** The number of the interface, from 0, of an object whose header ends at `start`. */
export function blfChannel(view: DataView, type: number, start: number): number {
  const channel = type === BLF_TYPES.fdMessage64 ? view.getUint8(start) : view.getUint16(start, true)
  return Math.max(channel - 1, 0)
}

function readFd(view: DataView, start: number, end: number, code: number, frame: CanFrame): string | undefined {
  const flags = view.getUint8(start + 13)
  const isFd = (flags & FD.fd) !== 0
  if (isFd) setFd(frame, (flags & FD.bitRateSwitch) !== 0, (flags & FD.errorState) !== 0)
  return readData(view, start + DATA_OF_FD, end, view.getUint8(start + 14), code, frame)
}

function readFd64(view: DataView, object: number, start: number, end: number, frame: CanFrame): string | undefined {
  const flags = view.getUint32(start + 12, true)
  frame.flags |= view.getUint8(start + 34) === 0 ? CAN.rx : CAN.tx
  if (flags & FD64.remote) frame.flags |= CAN.remote
  else if (flags & FD64.fd) setFd(frame, (flags & FD64.bitRateSwitch) !== 0, (flags & FD64.errorState) !== 0)
  const more = view.getUint8(start + 35)
  const dataEnd = more === 0 ? end : Math.min(object + more, end)
  return readData(view, start + DATA_OF_FD64, dataEnd, view.getUint8(start + 2), view.getUint8(start + 1), frame)
}

function setFd(frame: CanFrame, bitRateSwitch: boolean, errorState: boolean): void {
  frame.flags |= CAN.fd | (bitRateSwitch ? CAN.bitRateSwitch : 0) | (errorState ? CAN.errorState : 0)
  frame.flags &= ~CAN.remote // CAN FD has no remote requests
}

/** Reads `count` bytes of `view[start, end)`; what the object lacks of them is 0. */
function readData(
  view: DataView,
  start: number,
  end: number,
  count: number,
  code: number,
  frame: CanFrame,
): string | undefined {
  const isFd = (frame.flags & CAN.fd) !== 0
  if (count > (isFd ? 64 : 8)) return BAD_LENGTH
  frame.length = frame.flags & CAN.remote ? 0 : count
  for (let i = 0; i < frame.length; i++) frame.data[i] = start + i < end ? view.getUint8(start + i) : 0
  if (isFd) frame.dlc = dlcOf(count)
  else frame.dlc = code <= 15 && (frame.flags & CAN.remote || Math.min(code, 8) === count) ? code : count
  return undefined
}
