import type { Random } from '../../../core/random.ts'
import { CRC_SIZE, DATA_FRAME, type LxpFrame, MAGIC, MAX_LENGTH, parseFrame, TCP_DATA } from '../frame.ts'
import { blockFrame } from './frames.ts'

/** Place of the length field in a frame, and of the TCP function. */
const LENGTH_AT = 4
const FUNCTION_AT = 7
const MOST_GARBAGE = 60

/** Whether a checksum protects a frame: a change in any other would pass for another good frame. */
export function isChecked(frame: Uint8Array): boolean {
  return frame[FUNCTION_AT] === TCP_DATA
}

/** The frame, which is a data frame, with one bit flipped under its checksum. */
export function corrupted(frame: Uint8Array, random: Random): Uint8Array {
  const copy = frame.slice()
  const at = DATA_FRAME + random.int(copy.length - DATA_FRAME)
  copy[at]! ^= 1 << random.int(8)
  return copy
}

/** The frame, which is a data frame, with another length: shorter, longer than what is there, or out of all bounds. */
export function lying(frame: Uint8Array, random: Random): Uint8Array {
  const copy = frame.slice()
  const view = new DataView(copy.buffer)
  const length = view.getUint16(LENGTH_AT, true)
  const lie = random.pick([random.int(length), length + 1 + random.int(200), MAX_LENGTH, MAX_LENGTH + 1, 0xffff])
  view.setUint16(LENGTH_AT, lie === length ? 0 : lie, true)
  return copy
}

/**
 * Bytes between frames. They never begin a heartbeat or a frame of an unknown function, which have no checksum and would
 * swallow what follows: only a data frame, whose two lengths contradict each other.
 */
export function garbage(random: Random): Uint8Array {
  const bytes = Uint8Array.from({ length: 1 + random.int(MOST_GARBAGE) }, () => withoutMagic(random.int(256)))
  if (bytes.length < DATA_FRAME + CRC_SIZE || random.chance(0.5)) return bytes
  bytes.set([...MAGIC, 5, 0, 20 + random.int(230), random.int(4), 1, TCP_DATA], 0)
  bytes.fill(0, DATA_FRAME - CRC_SIZE, DATA_FRAME)
  return bytes
}

function withoutMagic(byte: number): number {
  return byte === MAGIC[0] ? 0 : byte
}

/** The block of registers that a frame is, if it is one of several. */
export function blockOf(frame: Uint8Array): LxpFrame | undefined {
  const parsed = parseFrame(frame, 'reply')
  if (typeof parsed === 'string' || (parsed.type !== 'input' && parsed.type !== 'hold')) return undefined
  return parsed.data.length > 2 ? parsed : undefined
}

/** A block with some of its last registers missing. */
export function shortened(block: LxpFrame, random: Random): Uint8Array {
  const { protocol, datalog, inverter = '', type, register = 0, data } = block
  const count = 1 + random.int(data.length / 2 - 1)
  const words = data.subarray(0, count * 2)
  return blockFrame({ protocol, datalog, inverter }, type === 'hold' ? 'hold' : 'input', register, words)
}
