import type { ByteGrid } from './byte-grid.ts'
import type { ByteStats, FloatStats, Range, StreamSummary } from './byte-summary.ts'
import { listValues } from './byte-summary.ts'
import { guessBytes } from './guess.ts'
import { hex } from './guess-byte.ts'
import type { Guess } from './guess-kinds.ts'

/** `[smallest, largest]`. */
export type JsonRange = readonly [number, number]

/** One payload byte; members that make no sense for it are absent. */
export interface JsonByte {
  readonly at: number
  readonly last: string
  readonly messages: number
  readonly changes: number
  readonly alone: number
  readonly distinct: number
  /** The values in rising order as hex, where they are no more than 16. */
  readonly values?: readonly string[]
  readonly toggles: readonly number[]
  readonly u8: JsonRange
  readonly u16le?: JsonRange
  readonly i16le?: JsonRange
  readonly u16be?: JsonRange
  readonly i16be?: JsonRange
  readonly f32le?: JsonFloat
  readonly guess: Guess
}

/** A float that is plausible at least once. */
export interface JsonFloat {
  readonly range: JsonRange
  readonly values: number
  readonly implausible: number
}

/** One stream of a grid. */
export interface JsonStream {
  readonly stream: string
  readonly messages: number
  /** Shortest and longest payload. */
  readonly lengths: JsonRange
  /** Messages with bytes beyond the last row. */
  readonly cut?: number
  readonly bytes: readonly JsonByte[]
}

/** A whole grid. */
export interface JsonGrid {
  readonly streams: readonly JsonStream[]
  /** Messages of streams for which there was no room. */
  readonly untracked: number
}

/** Returns a grid as a plain object for `JSON.stringify`; for a large one write `streamJson` line by line. */
export function gridJson(grid: ByteGrid): JsonGrid {
  return { streams: Array.from(grid.summaries(), streamJson), untracked: grid.untracked }
}

/** Returns one stream as a plain object. */
export function streamJson(stream: StreamSummary): JsonStream {
  const guesses = guessBytes(stream)
  return {
    stream: stream.name,
    messages: stream.messages,
    lengths: pairOf(stream.lengths),
    ...(stream.cut > 0 && { cut: stream.cut }),
    bytes: stream.bytes.map((byte, at) => byteJson(byte, guesses[at]!)),
  }
}

function byteJson(byte: ByteStats, guess: Guess): JsonByte {
  const { offset, last, seen, changes, alone, distinct, values, toggles, range, little, big, float } = byte
  return {
    at: offset,
    last: hex(last),
    messages: seen,
    changes,
    alone,
    distinct,
    ...(distinct <= 16 && { values: listValues(values).map(hex) }),
    toggles,
    u8: pairOf(range),
    ...(little && { u16le: pairOf(little.unsigned), i16le: pairOf(little.signed) }),
    ...(big && { u16be: pairOf(big.unsigned), i16be: pairOf(big.signed) }),
    ...(float?.range && { f32le: floatJson(float, float.range) }),
    guess,
  }
}

function floatJson({ values, implausible }: FloatStats, { min, max }: Range): JsonFloat {
  return { range: [shortest(min), shortest(max)], values, implausible }
}

/** The shortest decimal that is the same f32: 21.5, 0.1, not 0.10000000149011612. */
function shortest(value: number): number {
  for (let digits = 1; digits < 9; digits++) {
    const rounded = Number(value.toPrecision(digits))
    if (Math.fround(rounded) === value) return rounded
  }
  return Number(value.toPrecision(9))
}

function pairOf({ min, max }: Range): JsonRange {
  return [min, max]
}
