import { utf8 } from '../core/bytes.ts'
import { decimalNumber, hexNumber } from './digits.ts'

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
export class CsvCells {
  /** Number of cells of the line. */
  count = 0
  /** What separates them, as a character code. */
  separator = 0
  readonly #parseQuoted: ParseQuoted | undefined
  readonly #starts = new Int32Array(MOST_CELLS)
  readonly #ends = new Int32Array(MOST_CELLS)
  #bytes: Uint8Array = new Uint8Array(0)

  constructor(parseQuoted: ParseQuoted | undefined) {
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
    this.#bytes = bytes
    this.count = 0
    let from = start
    for (let at = start; at <= end && this.count < MOST_CELLS; at++) {
      if (at < end && bytes[at] === QUOTE) return false
      if (at < end && bytes[at] !== separator) continue
      this.#add(from, at)
      from = at + 1
    }
    return true
  }

  #add(start: number, end: number): void {
    let from = start
    let to = end
    while (from < to && this.#bytes[from] === SPACE) from++
    while (to > from && this.#bytes[to - 1] === SPACE) to--
    this.#starts[this.count] = from
    this.#ends[this.count++] = to
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

  /** The cell as a number in hex, or -1; cells behind the last are empty. */
  hex(cell: number): number {
    return cell < this.count ? hexNumber(this.#bytes, this.#starts[cell]!, this.#ends[cell]!) : -1
  }

  /** The cell as a whole number in decimal, `from` characters left out at its start, or -1. */
  decimal(cell: number, from = 0): number {
    return cell < this.count ? decimalNumber(this.#bytes, this.#starts[cell]! + from, this.#ends[cell]!) : -1
  }

  /** The first character of the cell as a code, letters in lower case; 0 where it is empty. */
  first(cell: number): number {
    if (cell >= this.count || this.#ends[cell] === this.#starts[cell]) return 0
    const byte = this.#bytes[this.#starts[cell]!]!
    return byte >= 0x41 && byte <= 0x5a ? byte | 0x20 : byte
  }

  /** Whether the cell is `text`, which is in lower case, in any case. */
  is(cell: number, text: Uint8Array): boolean {
    const start = this.#starts[cell]!
    if (cell >= this.count || this.#ends[cell]! - start !== text.length) return false
    for (let i = 0; i < text.length; i++) if ((this.#bytes[start + i]! | 0x20) !== text[i]) return false
    return true
  }
}
