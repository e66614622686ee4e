import { utf8 } from '../core/bytes.ts'
import { CAN, dlcOf, type FrameSink } from '../core/can.ts'
import { readBase64 } from './base64.ts'
import type { ParseQuoted } from './csv-cells.ts'
import { CsvLineReader } from './csv-line-reader.ts'
import { BAD_DATA, BAD_ID, BAD_LENGTH, BAD_TIME, NO_FRAME } from './line-reader.ts'

const TIMESTAMP = utf8('timestamp')
const ONE = 49
const ZERO = 48
const X = 0x78
const CELLS = 7
const HEX_PREFIX = 2

/**
 * Reads python-can's CSV. Source: docs/protocols/log-formats.md, section 6.
 *
 *     timestamp,arbitration_id,extended,remote,error,dlc,data
 *     1700000000.0015,0x18ff50e5,1,0,0,3,obLD
 *
 * Data is base64. There is no interface, no direction and no sign of CAN FD: more than 8 bytes are FD.
 */
export class PythonCanCsvReader extends CsvLineReader {
  readonly format = 'python-can-csv'

  constructor(sink: FrameSink, parseQuoted?: ParseQuoted) {
    super(sink, TIMESTAMP, parseQuoted)
  }

  protected override takeCells(): string | undefined {
    return this.cells.count < CELLS ? NO_FRAME : (this.#row() ?? this.emit())
  }

  #row(): string | undefined {
    const { cells, frame, origin } = this
    if (!cells.time(0, origin) && !this.#shortTime()) return BAD_TIME
    const isHex = cells.first(1) === ZERO && (cells.bytes[cells.start(1) + 1]! | 0x20) === X
    const id = isHex ? cells.hex(1, HEX_PREFIX) : -1
    frame.flags = this.#flag(2, CAN.extended) | this.#flag(3, CAN.remote) | this.#flag(4, CAN.error)
    if (id < 0 || id > (frame.flags & (CAN.extended | CAN.error) ? 0x1fffffff : 0x7ff)) return BAD_ID
    if (frame.flags & CAN.error) frame.flags = CAN.error
    const code = cells.decimal(5)
    const length = readBase64(cells.bytes, cells.start(6), cells.end(6), frame.data)
    if (code < 0 || code > 64) return BAD_LENGTH
    if (length < 0) return BAD_DATA
    frame.id = id
    return this.#setLength(code, length)
  }

  /** A code above 8 with so many bytes is CAN FD; with 8 bytes it is a code of classic CAN. */
  #setLength(code: number, length: number): string | undefined {
    const { frame } = this
    frame.length = length
    frame.dlc = code
    if (frame.flags & CAN.remote) {
      frame.length = 0
      return code > 15 ? BAD_LENGTH : undefined
    }
    if (length === 8 && code > 8 && code <= 15) return undefined
    if (length !== code) return BAD_LENGTH
    if (length > 8) {
      frame.flags |= CAN.fd
      frame.dlc = dlcOf(length)
    }
    return undefined
  }

  #flag(cell: number, flag: number): number {
    return this.cells.first(cell) === ONE ? flag : 0
  }

  /** Python writes times below 0.1 ms as `5e-05`. */
  #shortTime(): boolean {
    const { cells } = this
    const text = new TextDecoder('latin1').decode(cells.bytes.subarray(cells.start(0), cells.end(0)))
    if (!/^-?\d(\.\d+)?e-\d\d$/.test(text)) return false
    const nanos = Math.round(Number(text) * 1e9)
    this.origin.seconds = nanos < 0 ? -1 : 0
    this.origin.nanos = nanos < 0 ? nanos + 1e9 : nanos
    return true
  }
}
