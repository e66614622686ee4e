import { buildDataFrame, type Serials, wordBytes } from './build-frame.ts'
import { EXCEPTION, type LxpFrame, READ_HOLD, READ_INPUT, WRITE_MULTI, WRITE_SINGLE, word } from './frame.ts'

/** Asks for `count` registers from `register` on. */
export interface ReadRequest {
  readonly type: 'input' | 'hold'
  readonly register: number
  readonly count: number
}

/** Sets one register. */
export interface WriteSingleRequest {
  readonly type: 'write_single'
  readonly register: number
  readonly value: number
}

/** Sets several registers from `register` on. */
export interface WriteMultiRequest {
  readonly type: 'write_multi'
  readonly register: number
  readonly values: readonly number[]
}

export type WriteRequest = WriteSingleRequest | WriteMultiRequest

/** All that is ever asked of an inverter. Dongle parameters and firmware functions have no request, on purpose. */
export type DeviceRequest = ReadRequest | WriteRequest

const FUNCTIONS: Readonly<Record<DeviceRequest['type'], number>> = {
  input: READ_INPUT,
  hold: READ_HOLD,
  write_single: WRITE_SINGLE,
  write_multi: WRITE_MULTI,
}

/** Clients speak protocol 1, except in a write of several registers. */
const CLIENT_PROTOCOL = 1
const MULTI_PROTOCOL = 2

/** The frame of a request: 38 bytes, a write of several registers more. */
export function encodeRequest(serials: Serials, request: DeviceRequest): Uint8Array {
  const { type, register } = request
  const protocol = type === 'write_multi' ? MULTI_PROTOCOL : CLIENT_PROTOCOL
  return buildDataFrame({ ...serials, protocol, code: FUNCTIONS[type], register }, payloadOf(request))
}

function payloadOf(request: DeviceRequest): Uint8Array {
  switch (request.type) {
    case 'input':
    case 'hold':
      return wordBytes(request.count)
    case 'write_single':
      return wordBytes(request.value)
    case 'write_multi': {
      const words = wordBytes(...request.values)
      return Uint8Array.of(...wordBytes(request.values.length), words.length, ...words)
    }
  }
}

/** What an answer says of the request that it is to. */
export type Questioned = Pick<LxpFrame, 'datalog' | 'inverter' | 'deviceFunction' | 'register'>

/** The answer to a data frame that is refused, in the protocol version of the dongle. */
export function exceptionReply(request: Questioned, errorCode: number, protocol: number): Uint8Array {
  const { datalog, inverter = '', deviceFunction = 0, register = 0 } = request
  const parts = { protocol, datalog, inverter, code: deviceFunction | EXCEPTION, register }
  return buildDataFrame(parts, Uint8Array.of(errorCode))
}

/** What the frame of a client asks for; undefined where it is nothing that is ever asked. */
export function decodeRequest({ type, register = 0, count = 0, data }: LxpFrame): DeviceRequest | undefined {
  switch (type) {
    case 'input':
    case 'hold':
      return { type, register, count }
    case 'write_single':
      return { type, register, value: word(data, 0) }
    case 'write_multi':
      return { type, register, values: wordsOf(data) }
    default:
      return undefined
  }
}

/**
 * Whether a frame from the dongle is the answer of `inverter` to a request, by function, register and count: answers to
 * others, of the cloud for one, come on the same connection. A read may be answered with fewer registers; a write is
 * answered whatever the value in the echo.
 */
export function isAnswer(frame: LxpFrame, inverter: string, request: DeviceRequest): boolean {
  if (frame.inverter !== inverter || frame.register !== request.register) return false
  if (frame.type === 'exception') return frame.deviceFunction === FUNCTIONS[request.type]
  if (frame.type !== request.type) return false
  switch (request.type) {
    case 'write_single':
      return true
    case 'write_multi':
      return frame.count === request.values.length
    default:
      return (frame.count ?? 0) <= request.count
  }
}

/** Register words in wire order. */
export function wordsOf(data: Uint8Array): number[] {
  return Array.from({ length: data.length >> 1 }, (_, i) => word(data, i * 2))
}

/** `hold 21`, `input 0-39`, `write of hold 66`, for messages. */
export function requestText(request: DeviceRequest): string {
  const { type, register } = request
  if (type === 'write_single') return `write of hold ${register}`
  if (type === 'write_multi') return `write of hold ${rangeText(register, request.values.length)}`
  return `${type} ${rangeText(register, request.count)}`
}

/** `21`, `0-39`. */
export function rangeText(first: number, count: number): string {
  return count === 1 ? `${first}` : `${first}-${first + count - 1}`
}
