import type { ByteStats, StreamSummary } from './byte-summary.ts'
import { changed, describeByte, looksRandom } from './guess-byte.ts'
import { findChecks } from './guess-check.ts'
import { findFloats } from './guess-float.ts'
import { findNumbers, ofWider } from './guess-number.ts'
import { findText } from './guess-text.ts'

/** What a byte can look like. */
export type GuessKind =
  | 'too few messages'
  | 'constant'
  | 'few changes'
  | 'counter'
  | 'flag'
  | 'state'
  | 'bit field'
  | 'slow value'
  | 'low byte'
  | 'high byte'
  | 'float'
  | 'text'
  | 'checksum-like'
  | 'noise'
  | 'unclear'

/** How far the evidence goes; nothing that rests on statistics alone is certain. */
export type Confidence = 'high' | 'medium' | 'low'

/** What a byte probably is, and what that rests on. */
export interface Guess {
  readonly kind: GuessKind
  /** The kind in words, with the place of a wider value: `high byte of u16 at 12`. */
  readonly guess: string
  /** The counts that the guess rests on. */
  readonly evidence: string
  readonly confidence: Confidence
}

/** The lowest byte of a wider whole number: what is added to the guess for the byte itself. */
export interface LowByte {
  /** The value: `u16 at 12`. */
  readonly value: string
  readonly evidence: string
  readonly confidence: Confidence
}

/** By offset: the guess for a byte that is part of something wider, or what to add to its own. */
export type Parts = (Guess | LowByte | undefined)[]

/** Fewer messages than this say nothing about a byte. */
const ENOUGH_MESSAGES = 3

/** Returns a guess for every byte of a stream, in order of offset. */
export function guessBytes(stream: StreamSummary): Guess[] {
  const { bytes } = stream
  const parts = findParts(stream)
  const random = bytes.filter(byte => parts[byte.offset] === undefined && looksRandom(byte)).length
  return bytes.map(byte => {
    if (byte.seen < ENOUGH_MESSAGES) return tooFew(byte)
    const part = parts[byte.offset]
    if (part === undefined) return describeByte(byte, bytes.length, random)
    return 'kind' in part ? part : ofWider(describeByte(byte, bytes.length, random), part)
  })
}

/** What is found first has the bytes. Floats before text: the upper bytes of 8 to 800 are letters, `A` to `D`. */
function findParts(stream: StreamSummary): Parts {
  const parts: Parts = new Array(stream.bytes.length).fill(undefined)
  findChecks(stream, parts)
  findFloats(stream.bytes, parts)
  findText(stream.bytes, parts)
  findNumbers(stream.bytes, parts)
  return parts
}

function tooFew(byte: ByteStats): Guess {
  const messages = byte.seen === 1 ? '1 message has' : `${byte.seen} messages have`
  const evidence = `${messages} this byte; ${changed(byte)}`
  return { kind: 'too few messages', guess: 'too few messages', evidence, confidence: 'low' }
}
