/*
 * Frames made for tests, by the protocol page and without any of the code under test. Serial numbers are invented.
 */

export const DATALOG = 'DEMODONGLE'
export const INVERTER = 'DEMO000001'

export interface FrameParts {
  readonly protocol?: number
  readonly tcpFunction?: number
  readonly datalog?: string
}

export interface DataParts extends FrameParts {
  readonly address?: number
  readonly inverter?: string
}

/** The outer frame around a body. */
export function frame(
  body: Uint8Array,
  { protocol = 5, tcpFunction = 0xc2, datalog = DATALOG }: FrameParts = {},
): Buffer {
  const head = Buffer.alloc(18)
  head.writeUInt16BE(0xa11a, 0)
  head.writeUInt16LE(protocol, 2)
  head.writeUInt16LE(body.length + 12, 4)
  head[6] = 1
  head[7] = tcpFunction
  head.write(datalog, 8, 'latin1')
  return Buffer.concat([head, body])
}

/** A data frame with the payload of a function. */
export function dataFrame(code: number, register: number, payload: readonly number[], parts: DataParts = {}): Buffer {
  const inner = Buffer.alloc(14 + payload.length)
  inner[0] = parts.address ?? 1
  inner[1] = code
  inner.write(parts.inverter ?? INVERTER, 2, 'latin1')
  inner.writeUInt16LE(register, 12)
  inner.set(payload, 14)
  const length = Buffer.alloc(2)
  length.writeUInt16LE(inner.length + 2)
  const crc = Buffer.alloc(2)
  crc.writeUInt16LE(crcBitByBit(inner))
  return frame(Buffer.concat([length, inner, crc]), parts)
}

/** A reply with register words. */
export function block(code: 3 | 4, register: number, words: readonly number[], parts: DataParts = {}): Buffer {
  return dataFrame(code, register, [words.length * 2, ...bytesOf(words)], parts)
}

export function heartbeat(value = 0): Buffer {
  return frame(Uint8Array.of(value), { tcpFunction: 0xc1 })
}

export function bytesOf(words: readonly number[]): number[] {
  return words.flatMap(word => [word & 0xff, (word >> 8) & 0xff])
}

/** CRC-16/MODBUS as the textbook has it. */
export function crcBitByBit(bytes: Uint8Array): number {
  let crc = 0xffff
  for (const byte of bytes) {
    crc ^= byte
    for (let bit = 0; bit < 8; bit++) crc = crc & 1 ? (crc >> 1) ^ 0xa001 : crc >> 1
  }
  return crc
}
