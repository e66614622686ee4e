/** Text forms of spans of bytes, shared by the decoder to objects and the encoder. */

const LATIN1 = new TextDecoder('latin1')

/** Latin-1 text of `bytes[start, end)`; with `trim` without trailing NULs and spaces. */
export function latin1(bytes: Uint8Array, start: number, end: number, trim: boolean): string {
  let to = end
  if (trim) while (to > start && (bytes[to - 1] === 0 || bytes[to - 1] === 32)) to--
  return LATIN1.decode(bytes.subarray(start, to)).replace(WINDOWS, unWindows)
}

// The platform's "latin1" decoder is Windows-1252, which gives 80..9F other characters: back to one byte, one code.
const WINDOWS = /[^\u0000-\u007f\u00a0-\u00ff]/g
const windows = new Map(
  Array.from({ length: 32 }, (_, i) => [LATIN1.decode(Uint8Array.of(0x80 + i)), String.fromCharCode(0x80 + i)]),
)

function unWindows(char: string): string {
  return windows.get(char) ?? char
}

/** Lower-case hex of `bytes[start, end)`. */
export function hexText(bytes: Uint8Array, start: number, end: number): string {
  let text = ''
  for (let i = start; i < end; i++) text += bytes[i]!.toString(16).padStart(2, '0')
  return text
}

/** A version word as dotted decimals, in order or, `reversed`, from its last byte. */
export function dotted(bytes: Uint8Array, start: number, end: number, reversed: boolean): string {
  const parts = Array.from(bytes.subarray(start, end))
  return (reversed ? parts.reverse() : parts).join('.')
}

/** `HH:MM` of a word with the hour in its low and the minute in its high byte. */
export function hhmmText(raw: number): string {
  return `${String(raw & 0xff).padStart(2, '0')}:${String((raw >> 8) & 0xff).padStart(2, '0')}`
}

/** A power factor: 0..1000 are thousandths, 1001..2000 the same capacitive, as negative numbers. */
export function powerFactor(raw: number): number {
  return (raw <= 1000 ? raw : 1000 - raw) / 1000
}

/** Names of the bits that are set, least significant first; an unnamed one is `bit7`. */
export function flagNames(raw: number, names: ReadonlyMap<number, string>): string[] {
  const set: string[] = []
  for (let bit = 0, rest = raw; rest > 0; bit++, rest = Math.floor(rest / 2)) {
    if (rest % 2 === 1) set.push(names.get(bit) ?? `bit${bit}`)
  }
  return set
}
