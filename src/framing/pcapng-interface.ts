import { type CapturedPacket, MAX_SECONDS } from './capture.ts'
import { interfaceName } from './interface-name.ts'
import { MOST_TICKS_PER_SECOND, setTicks } from './ticks.ts'

/** An interface of a section: how its packets begin and what their time stamps count. */
export interface CaptureInterface {
  readonly linkType: number
  /** Most bytes kept of a packet, 0 for all. */
  readonly snapLength: number
  readonly ticksPerSecond: bigint
  /** Seconds to add to time stamps. */
  readonly offset: number
  readonly name: Uint8Array | undefined
}

/** Option codes of an Interface Description Block. */
const END_OF_OPTIONS = 0
const IF_NAME = 2
const IF_TSRESOL = 9
const IF_TSOFFSET = 14

const OPTIONS_AT = 16
const MICROSECONDS = 1_000_000n
const MOST_TICKS = BigInt(MOST_TICKS_PER_SECOND)

/** Calls `take` with code, place and length of each option in `view[start, end)`. */
export function eachOption(
  view: DataView,
  start: number,
  end: number,
  little: boolean,
  take: (code: number, value: number, length: number) => void,
): void {
  for (let at = start; at + 4 <= end; ) {
    const code = view.getUint16(at, little)
    const length = view.getUint16(at + 2, little)
    const value = at + 4
    if (code === END_OF_OPTIONS || value + length > end) break
    take(code, value, length)
    at = value + ((length + 3) & ~3)
  }
}

/**
 * Reads the Interface Description Block `view[start, end)`, with both its lengths:
 *
 *     type 4 | length 4 | link type 2 | reserved 2 | snaplen 4 | options (code 2 | length 2 | value, to 4) | length 4
 *
 * if_tsresol: bit 7 clear, 10^-n s, set, 2^-n s; microseconds by default. if_tsoffset: s64, seconds.
 */
export function readInterface(view: DataView, start: number, end: number, little: boolean): CaptureInterface {
  let ticksPerSecond = MICROSECONDS
  let offset = 0
  let name: Uint8Array | undefined
  eachOption(view, start + OPTIONS_AT, end - 4, little, (code, value, length) => {
    if (code === IF_TSRESOL && length >= 1) ticksPerSecond = resolution(view.getUint8(value))
    if (code === IF_TSOFFSET && length >= 8) offset = Number(view.getBigInt64(value, little))
    if (code === IF_NAME && length > 0) name = interfaceName(textOf(view, value, length))
  })
  const linkType = view.getUint16(start + 8, little)
  return { linkType, snapLength: view.getUint32(start + 12, little), ticksPerSecond, offset, name }
}

/** A text of an option; some writers end it with NUL. */
function textOf(view: DataView, start: number, length: number): string {
  const text = new TextDecoder().decode(new Uint8Array(view.buffer, view.byteOffset + start, length))
  return text.replace(/\0.*$/s, '')
}

function resolution(byte: number): bigint {
  return (byte & 0x80 ? 2n : 10n) ** BigInt(byte & 0x7f)
}

/** Sets a packet's time from a 64-bit time stamp, given in halves. */
export function setTime(
  packet: CapturedPacket,
  high: number,
  low: number,
  { ticksPerSecond, offset }: CaptureInterface,
): void {
  if (ticksPerSecond <= MOST_TICKS) setTicks(packet, high, low, Number(ticksPerSecond))
  else {
    const ticks = (BigInt(high) << 32n) | BigInt(low)
    packet.seconds = Number(ticks / ticksPerSecond)
    packet.nanos = Number(((ticks % ticksPerSecond) * 1_000_000_000n) / ticksPerSecond)
  }
  packet.seconds += offset
  packet.hasTime = Math.abs(packet.seconds) <= MAX_SECONDS
}
