import { utf8 } from '../../core/bytes.ts'
import { CAN, type CanFrame } from '../../core/can.ts'
import { ByteWriter } from '../../core/writer.ts'
import { startsWith } from '../digits.ts'
import { writeTime } from '../stamp.ts'
import { ALL_OF_A_FRAME, type LogWriter, type WritableLog } from './log-writer.ts'
import { longId, packedData, shortId } from './text.ts'

const QUOTE = 34
const NO_BYTES = new Uint8Array(0)
const BEFORE_TIME = utf8('{"ts":"')
const BEFORE_CODE = utf8(',"dlc":')
const BEFORE_DATA = utf8(',"data":"')
const END = utf8('"}')
/** What stands in a line of a frame that has the flag, in its order. */
const FLAGS = [
  { flag: CAN.extended, text: utf8(',"ext":true') },
  { flag: CAN.remote, text: utf8(',"rtr":true') },
  { flag: CAN.error, text: utf8(',"err":true') },
  { flag: CAN.fd, text: utf8(',"fd":true') },
  { flag: CAN.bitRateSwitch, text: utf8(',"brs":true') },
  { flag: CAN.errorState, text: utf8(',"esi":true') },
  { flag: CAN.rx, text: utf8(',"dir":"rx"') },
  { flag: CAN.tx, text: utf8(',"dir":"tx"') },
]

/**
 * Writes frames as JSON, one a line; it holds all that is known of them. Source: docs/protocols/log-formats.md,
 * section 12.
 *
 *     {"ts":"1700000000.001500","ch":"can0","id":"18FF50E5","ext":true,"dir":"tx","dlc":3,"data":"A1B2C3"}
 */
class NdjsonWriter implements LogWriter {
  readonly #out: ByteWriter
  /** The name of the interface of the last frame. */
  readonly #name = new ByteWriter(() => {})
  /** The same as a JSON string, with what stands around it. */
  #interface: Uint8Array = NO_BYTES
  #known: Uint8Array = NO_BYTES

  constructor(out: ByteWriter) {
    this.#out = out
  }

  write(frame: CanFrame): void {
    const out = this.#out
    const { id, flags } = frame
    out.put(BEFORE_TIME)
    writeTime(frame, out)
    this.#setInterface(frame)
    out.put(this.#interface)
    if ((flags & (CAN.extended | CAN.error)) !== 0) longId(out, id)
    else shortId(out, id)
    out.byte(QUOTE)
    for (const { flag, text } of FLAGS) if ((flags & flag) !== 0) out.put(text)
    out.put(BEFORE_CODE)
    out.int(frame.dlc)
    out.put(BEFORE_DATA)
    packedData(out, frame)
    out.put(END)
    out.endLine()
  }

  end(): void {}

  #setInterface(frame: CanFrame): void {
    const name = this.#name
    name.length = 0
    frame.origin.writeInterface(frame, name)
    if (name.length === this.#known.length && startsWith(name.bytes, this.#known, 0, name.length)) return
    this.#known = name.bytes.slice(0, name.length)
    this.#interface = utf8(`","ch":${JSON.stringify(new TextDecoder().decode(this.#known))},"id":"`)
  }
}

export const NDJSON: WritableLog = {
  name: 'JSON lines',
  isBinary: false,
  capacity: ALL_OF_A_FRAME,
  create: out => new NdjsonWriter(out),
}
