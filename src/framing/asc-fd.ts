import { CAN, type CanFrame, FD_LENGTHS } from '../core/can.ts'
import type { LineParts } from './line-parts.ts'
import { BAD_DATA, BAD_LENGTH } from './line-reader.ts'

/** Bits of the flags behind the data of a line of CAN FD. */
const FLAGS = { remote: 0x10, fd: 0x1000, bitRateSwitch: 0x2000, errorState: 0x4000 } as const
/** Words from the end of the data to the flags: duration and number of bits. */
const TO_FLAGS = 2

/**
 * Reads the part of an ASC line of CAN FD that begins behind the ID, at word `from`, into a frame whose direction and
 * kind of ID are set; gives why not, if so.
 *
 *     [name] BRS ESI DLC length data... duration bits flags crc timing...
 *
 * Lines of this kind also hold classic frames (log2asc does it with all) and remote requests, which CAN FD has not. Some
 * versions of Vector's tools leave the FD flag clear on true FD frames, so any sign of FD makes one.
 */
export function readAscFd(words: LineParts, from: number, frame: CanFrame): string | undefined {
  const at = isBit(words, from) && isBit(words, from + 1) ? from : from + 1 // behind a symbolic name
  if (!isBit(words, at) || !isBit(words, at + 1)) return BAD_DATA
  const code = words.length(at + 2) === 1 ? words.hex(at + 2) : -1
  const length = words.decimal(at + 3)
  if (code < 0 || length < 0 || length > FD_LENGTHS[code]!) return BAD_LENGTH
  const flags = words.hex(at + 4 + length + TO_FLAGS)
  frame.dlc = code
  if ((length === 0 && code > 0) || (flags > 0 && (flags & FLAGS.remote) !== 0)) {
    frame.flags |= CAN.remote
    frame.length = 0
    return undefined
  }
  if (!words.readBytes(at + 4, length, frame.data)) return BAD_DATA
  frame.length = length
  return setKind(frame, words.decimal(at), words.decimal(at + 1), flags)
}

function setKind(frame: CanFrame, rateSwitch: number, errorState: number, flags: number): string | undefined {
  const isFd = flags < 0 || (flags & FLAGS.fd) !== 0 || rateSwitch === 1 || errorState === 1 || frame.length > 8
  if (isFd) {
    frame.flags |= CAN.fd | (rateSwitch === 1 ? CAN.bitRateSwitch : 0) | (errorState === 1 ? CAN.errorState : 0)
    return undefined
  }
  return frame.length === Math.min(frame.dlc, 8) ? undefined : BAD_LENGTH
}

/** Whether a word is 0 or 1. */
function isBit(words: LineParts, part: number): boolean {
  return words.length(part) === 1 && words.decimal(part) >= 0 && words.decimal(part) <= 1
}
