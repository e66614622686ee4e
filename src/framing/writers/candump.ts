import { CAN, type CanFrame } from '../../core/can.ts'
import type { ByteWriter } from '../../core/writer.ts'
import { CandumpStamp } from './candump-stamp.ts'
import { logFrame } from './candump-text.ts'
import { ALL_OF_A_FRAME, type LogWriter, type WritableLog } from './log-writer.ts'

const SPACE = 32
const R = 0x52
const T = 0x54

/**
 * Writes candump's log form. Source: docs/protocols/log-formats.md, section 1.
 *
 *     (1700000000.001500) can0 18FF50E5#A1B2C3 T
 *
 * Times have 6 decimals, and 9 from the first frame on that needs them.
 */
class CandumpWriter implements LogWriter {
  readonly #out: ByteWriter
  readonly #stamp = new CandumpStamp('a')

  constructor(out: ByteWriter) {
    this.#out = out
  }

  write(frame: CanFrame): void {
    const out = this.#out
    this.#stamp.write(frame, out)
    out.byte(SPACE)
    frame.origin.writeInterface(frame, out)
    out.byte(SPACE)
    logFrame(out, frame)
    if ((frame.flags & (CAN.rx | CAN.tx)) !== 0) {
      out.byte(SPACE)
      out.byte((frame.flags & CAN.tx) !== 0 ? T : R)
    }
    out.endLine()
  }

  end(): void {}
}

export const CANDUMP: WritableLog = {
  name: 'candump',
  isBinary: false,
  capacity: ALL_OF_A_FRAME,
  create: out => new CandumpWriter(out),
}
