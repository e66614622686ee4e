import { utf8 } from '../core/bytes.ts'
import { CAN, dlcOf, FD_LENGTHS, type FrameSink } from '../core/can.ts'
import { headerText } from './digits.ts'
import { BAD_DATA, BAD_ID, BAD_LENGTH, BAD_TIME, NO_FRAME, setErrorFrame } from './line-reader.ts'
import { addTime } from './stamp.ts'
import { columnsOfVersion, type TrcColumns, trcColumns, trcStart } from './trc-header.ts'
import { WordLineReader } from './word-line-reader.ts'
import { fromWallClock, UTC, type Zone } from './zone.ts'

const SEMICOLON = 59
const T = 0x74
const R = 0x72
/** 64 bytes of data and nine columns. */
const MOST_WORDS = 80
const BUS_STATUS = 'reports of the state of the bus'
/** The ID of a row that is about the bus. */
const STATUS_ID = 0xffffffff
const RTR = utf8('rtr')
const ERROR = utf8('error')
const WARNING = utf8('warng')
const NO_FLAGS = -1

/** Types of version 2 that are frames: their flags. */
const FRAME_TYPES: ReadonlyMap<number, number> = new Map([
  [letters('DT'), 0],
  [letters('RR'), CAN.remote],
  [letters('FD'), CAN.fd],
  [letters('FB'), CAN.fd | CAN.bitRateSwitch],
  [letters('FE'), CAN.fd | CAN.bitRateSwitch | CAN.errorState],
  [letters('BI'), CAN.fd | CAN.errorState],
  [letters('ER'), CAN.error],
])
/** Types of version 2 that are none: status, error counters, events. */
const OTHER_TYPES: ReadonlySet<number> = new Set([letters('ST'), letters('EC'), letters('EV')])

/**
 * Reads PEAK's TRC, versions 1.0 to 1.3, 2.0 and 2.1. Source: docs/protocols/log-formats.md, section 5.
 *
 *     1.0        N) offset ID DLC data...
 *     1.1        N) offset Rx|Tx|Warng|Error ID DLC data...       1.2 and 1.3: bus before the type
 *     2.0, 2.1   columns as ;$COLUMNS lists them
 *
 * Offsets are in milliseconds from `;$STARTTIME`, without which times count from 0. An ID of 4 digits is a standard one.
 */
export class TrcReader extends WordLineReader {
  readonly format = 'trc'
  readonly #zone: Zone
  readonly #start = { seconds: 0, nanos: 0 }
  #columns: TrcColumns = columnsOfVersion('1.0')
  #isVersion2 = false

  constructor(sink: FrameSink, zone: Zone = UTC) {
    super(sink, MOST_WORDS)
    this.#zone = zone
  }

  protected override takeWords(bytes: Uint8Array, _: number, end: number): string | undefined {
    const { words } = this
    if (words.first(0) === SEMICOLON) {
      if (words.length(0) > 1 && bytes[words.start(0) + 1] === 0x24) this.#setting(bytes, words.start(0), end)
      return undefined
    }
    return this.#row()
  }

  /** Takes a line `;$NAME=value`. */
  #setting(bytes: Uint8Array, start: number, end: number): void {
    const [, name = '', value = ''] = /^;\$(\w+)=(.*)$/.exec(headerText(bytes, start, end).trim()) ?? []
    if (name === 'FILEVERSION') {
      this.#columns = columnsOfVersion(value.trim())
      this.#isVersion2 = value.startsWith('2.')
    } else if (name === 'COLUMNS') this.#columns = trcColumns(value) ?? this.#columns
    else if (name === 'STARTTIME') {
      const wall = trcStart(value)
      if (wall === undefined) return
      this.#start.seconds = fromWallClock(wall.seconds, this.#zone)
      this.#start.nanos = wall.nanos
    }
  }

  #row(): string | undefined {
    const { frame, origin, words } = this
    const columns = this.#columns
    if (words.decimal(0, 0, words.last(0) === 0x29 ? 1 : 0) < 0 || words.count <= columns.id) return NO_FRAME
    if (!words.time(columns.offset, origin)) return BAD_TIME
    this.#toSeconds()
    const flags = this.#isVersion2 ? this.#flagsOfType() : this.#flagsOfRow()
    if (typeof flags === 'string') return flags
    origin.bus = columns.bus < 0 ? 0 : Math.max(words.decimal(columns.bus) - 1, 0)
    if (flags & CAN.error) {
      setErrorFrame(this.frame)
      return this.emit()
    }
    const digits = words.length(columns.id)
    const id = words.hex(columns.id)
    if (id < 0 || id > (digits > 4 ? 0x1fffffff : 0x7ff)) return BAD_ID
    frame.id = id
    frame.flags = flags | (digits > 4 ? CAN.extended : 0)
    const problem = this.#length()
    if (problem !== undefined) return problem
    return words.readBytes(columns.data, frame.length, frame.data) ? this.emit() : BAD_DATA
  }

  /** What was read as seconds are milliseconds since the start. */
  #toSeconds(): void {
    const { origin } = this
    const seconds = Math.floor(origin.seconds / 1000)
    origin.nanos = (origin.seconds - seconds * 1000) * 1e6 + Math.floor(origin.nanos / 1000)
    origin.seconds = seconds
    addTime(origin, this.#start)
  }

  /** Flags of a row of version 2, or why it is no frame. */
  #flagsOfType(): number | string {
    const { words } = this
    const { type, direction } = this.#columns
    const start = words.start(type)
    const key = words.length(type) === 2 ? (words.bytes[start]! << 8) | words.bytes[start + 1]! : NO_FLAGS
    const flags = FRAME_TYPES.get(key)
    if (flags === undefined) return OTHER_TYPES.has(key) ? BUS_STATUS : NO_FRAME
    return flags | (direction < 0 ? 0 : this.#directionIn(direction))
  }

  /** Flags of a row of version 1, or why it is no frame. */
  #flagsOfRow(): number | string {
    const { words } = this
    const { type, id, data } = this.#columns
    if (words.hex(id) === STATUS_ID) return BUS_STATUS
    if (words.is(data, ERROR) || (type >= 0 && words.is(type, ERROR))) return CAN.error
    const direction = type < 0 ? 0 : this.#directionIn(type)
    if (type >= 0 && direction === 0) return words.is(type, WARNING) ? BUS_STATUS : NO_FRAME
    return direction | (words.is(data, RTR) ? CAN.remote : 0)
  }

  /** `Rx` or `Tx` of a column as a flag; 0 where it is neither. */
  #directionIn(part: number): number {
    const first = this.words.length(part) === 2 ? this.words.first(part) : 0
    return first === R ? CAN.rx : first === T ? CAN.tx : 0
  }

  #length(): string | undefined {
    const { frame } = this
    const { code, length } = this.#columns
    const number = this.words.decimal(code < 0 ? length : code)
    const isFd = (frame.flags & CAN.fd) !== 0
    if (number < 0 || number > (code < 0 && isFd ? 64 : 15)) return BAD_LENGTH
    const bytes = isFd ? (code < 0 ? number : FD_LENGTHS[number]!) : Math.min(number, 8)
    frame.length = frame.flags & CAN.remote ? 0 : bytes
    frame.dlc = isFd && code < 0 ? dlcOf(number) : number
    return undefined
  }
}

function letters(type: string): number {
  return (type.charCodeAt(0) << 8) | type.charCodeAt(1)
}
