import { ByteGrid, type GridLimits } from '../../src/explore/byte-grid.ts'
import type { StreamSummary } from '../../src/explore/byte-summary.ts'
import { guessBytes } from '../../src/explore/guess.ts'
import type { Guess } from '../../src/explore/guess-kinds.ts'

/** Numbers 0..255 that look random and are the same in every run (xorshift32). */
export function dice(seed: number): () => number {
  let state = seed
  return () => {
    state ^= state << 13
    state ^= state >>> 17
    state ^= state << 5
    return state & 255
  }
}

/** Feeds `count` messages, each the bytes that `message` makes of its number, to one stream. */
export function feed(count: number, message: (n: number) => ArrayLike<number>, limits?: Partial<GridLimits>): ByteGrid {
  const grid = new ByteGrid(limits)
  for (let n = 0; n < count; n++) {
    const payload = Uint8Array.from(message(n))
    grid.add('S', payload, 0, payload.length)
  }
  return grid
}

/** The summary of the only stream. */
export function only(grid: ByteGrid): StreamSummary {
  const [stream] = grid.summaries()
  return stream!
}

/** The guesses for the only stream of `count` messages. */
export function guesses(count: number, message: (n: number) => ArrayLike<number>): Guess[] {
  const [stream] = feed(count, message).summaries()
  return stream === undefined ? [] : guessBytes(stream)
}

/** `value` in `width` bytes, little-endian; negative ones in two's complement. */
export function little(value: number, width: number): number[] {
  return Array.from({ length: width }, (_, k) => Math.floor(value / 256 ** k) & 255)
}

/** The bytes of a little-endian f32. */
export function float(value: number): number[] {
  return [...new Uint8Array(Float32Array.of(value).buffer)]
}

/** CRC-8 bit by bit, most significant bit first. */
export function crc8(bytes: readonly number[], polynomial: number, start = 0): number {
  let crc = start
  for (const byte of bytes) {
    crc ^= byte
    for (let bit = 0; bit < 8; bit++) crc = (crc & 0x80 ? (crc << 1) ^ polynomial : crc << 1) & 255
  }
  return crc
}
