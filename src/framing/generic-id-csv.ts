import { hexNumber, utf8 } from '../core/bytes.ts'
import { CAN, type FrameSink } from '../core/can.ts'
import type { ParseQuoted } from './csv-cells.ts'
import { CsvLineReader } from './csv-line-reader.ts'
import { skipBlanks, wordEnd } from './digits.ts'
import { BAD_DATA, BAD_ID } from './line-reader.ts'

const ID = utf8('id')

/**
 * Reads SavvyCAN's generic CSV, which has neither time nor bus. Source: docs/protocols/log-formats.md, section 3.
 *
 *     ID,Data Bytes
 *     0000021A,FE 36 12 FE 69 05 07 AD
 *
 * All frames have the time 0. IDs have 8 digits whatever they are: above 7FF they are extended.
 */
export class GenericIdCsvReader extends CsvLineReader {
  readonly format = 'generic-id-csv'

  constructor(sink: FrameSink, parseQuoted?: ParseQuoted) {
    super(sink, ID, parseQuoted)
  }

  protected override takeCells(): string | undefined {
    const { cells, frame } = this
    const id = cells.hex(0)
    if (id < 0 || id > 0x1fffffff) return BAD_ID
    const length = this.#data()
    if (length < 0) return BAD_DATA
    frame.id = id
    frame.flags = id > 0x7ff ? CAN.extended : 0
    frame.length = length
    frame.dlc = length
    return this.emit()
  }

  /** Reads the second cell, bytes with blanks between; gives their number, or -1. */
  #data(): number {
    const { cells } = this
    const { bytes } = cells
    const { data } = this.frame
    const end = cells.end(1)
    let length = 0
    for (let at = skipBlanks(bytes, cells.start(1), end); at < end; length++) {
      const stop = wordEnd(bytes, at, end)
      const byte = hexNumber(bytes, at, stop)
      if (byte < 0 || byte > 0xff || length === 8) return -1
      data[length] = byte
      at = skipBlanks(bytes, stop, end)
    }
    return length
  }
}
