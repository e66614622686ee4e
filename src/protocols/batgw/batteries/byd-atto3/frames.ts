import type { CanMessage } from '../../../../core/can-bus.ts'
import { invertedSum8 } from '../../../../core/checksum.ts'
import { canKey } from '../../can-message.ts'

/** Frames that do not count without the right checksum in byte 7. Source: docs/protocols/byd-atto3.md. */
const CHECKED: ReadonlySet<string> = new Set('344 345 438 43D 444 446 447'.split(' '))

/** Services of UDS as answers name them: what was asked for, and that it is not given. */
export const POSITIVE = 0x62
export const REFUSED = 0x7f

/** Questions by UDS and their answers: their keys go on behind the ID. */
const ANSWERS = '7EF'
const UDS: ReadonlySet<string> = new Set(['7E7', ANSWERS])
/** Upper half of the first byte: the whole message is in this frame. */
const SINGLE_FRAME = 0

/** Whether byte 7 is right, where it is a checksum that is looked at. */
export function isIntact(frame: CanMessage): boolean {
  return !CHECKED.has(canKey(frame)) || frame.data[7] === invertedSum8(frame.data, 0, 7)
}

/**
 * The keys of a frame: its ID, and before that of one of UDS what it answers or asks for. Where its first byte (ISO-TP) says
 * that it holds no whole message, that byte.
 */
export function keysOf(frame: CanMessage): string[] {
  const id = canKey(frame)
  if (!UDS.has(id)) return [id]
  const [first = 0, service = 0, high, low] = frame.data
  if (first >> 4 !== SINGLE_FRAME) return [`${id}:${digits(first, 2)}`, id]
  const answers = id === ANSWERS && service === POSITIVE ? [answerKey(high, low)] : []
  return [...answers, `${id}:${digits(service, 2)}`, id]
}

/** The key of the answer that has this data identifier. */
export function answerKey(high = 0, low = 0): string {
  return `${ANSWERS}:${digits((high << 8) + low, 4)}`
}

function digits(value: number, count: number): string {
  return value.toString(16).toUpperCase().padStart(count, '0')
}
