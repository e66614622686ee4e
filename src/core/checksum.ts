/** Checksums of the wire formats, table-driven. Ranges are half-open, `[start, end)`. */

const CRC16_ARC = reflected16(0xa001)
/** What the table gives for a byte that another zero byte follows: two bytes at a step cost one look-up each, not two. */
const CRC16_ARC_NEXT = CRC16_ARC.map(crc => CRC16_ARC[crc & 0xff]! ^ (crc >>> 8))
const CRC8_SMBUS = plain8(0x07)

function reflected16(polynomial: number): Uint16Array {
  return Uint16Array.from({ length: 256 }, (_, byte) => {
    let crc = byte
    for (let bit = 0; bit < 8; bit++) crc = crc & 1 ? (crc >>> 1) ^ polynomial : crc >>> 1
    return crc
  })
}

function plain8(polynomial: number): Uint8Array {
  return Uint8Array.from({ length: 256 }, (_, byte) => {
    let crc = byte
    for (let bit = 0; bit < 8; bit++) crc = crc & 0x80 ? (crc << 1) ^ polynomial : crc << 1
    return crc
  })
}

/** CRC-16/ARC: polynomial 0x8005 reflected, initial value 0, no final XOR; "123456789" gives 0xBB3D. */
export function crc16Arc(bytes: Uint8Array, start: number, end: number): number {
  let crc = 0
  let at = start
  for (const last = end - 1; at < last; at += 2) {
    const word = crc ^ (bytes[at]! | (bytes[at + 1]! << 8))
    crc = CRC16_ARC_NEXT[word & 0xff]! ^ CRC16_ARC[word >>> 8]!
  }
  return at < end ? CRC16_ARC[(crc ^ bytes[at]!) & 0xff]! ^ (crc >>> 8) : crc
}

/** CRC-8/SMBUS: polynomial 0x07, initial value 0, not reflected; "123456789" gives 0xF4. */
export function crc8Smbus(bytes: Uint8Array, start: number, end: number): number {
  let crc = 0
  for (let i = start; i < end; i++) crc = CRC8_SMBUS[crc ^ bytes[i]!]!
  return crc
}
