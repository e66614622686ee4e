import type { Instant } from './stamp.ts'

/** More ticks a second cannot be divided in whole numbers of 53 bits, 16 bits at a time. */
export const MOST_TICKS_PER_SECOND = 2 ** 37

/**
 * Sets a time from ticks of 64 bits, given in halves. Long division in base 2^16: as a float such a number would lose
 * nanoseconds, and as a bigint cost memory for every frame.
 */
export function setTicks(time: Instant, high: number, low: number, ticksPerSecond: number): void {
  const top = Math.floor(high / ticksPerSecond)
  const middle = (high - top * ticksPerSecond) * 0x10000 + (low >>> 16)
  const second = Math.floor(middle / ticksPerSecond)
  const bottom = (middle - second * ticksPerSecond) * 0x10000 + (low & 0xffff)
  const third = Math.floor(bottom / ticksPerSecond)
  time.seconds = top * 0x100000000 + second * 0x10000 + third
  time.nanos = Math.floor(((bottom - third * ticksPerSecond) * 1e9) / ticksPerSecond)
}
