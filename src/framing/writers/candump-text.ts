import { utf8 } from '../../core/bytes.ts'
import { CAN, type CanFrame } from '../../core/can.ts'
import type { ByteWriter } from '../../core/writer.ts'
import { hexDigit, longId, packedData, padTo, shortId, spacedData } from './text.ts'

const SPACE = 32
const HASH = 35
const SQUARE_OPEN = 91
const SQUARE_CLOSE = 93
const UNDERSCORE = 95
const CURLY_OPEN = 123
const CURLY_CLOSE = 125
const R = 0x52
const GAP = utf8('  ')
const INDENT = utf8('     ')
const REMOTE = utf8(' remote request')
const ERROR_MARK = utf8('ERRORFRAME')
/** Bit of the ID that makes an error frame of it. */
const ERROR = 0x20000000
/** What stands between an error frame's last byte and its mark, and what a byte that it lacks adds. */
const BEFORE_MARK = 3
const BYTE_WIDTH = 3

/** Appends a frame as candump's log form has it: `18FF50E5#A1B2C3`, `123#R4`, `456##1000102`. */
export function logFrame(out: ByteWriter, frame: CanFrame): void {
  const { flags } = frame
  candumpId(out, frame, false)
  out.byte(HASH)
  if ((flags & CAN.fd) !== 0) fdData(out, frame)
  else if ((flags & CAN.remote) !== 0) remoteLength(out, frame.dlc)
  else {
    packedData(out, frame)
    if (frame.dlc > 8 && frame.length === 8) lengthCode(out, frame.dlc)
  }
}

/** Appends ID, length and data as candump shows them; `isIndented`: standard IDs stand below the end of extended ones. */
export function screenFrame(out: ByteWriter, frame: CanFrame, isIndented: boolean): void {
  candumpId(out, frame, isIndented)
  screenLength(out, frame)
  if ((frame.flags & CAN.remote) !== 0) out.put(REMOTE)
  else spacedData(out, frame)
  if ((frame.flags & CAN.error) === 0) return
  padTo(out, out.length, BEFORE_MARK + Math.max(8 - frame.length, 0) * BYTE_WIDTH)
  out.put(ERROR_MARK)
}

function candumpId(out: ByteWriter, { id, flags }: CanFrame, isIndented: boolean): void {
  if ((flags & CAN.extended) !== 0) longId(out, id)
  else if ((flags & CAN.error) !== 0) longId(out, id | ERROR)
  else {
    if (isIndented) out.put(INDENT)
    shortId(out, id)
  }
}

/** Flags are those that every reader takes, without the bit for FD itself. */
function fdData(out: ByteWriter, frame: CanFrame): void {
  const { flags } = frame
  out.byte(HASH)
  hexDigit(out, ((flags & CAN.bitRateSwitch) !== 0 ? 1 : 0) | ((flags & CAN.errorState) !== 0 ? 2 : 0))
  packedData(out, frame)
}

function remoteLength(out: ByteWriter, dlc: number): void {
  out.byte(R)
  if (dlc > 0) hexDigit(out, Math.min(dlc, 8))
  if (dlc > 8) lengthCode(out, dlc)
}

/** A length code above 8 stands behind 8 bytes. */
function lengthCode(out: ByteWriter, dlc: number): void {
  out.byte(UNDERSCORE)
  hexDigit(out, dlc)
}

/** A length of two digits is that of CAN FD; a code above 8 stands in braces, as with -8. */
function screenLength(out: ByteWriter, { flags, dlc, length }: CanFrame): void {
  out.put(GAP)
  if ((flags & CAN.fd) !== 0) {
    out.byte(SQUARE_OPEN)
    out.int(Math.floor(length / 10))
    out.int(length % 10)
    out.byte(SQUARE_CLOSE)
  } else {
    out.byte(SPACE)
    out.byte(dlc > 8 ? CURLY_OPEN : SQUARE_OPEN)
    hexDigit(out, dlc)
    out.byte(dlc > 8 ? CURLY_CLOSE : SQUARE_CLOSE)
  }
  out.byte(SPACE)
}
