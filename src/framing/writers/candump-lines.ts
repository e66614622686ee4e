import { utf8 } from '../../core/bytes.ts'
import { CAN, type CanFrame } from '../../core/can.ts'
import { ByteWriter } from '../../core/writer.ts'
import { CandumpStamp, type StampKind } from './candump-stamp.ts'
import { logFrame, screenFrame } from './candump-text.ts'
import { padTo } from './text.ts'

const SPACE = 32
const GAP = utf8('  ')

/** Prints frames of buses as they come, whose time has been read, one a line. */
export interface FrameLines {
  write(frame: CanFrame): void
}

/** Names of interfaces, all as wide as the widest so far. */
class NameColumn {
  readonly #name = new ByteWriter(() => {})
  #width: number

  constructor(names: readonly string[]) {
    this.#width = Math.max(0, ...names.map(name => utf8(name).length))
  }

  write(frame: CanFrame, out: ByteWriter): void {
    const name = this.#name
    name.length = 0
    frame.origin.writeInterface(frame, name)
    if (name.length > this.#width) this.#width = name.length
    padTo(out, out.length, this.#width - name.length)
    out.copy(name.bytes, 0, name.length)
  }
}

/** What `candump -L` prints: `(1700000000.001500) can0 18FF50E5#A1B2C3`. */
export class LogLines implements FrameLines {
  readonly #out: ByteWriter
  readonly #stamp: CandumpStamp
  readonly #names: NameColumn

  /** `names`: of the interfaces that are known before, for a column of equal width. */
  constructor(out: ByteWriter, names: readonly string[], stamp: StampKind = 'a') {
    this.#out = out
    this.#stamp = new CandumpStamp(stamp)
    this.#names = new NameColumn(names)
  }

  write(frame: CanFrame): void {
    const out = this.#out
    this.#stamp.write(frame, out)
    out.byte(SPACE)
    this.#names.write(frame, out)
    out.byte(SPACE)
    logFrame(out, frame)
    out.endLine()
  }
}

/** What candump prints on a screen: `  can0  18FF50E5   [3]  A1 B2 C3`, with a stamp where one is wanted. */
export class ScreenLines implements FrameLines {
  readonly #out: ByteWriter
  readonly #stamp: CandumpStamp | undefined
  readonly #names: NameColumn
  #isIndented = false

  constructor(out: ByteWriter, names: readonly string[], stamp: StampKind | undefined) {
    this.#out = out
    this.#stamp = stamp === undefined ? undefined : new CandumpStamp(stamp)
    this.#names = new NameColumn(names)
  }

  write(frame: CanFrame): void {
    const out = this.#out
    out.byte(SPACE)
    this.#stamp?.write(frame, out)
    out.put(this.#stamp === undefined ? GAP.subarray(1) : GAP)
    this.#names.write(frame, out)
    out.put(GAP)
    if ((frame.flags & CAN.extended) !== 0) this.#isIndented = true
    screenFrame(out, frame, this.#isIndented)
    out.endLine()
  }
}
