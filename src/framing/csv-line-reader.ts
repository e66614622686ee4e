import type { FrameSink } from '../core/can.ts'
import { CsvCells, type ParseQuoted } from './csv-cells.ts'
import { BLANK, LineReader } from './line-reader.ts'

/** What readers have in common whose lines are rows of a CSV file below a header, which they know by its first cell. */
export abstract class CsvLineReader extends LineReader {
  protected readonly cells: CsvCells
  readonly #title: Uint8Array

  /** `title` is the header's first cell in lower case; without `parseQuoted` lines with quotes are passed over. */
  constructor(sink: FrameSink, title: Uint8Array, parseQuoted: ParseQuoted | undefined) {
    super(sink)
    this.#title = title
    this.cells = new CsvCells(parseQuoted)
  }

  protected override line(bytes: Uint8Array, start: number, end: number): string | undefined {
    if (start === end) return BLANK
    const problem = this.cells.cut(bytes, start, end)
    if (problem !== undefined) return problem
    return this.cells.is(0, this.#title) ? undefined : this.takeCells()
  }

  /** Takes `cells`, a row that is not the header: emits its frame, or gives why it is none, like `line`. */
  protected abstract takeCells(): string | undefined
}
