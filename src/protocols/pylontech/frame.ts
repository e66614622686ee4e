/**
 * One frame of the Pylontech RS485/RS232 protocol, ASCII hex between SOI and EOI. Source: docs/protocols/pylontech.md.
 *
 *     ~ | VER 2 | ADR 2 | CID1 2 | CID2 or RTN 2 | LENGTH 4 | INFO n | CHKSUM 4 | CR        (characters)
 */

export const SOI = 0x7e
export const EOI = 0x0d
/** CID1 of battery data, the only one there is. */
export const BATTERY = 0x46
/** The protocol version that we send, 2.0; modules ignore it. */
export const VERSION = 0x20
/** Characters of the header, VER to LENGTH. */
const HEADER = 12
/** Characters between SOI and EOI of the shortest and of the longest frame. */
export const SHORTEST = HEADER + 4
export const LONGEST = HEADER + 4095 + 4

/** A frame taken apart. */
export interface Frame {
  /** Protocol version, high nibble.low nibble. */
  readonly ver: number
  /** 16 x group + n. */
  readonly adr: number
  readonly cid1: number
  /** The command of a request (CID2), the return code of a reply (RTN). */
  readonly code: number
  /** INFO as bytes. */
  readonly info: Uint8Array
}

/** LENGTH of an INFO of `lenid` characters: its checksum nibble, then 12 bits. */
export function lengthField(lenid: number): number {
  const sum = (lenid >> 8) + ((lenid >> 4) & 15) + (lenid & 15)
  return ((-sum & 15) << 12) | lenid
}

/** CHKSUM of the characters `text[start, end)`: the two's complement of their sum, 16 bits. */
export function checksum(text: Uint8Array, start: number, end: number): number {
  let sum = 0
  for (let i = start; i < end; i++) sum += text[i]!
  return -sum & 0xffff
}

/** The bytes of a frame from SOI to EOI, upper-case hex. */
export function frameBytes({ ver, adr, cid1, code, info }: Frame): Uint8Array {
  const length = lengthField(info.length * 2)
  const head = Buffer.from([ver, adr, cid1, code, length >> 8, length & 0xff])
  const text = Buffer.from(head.toString('hex').toUpperCase() + Buffer.from(info).toString('hex').toUpperCase())
  const sum = checksum(text, 0, text.length).toString(16).toUpperCase().padStart(4, '0')
  return Buffer.concat([Buffer.of(SOI), text, Buffer.from(sum), Buffer.of(EOI)])
}

/** Why characters are no frame: what `FrameError.context.reason` says, and the figures. */
export interface Fault {
  readonly reason: 'checksum' | 'length checksum' | 'length' | 'too short'
  readonly want?: string
  readonly got?: string
}

/**
 * Takes apart the characters between SOI and EOI, all of them hex digits; CHKSUM is that of the characters as
 * they came.
 */
export function parseFrame(text: Uint8Array): Frame | Fault {
  if (text.length < SHORTEST) return { reason: 'too short' }
  const tail = text.length - 4
  const sum = checksum(text, 0, tail)
  if (number(text, tail, 4) !== sum) return { reason: 'checksum', want: hex4(sum), got: ascii(text, tail) }
  const length = number(text, 8, 4)
  const right = lengthField(length & 0xfff)
  if (length !== right) return { reason: 'length checksum', want: hex4(right), got: hex4(length) }
  const lenid = length & 0xfff
  if (lenid !== tail - HEADER || lenid % 2 === 1) {
    return { reason: 'length', want: String(lenid), got: String(tail - HEADER) }
  }
  const bytes = Buffer.from(ascii(text, 0).slice(0, tail), 'hex')
  return { ver: bytes[0]!, adr: bytes[1]!, cid1: bytes[2]!, code: bytes[3]!, info: bytes.subarray(HEADER / 2) }
}

function number(text: Uint8Array, at: number, digits: number): number {
  return Number.parseInt(ascii(text, at).slice(0, digits), 16)
}

function ascii(text: Uint8Array, at: number): string {
  return Buffer.from(text.buffer, text.byteOffset + at, text.length - at).toString('latin1')
}

function hex4(value: number): string {
  return value.toString(16).toUpperCase().padStart(4, '0')
}
