import { crc16Modbus } from '../../core/checksum.ts'
import { LastText } from './last-text.ts'

/** What a frame is: the name of its message in readings. */
export type FrameType =
  | 'input'
  | 'hold'
  | 'write_single'
  | 'write_multi'
  | 'exception'
  | 'heartbeat'
  | 'read_param'
  | 'write_param'
  | 'unknown'

/** Who sent a frame. Frames themselves do not say it: a read request and a reply of one word look the same. */
export type Direction = 'reply' | 'request'

/** Why bytes that begin like a frame are none; `magic` also stands for bytes between frames. */
export type RejectReason = 'short' | 'data_length' | 'crc' | 'value_length' | 'truncated' | 'magic'

/** A frame whose lengths and checksum are right. Numbers on the wire are little-endian. */
export interface LxpFrame {
  readonly type: FrameType
  readonly direction: Direction
  /** 1 from a client, 2 or 5 from a dongle. */
  readonly protocol: number
  /** C1 heartbeat, C2 data, C3 and C4 parameters of the dongle. */
  readonly tcpFunction: number
  /** Serial number of the dongle. */
  readonly datalog: string
  /** Of data frames: address, function without the exception bit, serial number of the inverter. */
  readonly address?: number
  readonly deviceFunction?: number
  readonly inverter?: string
  /** First register; of parameter frames the parameter. */
  readonly register?: number
  /** Registers that are read or written, where the frame says it. */
  readonly count?: number
  /** Code of an exception. */
  readonly errorCode?: number
  /** Register words in wire order, or what else the frame carries: a view. */
  readonly data: Uint8Array
  /** The whole frame: a view. */
  readonly bytes: Uint8Array
}

/** First bytes of every frame. */
export const MAGIC = [0xa1, 0x1a] as const
/** The length field says how many bytes follow offset 6. */
export const LENGTH_END = 6
/** Bytes that decide whether a length is worth waiting for. */
export const HEAD = 8
/** Least and greatest plausible length field. */
export const MIN_LENGTH = 13
export const MAX_LENGTH = 1018

/** TCP functions. */
export const TCP_HEARTBEAT = 0xc1
export const TCP_DATA = 0xc2
export const TCP_READ_PARAM = 0xc3
const TCP_WRITE_PARAM = 0xc4

/** Device functions, and the bit that an exception sets in one. */
export const READ_HOLD = 3
export const READ_INPUT = 4
export const WRITE_SINGLE = 6
export const WRITE_MULTI = 16
export const EXCEPTION = 0x80

/** Bytes of a serial number. */
export const SERIAL_SIZE = 10
/** Where the body begins: behind header and dongle serial. */
export const BODY = 18
/** Where the part under the checksum begins. */
export const DATA_FRAME = 20
export const PAYLOAD = 34
export const CRC_SIZE = 2
/** The shortest data frame: an exception. */
const SHORTEST_DATA = 37

const DONGLES = new LastText(SERIAL_SIZE)
const INVERTERS = new LastText(SERIAL_SIZE)

const ERROR_NAMES: Readonly<Record<number, string>> = {
  1: 'illegal_function',
  2: 'illegal_data_address',
  3: 'illegal_data_value',
  4: 'slave_failure',
  6: 'slave_busy',
}

/** Name of an exception's code. */
export function errorName(code: number): string {
  return ERROR_NAMES[code] ?? 'unknown'
}

/**
 * Takes one frame apart, or says why it is none; `bytes` are exactly as many as its length field says. Source:
 * docs/protocols/lxp.md.
 *
 *     magic A1 1A | protocol 2 | length 2 | 01 | TCP function | dongle serial 10 | body
 *     body of C2: length 2 | address | function | inverter serial 10 | register 2 | payload | CRC 2
 */
export function parseFrame(bytes: Uint8Array, direction: Direction): LxpFrame | RejectReason {
  const tcpFunction = bytes[7]!
  const common = { direction, protocol: word(bytes, 2), tcpFunction, datalog: DONGLES.of(bytes, 8), bytes }
  switch (tcpFunction) {
    case TCP_HEARTBEAT:
      return plainFrame('heartbeat', common, bytes.subarray(BODY))
    case TCP_DATA:
      return dataFrame(bytes, common)
    case TCP_READ_PARAM:
    case TCP_WRITE_PARAM:
      return paramFrame(bytes.subarray(BODY), common)
    default:
      return plainFrame('unknown', common, bytes.subarray(BODY))
  }
}

type Common = Pick<LxpFrame, 'direction' | 'protocol' | 'tcpFunction' | 'datalog' | 'bytes'>

type Building = { -readonly [Key in keyof LxpFrame]: LxpFrame[Key] }

/** A frame with what all have. Frames are not made by spreading others: that takes longer than all the rest. */
function plainFrame(type: FrameType, common: Common, data: Uint8Array): Building {
  const { direction, protocol, tcpFunction, datalog, bytes } = common
  return { type, direction, protocol, tcpFunction, datalog, data, bytes }
}

function dataFrame(bytes: Uint8Array, common: Common): LxpFrame | RejectReason {
  const end = bytes.length - CRC_SIZE
  if (bytes.length < SHORTEST_DATA) return 'short'
  if (word(bytes, BODY) !== bytes.length - DATA_FRAME) return 'data_length'
  if (crc16Modbus(bytes, DATA_FRAME, end) !== word(bytes, end)) return 'crc'
  const code = bytes[DATA_FRAME + 1]!
  const deviceFunction = code & ~EXCEPTION
  const content = code !== deviceFunction ? exceptionContent(bytes, end) : contentOf(deviceFunction, common, end)
  if (content === undefined) return 'value_length'
  const { direction, protocol, tcpFunction, datalog } = common
  const { type, data, count, errorCode } = content
  const address = bytes[DATA_FRAME]!
  const inverter = INVERTERS.of(bytes, DATA_FRAME + 2)
  const register = word(bytes, DATA_FRAME + 12)
  const frame: Building = {
    type,
    direction,
    protocol,
    tcpFunction,
    datalog,
    address,
    deviceFunction,
    inverter,
    register,
    data,
    bytes,
  }
  if (count !== undefined) frame.count = count
  if (errorCode !== undefined) frame.errorCode = errorCode
  return frame
}

type Content = Pick<LxpFrame, 'type' | 'data'> & { readonly count?: number; readonly errorCode?: number }

function exceptionContent(bytes: Uint8Array, end: number): Content | undefined {
  const payload = bytes.subarray(PAYLOAD, end)
  return payload.length === 1 ? { type: 'exception', errorCode: payload[0]!, data: payload } : undefined
}

/** What the payload of a function is; undefined where its length does not fit. */
function contentOf(deviceFunction: number, common: Common, end: number): Content | undefined {
  if (deviceFunction === READ_INPUT) return readContent('input', common, end)
  if (deviceFunction === READ_HOLD) return readContent('hold', common, end)
  const payload = common.bytes.subarray(PAYLOAD, end)
  if (deviceFunction === WRITE_MULTI) return writeMultiContent(common, payload)
  if (deviceFunction !== WRITE_SINGLE) return { type: 'unknown', data: payload }
  return payload.length === 2 ? { type: 'write_single', data: payload } : undefined
}

function readContent(type: 'hold' | 'input', { direction, protocol, bytes }: Common, end: number): Content | undefined {
  if (direction === 'request') return countOnly(type, bytes.subarray(PAYLOAD, end))
  const size = end - PAYLOAD
  if (protocol === 1) return size === 2 ? { type, count: 1, data: bytes.subarray(PAYLOAD, end) } : undefined
  if (bytes[PAYLOAD] !== size - 1 || size % 2 === 0) return undefined
  return { type, count: (size - 1) / 2, data: bytes.subarray(PAYLOAD + 1, end) }
}

function writeMultiContent({ direction }: Common, payload: Uint8Array): Content | undefined {
  if (direction === 'reply') return countOnly('write_multi', payload)
  if (payload.length < 3) return undefined
  const count = word(payload, 0)
  const data = payload.subarray(3)
  if (payload[2] !== data.length || data.length !== 2 * count) return undefined
  return { type: 'write_multi', count, data }
}

function countOnly(type: FrameType, payload: Uint8Array): Content | undefined {
  return payload.length === 2 ? { type, count: word(payload, 0), data: payload.subarray(2) } : undefined
}

/** Frames to and from the dongle itself; they have no checksum. */
function paramFrame(body: Uint8Array, common: Common): LxpFrame | RejectReason {
  if (body.length < 2) return 'short'
  const type = common.tcpFunction === TCP_READ_PARAM ? 'read_param' : 'write_param'
  const register = word(body, 0)
  const data = body.subarray(2)
  const hasLength = type === 'read_param' && common.direction === 'reply' && common.protocol !== 1
  if (hasLength && (data.length < 2 || word(data, 0) !== data.length - 2)) return 'value_length'
  const frame = plainFrame(type, common, hasLength ? data.subarray(2) : data)
  frame.register = register
  return frame
}

/** A 16-bit word, low byte first. */
export function word(bytes: Uint8Array, at: number): number {
  return bytes[at]! | (bytes[at + 1]! << 8)
}
