import { utf8 } from '../../core/bytes.ts'
import { CAN, type CanFrame } from '../../core/can.ts'
import type { ByteWriter } from '../../core/writer.ts'
import { writeBase64 } from '../base64.ts'
import { writeTime } from '../stamp.ts'
import type { LogWriter, WritableLog } from './log-writer.ts'
import { hexNumberLower, line } from './text.ts'

const HEADER = 'timestamp,arbitration_id,extended,remote,error,dlc,data'
/** 64 bytes as base64. */
const LONGEST_DATA = 88
const COMMA = 44
const DOT = 46
const ZERO = 48
const ONE = 49
const BEFORE_ID = utf8(',0x')
const FLAGS = [CAN.extended, CAN.remote, CAN.error]

/**
 * Writes python-can's CSV. Source: docs/protocols/log-formats.md, section 6.
 *
 *     1700000000.0015,0x18ff50e5,1,0,0,3,obLD
 */
class PythonCanCsvWriter implements LogWriter {
  readonly #out: ByteWriter

  constructor(out: ByteWriter) {
    this.#out = out
    line(out, HEADER)
  }

  write(frame: CanFrame): void {
    const out = this.#out
    const { id, flags, dlc, data, length } = frame
    this.#time(frame)
    out.put(BEFORE_ID)
    hexNumberLower(out, id)
    for (const flag of FLAGS) {
      out.byte(COMMA)
      out.byte((flags & flag) !== 0 ? ONE : ZERO)
    }
    out.byte(COMMA)
    out.int((flags & CAN.fd) !== 0 ? length : dlc)
    out.byte(COMMA)
    out.reserve(LONGEST_DATA)
    out.length = writeBase64(data, length, out.bytes, out.length)
    out.endLine()
  }

  end(): void {}

  /** Python writes no zeros at the end, but always a decimal. */
  #time(frame: CanFrame): void {
    const out = this.#out
    writeTime(frame, out)
    while (out.bytes[out.length - 1] === ZERO && out.bytes[out.length - 2] !== DOT) out.length--
  }
}

export const PYTHON_CAN_CSV: WritableLog = {
  name: 'python-can CSV',
  isBinary: false,
  capacity: {
    fd: 'long',
    fdFlags: 'none',
    fdLengths: 'any',
    remote: true,
    error: 'whole',
    codes: true,
    direction: 'none',
    unit: 1,
    interfaces: 'none',
  },
  create: out => new PythonCanCsvWriter(out),
}
