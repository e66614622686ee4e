import { utf8 } from '../core/bytes.ts'
import { CAN, type FrameSink } from '../core/can.ts'
import { parseAscDate } from './asc-date.ts'
import { readAscFd } from './asc-fd.ts'
import { headerText } from './digits.ts'
import { BAD_DATA, BAD_ID, BAD_LENGTH, NO_FRAME, setErrorFrame } from './line-reader.ts'
import { addTime } from './stamp.ts'
import { WordLineReader } from './word-line-reader.ts'
import { fromWallClock, LOCAL, type Zone } from './zone.ts'

const SLASH = 47
const X = 0x78
const R = 0x72
const D = 0x64
/** Enough for 64 bytes of data, what stands before them and the flags behind. */
const MOST_WORDS = 96

const DATE = utf8('date')
const BASE = utf8('base')
const BEGIN = utf8('begin')
const END = utf8('end')
const NO = utf8('no')
const INTERNAL = utf8('internal')
const DECIMAL = utf8('dec')
const RELATIVE = utf8('relative')
const START = utf8('start')
const CAN_STATUS = utf8('can')
const CAN_FD = utf8('canfd')
const ERROR_FRAME = utf8('errorframe')
const STATISTIC = utf8('statistic:')
const J1939 = utf8('j1939tp')
const RX = utf8('rx')
const TX = utf8('tx')
const TX_REQUEST = utf8('txrq')

/**
 * Reads Vector's ASC. Source: docs/protocols/log-formats.md, section 4.
 *
 *     date Tue Nov 14 22:13:20 2023
 *     base hex  timestamps absolute
 *     seconds channel ID[x] Rx|Tx d|r DLC data...
 *     seconds CANFD channel Rx|Tx ID[x] [name] BRS ESI DLC length data... duration bits flags ...
 *     seconds channel ErrorFrame ...
 *
 * Times count from the date, which is a wall clock's; a file without one has times from 0 on. Events that are about
 * the bus (statistics, status, transport protocols, requests to send) are passed over.
 */
export class AscReader extends WordLineReader {
  readonly format = 'asc'
  readonly #zone: Zone
  readonly #start = { seconds: 0, nanos: 0 }
  /** Time of the event before, from the start on. */
  readonly #last = { seconds: 0, nanos: 0 }
  #isRelative = false
  #isDecimal = false

  constructor(sink: FrameSink, zone: Zone = LOCAL) {
    super(sink, MOST_WORDS)
    this.#zone = zone
  }

  protected override takeWords(bytes: Uint8Array, start: number, end: number): string | undefined {
    const { words } = this
    if (words.first(0) === SLASH) return undefined // a comment
    return words.time(0, this.origin) ? this.#event() : this.#header(bytes, start, end)
  }

  #header(bytes: Uint8Array, start: number, end: number): string | undefined {
    const { words } = this
    if (words.is(0, DATE) || words.is(0, BEGIN)) {
      this.#setStart(headerText(bytes, start, end))
    } else if (words.is(0, BASE)) {
      this.#isDecimal = words.is(1, DECIMAL)
      this.#isRelative = words.is(3, RELATIVE)
    } else if (!words.is(0, END) && !words.is(0, NO) && !words.is(0, INTERNAL)) return NO_FRAME
    return undefined
  }

  /** A trigger block begins with a date of its own, which counts from there on. */
  #setStart(line: string): void {
    const wall = parseAscDate(line)
    if (wall === undefined) return
    this.#start.seconds = fromWallClock(wall.seconds, this.#zone)
    this.#start.nanos = wall.nanos
  }

  #event(): string | undefined {
    const { origin, words } = this
    if (this.#isRelative) addTime(origin, this.#last)
    this.#last.seconds = origin.seconds
    this.#last.nanos = origin.nanos
    addTime(origin, this.#start)
    if (words.is(1, CAN_FD)) return this.#fd()
    const channel = words.decimal(1)
    if (channel < 0) return words.is(1, START) || words.is(1, CAN_STATUS) ? undefined : 'events of other kinds'
    origin.bus = Math.max(channel - 1, 0)
    if (words.is(2, STATISTIC) || words.is(2, J1939) || words.is(3, TX_REQUEST)) return undefined
    if (words.is(2, ERROR_FRAME)) {
      setErrorFrame(this.frame)
      return this.emit()
    }
    return this.#classic()
  }

  /** Reads `seconds channel ID direction d|r DLC data`. */
  #classic(): string | undefined {
    const { frame, words } = this
    const direction = this.#direction(3)
    const kind = words.length(4) === 1 ? words.first(4) : 0
    if (direction === undefined || (kind !== D && kind !== R)) return NO_FRAME
    const id = this.#id(2, this.#isDecimal)
    if (id < 0) return BAD_ID
    const code = words.length(5) === 1 ? words.hex(5) : -1
    if (code < 0 && kind === D) return BAD_LENGTH
    frame.id = id
    frame.flags = direction | this.#extended(2) | (kind === R ? CAN.remote : 0)
    frame.dlc = Math.max(code, 0)
    frame.length = kind === R ? 0 : Math.min(frame.dlc, 8)
    return words.readBytes(6, frame.length, frame.data, this.#isDecimal) ? this.emit() : BAD_DATA
  }

  #fd(): string | undefined {
    const { words } = this
    const channel = words.decimal(2)
    const direction = this.#direction(3)
    if (words.is(3, TX_REQUEST)) return undefined
    if (channel < 0 || direction === undefined) return NO_FRAME
    this.origin.bus = Math.max(channel - 1, 0)
    if (words.is(4, ERROR_FRAME)) {
      setErrorFrame(this.frame)
      this.frame.flags |= direction
      return this.emit()
    }
    const id = this.#id(4, false)
    if (id < 0) return BAD_ID
    this.frame.id = id
    this.frame.flags = direction | this.#extended(4)
    return readAscFd(words, 5, this.frame) ?? this.emit()
  }

  #direction(part: number): number | undefined {
    return this.words.is(part, RX) ? CAN.rx : this.words.is(part, TX) ? CAN.tx : undefined
  }

  #extended(part: number): number {
    return (this.words.last(part) | 0x20) === X ? CAN.extended : 0
  }

  /** An arbitration ID, which ends with `x` if it is extended; -1 where it is none. */
  #id(part: number, isDecimal: boolean): number {
    const { words } = this
    const isExtended = this.#extended(part) !== 0
    const tail = isExtended ? 1 : 0
    const id = isDecimal ? words.decimal(part, 0, tail) : words.hex(part, 0, tail)
    return id <= (isExtended ? 0x1fffffff : 0x7ff) ? id : -1
  }
}
