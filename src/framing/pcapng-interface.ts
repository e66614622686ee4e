import { MAX_TIME } from './capture.ts'

/** An interface of a section: how its packets begin and what their time stamps count. */
export interface CaptureInterface {
  readonly linkType: number
  /** Most bytes kept of a packet, 0 for all. */
  readonly snapLength: number
  readonly ticksPerSecond: bigint
  /** Seconds to add to time stamps. */
  readonly offset: bigint
}

/** Option codes of an Interface Description Block. */
const END_OF_OPTIONS = 0
const IF_TSRESOL = 9
const IF_TSOFFSET = 14

const OPTIONS_AT = 16
const MICROSECONDS = 1_000_000n

/**
 * Reads an Interface Description Block, whole with both lengths:
 *
 *     type 4 | length 4 | link type 2 | reserved 2 | snaplen 4 | options (code 2 | length 2 | value, to 4) | length 4
 *
 * if_tsresol: bit 7 clear, 10^-n s, set, 2^-n s; microseconds by default. if_tsoffset: s64, seconds.
 */
export function readInterface(block: DataView, little: boolean): CaptureInterface {
  let ticksPerSecond = MICROSECONDS
  let offset = 0n
  const end = block.byteLength - 4
  for (let at = OPTIONS_AT; at + 4 <= end; ) {
    const code = block.getUint16(at, little)
    const length = block.getUint16(at + 2, little)
    const value = at + 4
    if (code === END_OF_OPTIONS || value + length > end) break
    if (code === IF_TSRESOL && length >= 1) ticksPerSecond = resolution(block.getUint8(value))
    if (code === IF_TSOFFSET && length >= 8) offset = block.getBigInt64(value, little)
    at = value + ((length + 3) & ~3)
  }
  return { linkType: block.getUint16(8, little), snapLength: block.getUint32(12, little), ticksPerSecond, offset }
}

function resolution(byte: number): bigint {
  return (byte & 0x80 ? 2n : 10n) ** BigInt(byte & 0x7f)
}

/** Unix ms of a 64-bit time stamp; NaN where that is no time. */
export function timeOf(high: number, low: number, { ticksPerSecond, offset }: CaptureInterface): number {
  const ticks = (BigInt(high) << 32n) | BigInt(low)
  const seconds = Number(ticks / ticksPerSecond + offset)
  const ms = seconds * 1000 + (Number(ticks % ticksPerSecond) * 1000) / Number(ticksPerSecond)
  return Math.abs(ms) <= MAX_TIME ? ms : Number.NaN
}
