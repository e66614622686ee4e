import { buildDataFrame, buildFrame, type Serials, wordBytes } from '../build-frame.ts'
import { READ_HOLD, READ_INPUT, TCP_HEARTBEAT, TCP_READ_PARAM, WRITE_MULTI, WRITE_SINGLE } from '../frame.ts'

/** Who speaks: both serial numbers, and the version of the dongle's protocol, 2 or 5. */
export interface Identity extends Serials {
  readonly protocol: number
}

/** Kinds of register. */
export type RegisterKind = 'input' | 'hold'

/** A heartbeat, as dongles send them by themselves. */
export function heartbeatFrame({ protocol, datalog }: Identity): Uint8Array {
  return buildFrame({ protocol, datalog, tcpFunction: TCP_HEARTBEAT }, Uint8Array.of(0))
}

/** Register words, each with its low byte first, from `register` on; at most 127. */
export function blockFrame(identity: Identity, kind: RegisterKind, register: number, words: Uint8Array): Uint8Array {
  const code = kind === 'hold' ? READ_HOLD : READ_INPUT
  return buildDataFrame({ ...identity, code, register }, Uint8Array.of(words.length, ...words))
}

/** The echo of a register that was written. */
export function writtenFrame(identity: Identity, register: number, value: number): Uint8Array {
  return buildDataFrame({ ...identity, code: WRITE_SINGLE, register }, wordBytes(value))
}

/** Confirms that several registers were written. */
export function writtenSeveralFrame(identity: Identity, register: number, count: number): Uint8Array {
  return buildDataFrame({ ...identity, code: WRITE_MULTI, register }, wordBytes(count))
}

/** The value of a parameter of the dongle itself, one word. */
export function paramFrame({ protocol, datalog }: Identity, param: number, value: number): Uint8Array {
  const body = wordBytes(param, 2, value) // the length of the value stands between
  return buildFrame({ protocol, datalog, tcpFunction: TCP_READ_PARAM }, body)
}
