import { crc16Modbus } from '../../core/checksum.ts'
import { BODY, CRC_SIZE, DATA_FRAME, LENGTH_END, MAGIC, PAYLOAD, SERIAL_SIZE, TCP_DATA } from './frame.ts'

/** Serial numbers of a dongle and of an inverter behind it: up to 10 characters each. */
export interface Serials {
  readonly datalog: string
  readonly inverter: string
}

/** What the outer frame says. */
export interface OuterParts {
  readonly protocol: number
  readonly tcpFunction: number
  readonly datalog: string
}

/** What a data frame says; `code` is the device function, of an exception with its bit. */
export interface DataParts extends Serials {
  readonly protocol: number
  readonly code: number
  readonly register: number
}

/**
 * A frame around a body. Source: docs/protocols/lxp.md.
 *
 *     magic A1 1A | protocol 2 | length 2 | 01 | TCP function | dongle serial 10 | body
 */
export function buildFrame({ protocol, tcpFunction, datalog }: OuterParts, body: Uint8Array): Uint8Array {
  const bytes = new Uint8Array(BODY + body.length)
  bytes.set(MAGIC)
  setWord(bytes, 2, protocol)
  setWord(bytes, 4, bytes.length - LENGTH_END)
  bytes[6] = 1
  bytes[7] = tcpFunction
  setSerial(bytes, 8, datalog)
  bytes.set(body, BODY)
  return bytes
}

/**
 * A data frame with the payload of its function, address 0.
 *
 *     body: length 2 | address | function | inverter serial 10 | register 2 | payload | CRC 2
 */
export function buildDataFrame(parts: DataParts, payload: Uint8Array): Uint8Array {
  const { protocol, datalog, inverter, code, register } = parts
  const body = new Uint8Array(PAYLOAD - BODY + payload.length + CRC_SIZE)
  const bytes = buildFrame({ protocol, tcpFunction: TCP_DATA, datalog }, body)
  const crcAt = bytes.length - CRC_SIZE
  setWord(bytes, BODY, bytes.length - DATA_FRAME)
  bytes[DATA_FRAME + 1] = code
  setSerial(bytes, DATA_FRAME + 2, inverter)
  setWord(bytes, PAYLOAD - 2, register)
  bytes.set(payload, PAYLOAD)
  setWord(bytes, crcAt, crc16Modbus(bytes, DATA_FRAME, crcAt))
  return bytes
}

/** Words one after the other, each with its low byte first. */
export function wordBytes(...words: readonly number[]): Uint8Array {
  const bytes = new Uint8Array(words.length * 2)
  for (const [i, word] of words.entries()) setWord(bytes, i * 2, word)
  return bytes
}

function setWord(bytes: Uint8Array, at: number, word: number): void {
  bytes[at] = word & 0xff
  bytes[at + 1] = word >> 8
}

/** Puts a serial number in its place; what a shorter one leaves is 0. */
function setSerial(bytes: Uint8Array, at: number, serial: string): void {
  for (let i = 0; i < Math.min(serial.length, SERIAL_SIZE); i++) bytes[at + i] = serial.charCodeAt(i)
}
