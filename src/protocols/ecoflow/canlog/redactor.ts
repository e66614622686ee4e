import { crc16Arc } from '../../../core/checksum.ts'
import { FLAG_XOR, HEADER, type Message } from '../message.ts'

const MASK = 0x58 // X
/** The first characters of a serial name the kind of device; they stay. */
const KEPT = 4
/** Shorter runs of capitals and digits are words and versions. */
const SHORTEST = 14

/**
 * Masks serial numbers where they come in, so that no output can show them: every run of 14 and more digits, capitals
 * and dashes keeps its first four characters. The packet's CRC is made anew, so that what is written stays valid.
 */
export class Redactor {
  /** Masks a packet in place, XORed as its header says, however it is to be shown. Gives whether anything changed. */
  message(message: Message): boolean {
    const { bytes } = message
    const key = bytes[HEADER.flags]! & FLAG_XOR ? bytes[HEADER.sequence]! : 0
    const start = message.headerLength
    const end = Math.min(message.payloadEnd, message.length)
    let changed = false
    for (let at = start; at < end; ) {
      const stop = runEnd(bytes, at, end, key)
      if (stop - at >= SHORTEST) {
        for (let i = at + KEPT; i < stop; i++) bytes[i] = MASK ^ key
        changed = true
      }
      at = Math.max(stop, at + 1)
    }
    if (changed) sign(message)
    return changed
  }

  /** Masks the tail of a serial that frames of channels D and E carry. */
  single(data: Uint8Array, length: number): void {
    if (length >= 8 && runEnd(data, 0, length, 0) === length) data.fill(MASK, 0, length)
  }
}

/** The same in a text, such as the maker's names for values. */
export function maskSerials(text: string): string {
  return text.replace(/[0-9A-Z-]{14,}/g, run => run.slice(0, KEPT) + 'X'.repeat(run.length - KEPT))
}

function runEnd(bytes: Uint8Array, start: number, end: number, key: number): number {
  let at = start
  while (at < end && isSerialByte(bytes[at]! ^ key)) at++
  return at
}

function isSerialByte(byte: number): boolean {
  return (byte >= 0x30 && byte <= 0x39) || (byte >= 0x41 && byte <= 0x5a) || byte === 0x2d
}

/** Puts the CRC behind the payload; padding after it stays, which keeps the check over the padded packet right too. */
function sign(message: Message): void {
  const { bytes } = message
  const at = Math.min(message.payloadEnd, message.length - 2)
  const crc = crc16Arc(bytes, HEADER.sync, at)
  bytes[at] = crc & 0xff
  bytes[at + 1] = crc >> 8
}
