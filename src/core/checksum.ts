/** Checksums of the wire formats, table-driven. Ranges are half-open, `[start, end)`. */

const CRC16_ARC = reflected16(0xa001)
/** What a byte gives that one, two, three zero bytes follow: four bytes at a step need no table after another. */
const CRC16_ARC_1 = withZero(CRC16_ARC)
const CRC16_ARC_2 = withZero(CRC16_ARC_1)
const CRC16_ARC_3 = withZero(CRC16_ARC_2)
const CRC8_SMBUS = plain8(0x07)
const CRC8_GSM_A = plain8(0x1d)

function reflected16(polynomial: number): Uint16Array {
  return Uint16Array.from({ length: 256 }, (_, byte) => {
    let crc = byte
    for (let bit = 0; bit < 8; bit++) crc = crc & 1 ? (crc >>> 1) ^ polynomial : crc >>> 1
    return crc
  })
}

function withZero(table: Uint16Array): Uint16Array {
  return table.map(crc => CRC16_ARC[crc & 0xff]! ^ (crc >>> 8))
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
  return crc16(0, bytes, start, end)
}

/** CRC-16/MODBUS: as ARC, but with the initial value 0xFFFF; "123456789" gives 0x4B37. Sent low byte first. */
export function crc16Modbus(bytes: Uint8Array, start: number, end: number): number {
  return crc16(0xffff, bytes, start, end)
}

function crc16(initial: number, bytes: Uint8Array, start: number, end: number): number {
  let crc = initial
  let at = start
  for (const last = end - 3; at < last; at += 4) {
    const head = crc ^ (bytes[at]! | (bytes[at + 1]! << 8))
    const tail = CRC16_ARC_1[bytes[at + 2]!]! ^ CRC16_ARC[bytes[at + 3]!]!
    crc = CRC16_ARC_3[head & 0xff]! ^ CRC16_ARC_2[head >>> 8]! ^ tail
  }
  for (; at < end; at++) crc = CRC16_ARC[(crc ^ bytes[at]!) & 0xff]! ^ (crc >>> 8)
  return crc
}

/** CRC-8/SMBUS: polynomial 0x07, initial value 0, not reflected; "123456789" gives 0xF4. */
export function crc8Smbus(bytes: Uint8Array, start: number, end: number): number {
  let crc = 0
  for (let i = start; i < end; i++) crc = CRC8_SMBUS[crc ^ bytes[i]!]!
  return crc
}

/** CRC-8/GSM-A: polynomial 0x1D, initial value 0, not reflected, no final XOR; "123456789" gives 0x37. */
export function crc8GsmA(bytes: Uint8Array, start: number, end: number): number {
  let crc = 0
  for (let i = start; i < end; i++) crc = CRC8_GSM_A[crc ^ bytes[i]!]!
  return crc
}

/** The sum of the bytes, inverted, 8 bits: with it the sum of all is 0xFF. */
export function invertedSum8(bytes: Uint8Array, start: number, end: number): number {
  let sum = 0
  for (let i = start; i < end; i++) sum += bytes[i]!
  return ~sum & 0xff
}
