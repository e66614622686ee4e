import type { CanFrame } from './can.ts'

/** Classes of an error frame, bits of its ID. Source: linux/can/error.h, docs/protocols/log-formats.md. */
export const CAN_ERROR = {
  transmitTimeout: 0x001,
  lostArbitration: 0x002,
  controller: 0x004,
  protocol: 0x008,
  transceiver: 0x010,
  noAcknowledgement: 0x020,
  busOff: 0x040,
  busError: 0x080,
  restarted: 0x100,
  counters: 0x200,
} as const

const CLASSES: readonly (readonly [bit: number, text: string])[] = [
  [CAN_ERROR.transmitTimeout, 'transmit timeout'],
  [CAN_ERROR.lostArbitration, 'lost arbitration'],
  [CAN_ERROR.controller, 'controller'],
  [CAN_ERROR.protocol, 'protocol violation'],
  [CAN_ERROR.transceiver, 'transceiver'],
  [CAN_ERROR.noAcknowledgement, 'nobody acknowledges'],
  [CAN_ERROR.busOff, 'bus-off'],
  [CAN_ERROR.busError, 'bus error'],
  [CAN_ERROR.restarted, 'restarted'],
]

/** Bits of byte 1. */
const RECEIVE_OVERFLOW = 0x01
const CONTROLLER: readonly (readonly [bit: number, text: string])[] = [
  [RECEIVE_OVERFLOW, 'receive buffer overflow'],
  [0x02, 'transmit buffer overflow'],
  [0x04, 'receive warning'],
  [0x08, 'transmit warning'],
  [0x10, 'receive passive'],
  [0x20, 'transmit passive'],
  [0x40, 'active again'],
]

/** Bits of byte 2. */
const PROTOCOL: readonly (readonly [bit: number, text: string])[] = [
  [0x01, 'single bit'],
  [0x02, 'frame format'],
  [0x04, 'bit stuffing'],
  [0x08, 'dominant bit'],
  [0x10, 'recessive bit'],
  [0x20, 'overload'],
  [0x40, 'active error'],
  [0x80, 'while sending'],
]

const COUNTER_BYTES = 8

/** What an error frame says, in words: `controller (transmit warning), 8 errors sending, 0 receiving`. */
export function errorText({ id, data, length }: CanFrame): string {
  const parts = CLASSES.filter(([bit]) => (id & bit) !== 0).map(([bit, text]) => {
    const details = detailsOf(bit, data)
    return details.length === 0 ? text : `${text} (${details.join(', ')})`
  })
  const counted = length >= COUNTER_BYTES && ((id & CAN_ERROR.counters) !== 0 || (data[6]! | data[7]!) !== 0)
  if (counted) parts.push(`${data[6]} errors sending, ${data[7]} receiving`)
  return parts.length === 0 ? `error of class ${id.toString(16)}` : parts.join(', ')
}

/** Whether the controller has lost frames because nobody fetched them in time. */
export function isOverflow({ id, data }: CanFrame): boolean {
  return (id & CAN_ERROR.controller) !== 0 && (data[1]! & RECEIVE_OVERFLOW) !== 0
}

function detailsOf(bit: number, data: Uint8Array): readonly string[] {
  const named = (table: readonly (readonly [bit: number, text: string])[], byte: number) =>
    table.filter(([flag]) => (byte & flag) !== 0).map(([, text]) => text)
  if (bit === CAN_ERROR.controller) return named(CONTROLLER, data[1]!)
  if (bit === CAN_ERROR.protocol) return named(PROTOCOL, data[2]!)
  return bit === CAN_ERROR.lostArbitration && data[0] !== 0 ? [`bit ${data[0]}`] : []
}
