const ALPHABET = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/'
const PADDING = 61
const BITS = bits()
const CHARACTERS = Uint8Array.from(ALPHABET, char => char.charCodeAt(0))

function bits(): Int8Array {
  const table = new Int8Array(256).fill(-1)
  for (let i = 0; i < ALPHABET.length; i++) table[ALPHABET.charCodeAt(i)] = i
  return table
}

/** Reads base64, `bytes[start, end)`, to `into`; gives the number of bytes, or -1 where it is bad or too much. */
export function readBase64(bytes: Uint8Array, start: number, end: number, into: Uint8Array): number {
  let stop = end
  while (stop > start && end - stop < 2 && bytes[stop - 1] === PADDING) stop--
  if ((end - start) % 4 !== 0) return -1
  let length = 0
  let word = 0
  let count = 0
  for (let at = start; at < stop; at++) {
    const six = BITS[bytes[at]!]!
    if (six < 0) return -1
    word = ((word << 6) | six) & 0xffff
    count += 6
    if (count < 8) continue
    if (length === into.length) return -1
    count -= 8
    into[length++] = (word >> count) & 0xff
  }
  return length
}

/** Writes `from[0, length)` as base64 to `into`, from `start` on; gives where it ends. */
export function writeBase64(from: Uint8Array, length: number, into: Uint8Array, start: number): number {
  let at = start
  for (let i = 0; i < length; i += 3) {
    const left = length - i
    const word = (from[i]! << 16) | (left > 1 ? from[i + 1]! << 8 : 0) | (left > 2 ? from[i + 2]! : 0)
    into[at++] = CHARACTERS[word >> 18]!
    into[at++] = CHARACTERS[(word >> 12) & 63]!
    into[at++] = left > 1 ? CHARACTERS[(word >> 6) & 63]! : PADDING
    into[at++] = left > 2 ? CHARACTERS[word & 63]! : PADDING
  }
  return at
}
