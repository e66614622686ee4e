import { CAN, type FrameSink } from '../core/can.ts'
import { BAD_DATA, BAD_ID, BAD_TIME, NO_FRAME } from './line-reader.ts'
import { WordLineReader } from './word-line-reader.ts'

const C = 0x63
const R = 0x72
const T = 0x74
const ZERO = 48
const NINE = 57
const STANDARD = 11
const EXTENDED = 29
/** Time, kind, ID, 8 bytes of data, and one that would be too many. */
const MOST_WORDS = 12
const FIRST_BYTE = 3

/**
 * Reads OVMS' CRTD. Source: docs/protocols/log-formats.md, section 6.
 *
 *     seconds [bus]R|T 11|29 ID data...        without a blank before 11: 1.25 1R29 18FF50E5 A1 B2 C3
 *     seconds CXX|CEV|... text                 comments
 *
 * Buses count from 1; a file with one bus does without.
 */
export class CrtdReader extends WordLineReader {
  readonly format = 'crtd'

  constructor(sink: FrameSink) {
    super(sink, MOST_WORDS)
  }

  protected override takeWords(): string | undefined {
    const { words } = this
    if (!words.time(0, this.origin)) return BAD_TIME
    const first = words.first(1)
    const skip = first >= ZERO && first <= NINE ? 1 : 0
    const kind = skip === 0 ? first : words.bytes[words.start(1) + 1]! | 0x20
    if (kind === C) return undefined
    const width = words.decimal(1, skip + 1)
    if ((kind !== R && kind !== T) || (width !== STANDARD && width !== EXTENDED)) return NO_FRAME
    this.origin.bus = skip === 0 ? 0 : Math.max(first - ZERO - 1, 0)
    return this.#frame(kind, width)
  }

  #frame(kind: number, width: number): string | undefined {
    const { frame, words } = this
    const id = words.hex(2)
    if (id < 0 || id > (width === STANDARD ? 0x7ff : 0x1fffffff)) return BAD_ID
    const length = words.count - FIRST_BYTE
    if (length > 8 || !words.readBytes(FIRST_BYTE, length, frame.data)) return BAD_DATA
    frame.id = id
    frame.flags = (width === EXTENDED ? CAN.extended : 0) | (kind === T ? CAN.tx : CAN.rx)
    frame.length = length
    frame.dlc = length
    return this.emit()
  }
}
