import { utf8 } from '../core/bytes.ts'
import { LineParts } from './line-parts.ts'

const SPACE = 32
const QUOTE = 34
const TAB = 9
const COMMA = 44
const SEMICOLON = 59
const LF = 10
/** Enough for 6 columns and 64 bytes of data; cells behind are not looked at. */
const MOST_CELLS = 72

/** Takes a line with quotes apart; throws where it cannot. */
export type ParseQuoted = (line: string, separator: string) => string[]

/** Loads the parser for quoted lines: a file without quotes, the rule, does without it. */
export async function loadQuotedParser(): Promise<ParseQuoted> {
  const { parse } = await import('csv-parse/sync')
  return (line, separator) => parse(line, { delimiter: separator, relax_column_count: true })[0] ?? []
}

/** Cuts lines of a CSV file, separated by `,`, `;` or tab, into cells without the blanks around them. */
export class CsvCells extends LineParts {
  /** What separates them, as a character code. */
  separator = 0
  readonly #parseQuoted: ParseQuoted | undefined

  constructor(parseQuoted: ParseQuoted | undefined) {
    super(MOST_CELLS)
    this.#parseQuoted = parseQuoted
  }

  /** Cuts the line `bytes[start, end)`, without its line end; gives why not, if so. The cells are views. */
  cut(bytes: Uint8Array, start: number, end: number): string | undefined {
    let at = start
    while (at < end && bytes[at] !== COMMA && bytes[at] !== SEMICOLON && bytes[at] !== TAB) at++
    if (at === end) return 'lines that are no frames'
    this.separator = bytes[at]!
    return this.#cut(bytes, start, end, this.separator) ? undefined : this.#cutQuoted(bytes, start, end)
  }

  /** False where there is a quote. */
  #cut(bytes: Uint8Array, start: number, end: number, separator: number): boolean {
    this.begin(bytes)
    let from = start
    for (let at = start; at <= end && !this.isFull; at++) {
      if (at < end && bytes[at] === QUOTE) return false
      if (at < end && bytes[at] !== separator) continue
      this.#addTrimmed(from, at)
      from = at + 1
    }
    return true
  }

  #addTrimmed(start: number, end: number): void {
    let from = start
    let to = end
    while (from < to && this.bytes[from] === SPACE) from++
    while (to > from && this.bytes[to - 1] === SPACE) to--
    this.add(from, to)
  }

  #cutQuoted(bytes: Uint8Array, start: number, end: number): string | undefined {
    if (this.#parseQuoted === undefined) return 'lines with quotes'
    const line = new TextDecoder('latin1').decode(bytes.subarray(start, end))
    try {
      const cells = this.#parseQuoted(line, String.fromCharCode(this.separator))
      // a quoted cell may hold the separator, but never a line end or, after this, a quote
      const plain = utf8(cells.slice(0, MOST_CELLS).join('\n').replaceAll('"', "'"))
      this.#cut(plain, 0, plain.length, LF)
      return undefined
    } catch {
      return 'lines with unbalanced quotes'
    }
  }
}
