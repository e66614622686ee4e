import type { CanMessage } from '../../../core/can-bus.ts'
import type { Random } from '../../../core/random.ts'

/** What may go wrong with a frame on its way. */
export const FRAME_FAULTS = {
  drop: 'the frame is not sent',
  corrupt: 'a bit of the last byte is flipped, which is the checksum of many',
  noise: 'a bit anywhere is flipped',
  short: 'a byte is missing at the end',
  repeat: 'the frame is sent twice',
} as const

export type FrameFault = keyof typeof FRAME_FAULTS

/** The share of a fault that is named without one. */
export const DEFAULT_FAULT_SHARE = 0.01

/** The frames that go out for one; `made` is told of each fault. */
export function withFaults(
  frame: CanMessage,
  shares: ReadonlyMap<FrameFault, number>,
  random: Random,
  made: (fault: FrameFault) => void,
): readonly CanMessage[] {
  const hit = (fault: FrameFault) => {
    const isHit = random.chance(shares.get(fault) ?? 0)
    if (isHit) made(fault)
    return isHit
  }
  if (hit('drop')) return []
  let sent = frame
  if (hit('corrupt')) sent = flipped(sent, sent.length - 1, random.int(8))
  if (hit('noise')) sent = flipped(sent, random.int(sent.length), random.int(8))
  if (hit('short')) sent = { ...sent, length: sent.length - 1 }
  return hit('repeat') ? [sent, sent] : [sent]
}

/** The frame with one bit of one byte another. */
export function flipped(frame: CanMessage, at: number, bit: number): CanMessage {
  const data = frame.data.slice(0, frame.length)
  data[at] = data[at]! ^ (1 << bit)
  return { ...frame, data }
}
