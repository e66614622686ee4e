import type { ByteStats, StreamSummary } from './byte-summary.ts'
import { changed, describeByte, looksRandom } from './guess-byte.ts'
import { findChecks } from './guess-check.ts'
import { findFloats } from './guess-float.ts'
import type { Guess, Parts } from './guess-kinds.ts'
import { findNumbers, ofWider } from './guess-number.ts'
import { findText } from './guess-text.ts'

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
