import type { Random } from '../../../core/random.ts'

/** What may go wrong on the way of a reply, and what that looks like. */
export const WIRE_FAULTS = {
  silent: 'no reply at all',
  checksum: 'a bit of the reply is flipped',
  truncate: 'the reply breaks off',
  echo: 'the adapter repeats the request before the reply',
  noise: 'stray bytes before the reply, a NUL behind it',
  refuse: 'a return code instead of values',
  slow: 'the reply comes when nobody waits for it any more',
} as const

export type WireFault = keyof typeof WIRE_FAULTS

/** Faults with the share of replies that have them, 0 to 1. */
export type WireFaults = ReadonlyMap<WireFault, number>

/** The share of a fault that is named without one. */
export const DEFAULT_SHARE = 0.05

/** What arrives of a reply, undefined where nothing does. `refusal` is the reply that refuses. */
export function damaged(
  reply: Uint8Array,
  request: Uint8Array,
  refusal: Uint8Array,
  faults: WireFaults,
  random: Random,
): Uint8Array | undefined {
  const hit = (fault: WireFault) => random.chance(faults.get(fault) ?? 0)
  if (hit('silent')) return hit('echo') ? request : undefined
  let bytes: Uint8Array = hit('refuse') ? refusal : reply
  if (hit('checksum')) bytes = flipped(bytes, random)
  if (hit('truncate')) bytes = bytes.subarray(0, 1 + random.int(bytes.length - 2))
  if (hit('noise')) bytes = Buffer.concat([Buffer.from(noise(random)), bytes, Buffer.of(0)])
  return hit('echo') ? Buffer.concat([request, bytes]) : bytes
}

/** One bit of one character between SOI and EOI is another. */
function flipped(bytes: Uint8Array, random: Random): Uint8Array {
  const copy = Uint8Array.from(bytes)
  const at = 1 + random.int(copy.length - 2)
  copy[at] = copy[at]! ^ 1
  return copy
}

/** Bytes as an idle line gives them: no hex digits, no SOI, no EOI. */
function noise(random: Random): number[] {
  return Array.from({ length: 1 + random.int(20) }, () => random.pick([0x00, 0xb0, 0xf7, 0x77, 0xbf, 0xff, 0xbb, 0xef]))
}
