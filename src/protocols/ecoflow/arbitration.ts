/**
 * What a 29-bit arbitration ID says on EcoFlow's bus. Source: docs/protocols/ecoflow.md.
 *
 *     below 10000000 (segmented, channel A):  frame 28..22 | frames 21..16 | source 15..8 | destination 7..0
 *     from 10000000 (B, C, D, E):             command 28..20 | module 19..12 | instance 11..0
 */

/** Channels as small numbers; `letterOf` gives the letter. */
export const CHANNEL = { none: 0, A: 1, B: 2, C: 3, D: 4, E: 5 } as const

/** The command, top three hex digits of the ID. */
export function commandOf(id: number): number {
  return id >>> 20
}

/** The node, low five hex digits; on channel A its first digit is the low nibble of the frame count. */
export function nodeOf(id: number): number {
  return id & 0xfffff
}

/** One of `CHANNEL`. */
export function channelOf(id: number): number {
  const command = id >>> 20
  if (command < 0x100) return CHANNEL.A
  if (command <= 0x102) return CHANNEL.B
  if (command >= 0x120 && command <= 0x122) return CHANNEL.C
  if (command === 0x106) return CHANNEL.D
  return command === 0x10a ? CHANNEL.E : CHANNEL.none
}

const LETTERS = ['', 'A', 'B', 'C', 'D', 'E']

/** `A` to `E`, empty for a command without a channel. */
export function letterOf(channel: number): string {
  return LETTERS[channel] ?? ''
}
