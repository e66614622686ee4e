import { utf8 } from '../../core/bytes.ts'
import { CAN, type CanFrame } from '../../core/can.ts'
import type { ByteWriter } from '../../core/writer.ts'
import { writeTime } from '../stamp.ts'
import { screenFrame } from './candump-text.ts'
import { ALL_OF_A_FRAME, type LogWriter, type WritableLog } from './log-writer.ts'

const BEFORE_STAMP = utf8(' (')
const BEFORE_INTERFACE = utf8(')  ')
const GAP = utf8('  ')
const RX = utf8('  RX')
const TX = utf8('  TX')
const RATE_SWITCH = utf8(' B')
const ERROR_STATE = utf8(' E')
const NONE = utf8(' -')

/**
 * Writes what candump shows on the screen with -ta, and with -x where the direction is known. Source:
 * docs/protocols/log-formats.md, section 2.
 *
 *      (1700000000.001500)  can0  TX - -  18FF50E5   [3]  A1 B2 C3
 *
 * Standard IDs are indented once there has been an extended one.
 */
class CandumpScreenWriter implements LogWriter {
  readonly #out: ByteWriter
  #isIndented = false

  constructor(out: ByteWriter) {
    this.#out = out
  }

  write(frame: CanFrame): void {
    const out = this.#out
    const { flags } = frame
    out.put(BEFORE_STAMP)
    writeTime(frame, out)
    out.put(BEFORE_INTERFACE)
    frame.origin.writeInterface(frame, out)
    if ((flags & (CAN.rx | CAN.tx)) !== 0) {
      out.put((flags & CAN.tx) !== 0 ? TX : RX)
      out.put((flags & CAN.bitRateSwitch) !== 0 ? RATE_SWITCH : NONE)
      out.put((flags & CAN.errorState) !== 0 ? ERROR_STATE : NONE)
    }
    out.put(GAP)
    if ((flags & CAN.extended) !== 0) this.#isIndented = true
    screenFrame(out, frame, this.#isIndented)
    out.endLine()
  }

  end(): void {}
}

export const CANDUMP_SCREEN: WritableLog = {
  name: 'the screen form of candump',
  isBinary: false,
  capacity: { ...ALL_OF_A_FRAME, fdFlags: 'with-direction' },
  create: out => new CandumpScreenWriter(out),
}
