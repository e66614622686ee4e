import type { FrameSink } from '../core/can.ts'
import { LineParts } from './line-parts.ts'
import { BLANK, LineReader } from './line-reader.ts'

/** What readers have in common whose lines are words with blanks between them. */
export abstract class WordLineReader extends LineReader {
  protected readonly words: LineParts

  /** `most`: words behind it are not looked at. */
  constructor(sink: FrameSink, most: number) {
    super(sink)
    this.words = new LineParts(most)
  }

  protected override line(bytes: Uint8Array, start: number, end: number): string | undefined {
    this.words.cutWords(bytes, start, end)
    return this.words.count === 0 ? BLANK : this.takeWords(bytes, start, end)
  }

  /** Takes `words`, at least one, of the line `bytes[start, end)`: emits its frame, or gives why it is none, like `line`. */
  protected abstract takeWords(bytes: Uint8Array, start: number, end: number): string | undefined
}
