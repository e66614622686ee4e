import { utf8 } from '../core/bytes.ts'
import { CAN, type FrameSink } from '../core/can.ts'
import { decimalNumber, headerText } from './digits.ts'
import { BAD_DATA, BAD_ID, BAD_LENGTH, BAD_TIME, NO_FRAME } from './line-reader.ts'
import { addTime, type Instant } from './stamp.ts'
import { WordLineReader } from './word-line-reader.ts'
import { fromWallClock, LOCAL, type Zone } from './zone.ts'

const STAR = 42
const ZERO = 48
const COLON = 58
const R = 0x72
const S = 0x73
const X = 0x78
/** Seven words, 8 bytes of data, and one that would be too many. */
const MOST_WORDS = 16
const FIRST_BYTE = 6
const RX = utf8('rx')
const TX = utf8('tx')
const DAY = 86_400
/** Digits of a fraction that is one: fewer are a number of milliseconds without its zeros. */
const FRACTION_DIGITS = 3
const START = /START DATE AND TIME (\d{1,2}):(\d{1,2}):(\d{4}) (\d{1,2}):(\d{1,2}):(\d{1,2})(?::(\d{1,3}))?/i

/** What times are: a wall clock's, those since the start, those since the line before. */
type Mode = 'SYSTEM' | 'ABSOLUTE' | 'RELATIVE'

/**
 * Reads BUSMASTER's log. Source: docs/protocols/log-formats.md, section 6.
 *
 *     ***START DATE AND TIME 23:9:2015 22:17:28:928***
 *     ***HEX***
 *     ***SYSTEM MODE***
 *     22:20:14:9920 Rx 1 0x21A s 8 FE 36 12 FE 69 05 07 AD
 *
 * Times are those of a wall clock, from the date of the start on; in ABSOLUTE MODE they count from the start, in
 * RELATIVE MODE from the line before. Channels count from 1. Hex IDs have a `0x`, but not all tools write it. `s` is a
 * standard ID, `x` an extended one, an `r` beside or in place of it a remote request.
 */
export class BusmasterReader extends WordLineReader {
  readonly format = 'busmaster'
  readonly #zone: Zone
  #isDecimal = false
  #mode: Mode = 'SYSTEM'
  /** What times count from that are none of a wall clock. */
  #base: Instant = { seconds: 0, nanos: 0 }
  /** Seconds of the day at hand, as if its clock stood in UTC; undefined without a date, then times count from 0. */
  #day: number | undefined
  /** Seconds within the day of the line before. */
  #last = 0

  constructor(sink: FrameSink, zone: Zone = LOCAL) {
    super(sink, MOST_WORDS)
    this.#zone = zone
  }

  protected override takeWords(bytes: Uint8Array, start: number, end: number): string | undefined {
    const { words } = this
    if (words.first(0) === STAR) {
      this.#header(headerText(bytes, start, end))
      return undefined
    }
    return this.#time() ? this.#frame() : BAD_TIME
  }

  #header(text: string): void {
    if (/^\*+DEC\*+/i.test(text)) this.#isDecimal = true
    if (/^\*+HEX\*+/i.test(text)) this.#isDecimal = false
    const mode = /^\*+(SYSTEM|ABSOLUTE|RELATIVE) MODE\*+/i.exec(text)?.[1]?.toUpperCase()
    if (mode !== undefined) this.#mode = mode as Mode
    const [, day, month, year, hour, minute, second, millis = '0'] = START.exec(text) ?? []
    if (year === undefined) return
    this.#day = Date.UTC(Number(year), Number(month) - 1, Number(day)) / 1000
    this.#last = Number(hour) * 3600 + Number(minute) * 60 + Number(second)
    this.#base = { seconds: fromWallClock(this.#day + this.#last, this.#zone), nanos: Number(millis) * 1e6 }
  }

  /** Reads `hours:minutes:seconds:fraction`; false where it is none. */
  #time(): boolean {
    const { origin, words } = this
    const { bytes } = words
    const end = words.end(0)
    let seconds = 0
    let at = words.start(0)
    for (let unit = 3600; unit >= 1; unit /= 60) {
      let stop = at
      while (stop < end && bytes[stop] !== COLON) stop++
      const number = decimalNumber(bytes, at, Math.min(stop, at + 3))
      if (number < 0 || stop === end || (unit < 3600 && number > 59)) return false
      seconds += number * unit
      at = stop + 1
    }
    const fraction = decimalNumber(bytes, at, end)
    const digits = end - at
    if (fraction < 0 || digits > 9 || (this.#mode === 'SYSTEM' && seconds >= DAY)) return false
    origin.nanos = digits < FRACTION_DIGITS ? fraction * 1e6 : fraction * 10 ** (9 - digits)
    origin.seconds = this.#mode === 'SYSTEM' ? this.#fromClock(seconds) : seconds
    if (this.#mode !== 'SYSTEM') addTime(origin, this.#base)
    if (this.#mode === 'RELATIVE') this.#base = { seconds: origin.seconds, nanos: origin.nanos }
    return true
  }

  /** A clock that shows half a day less than before has passed midnight. */
  #fromClock(seconds: number): number {
    if (this.#day === undefined) return seconds
    if (seconds < this.#last - DAY / 2) this.#day += DAY
    this.#last = seconds
    return fromWallClock(this.#day + seconds, this.#zone)
  }

  #frame(): string | undefined {
    const { frame, origin, words } = this
    const direction = words.is(1, RX) ? CAN.rx : words.is(1, TX) ? CAN.tx : 0
    const bus = words.decimal(2)
    const id = this.#id()
    const kind = words.first(4)
    const code = words.decimal(5)
    if (direction === 0 || bus < 0 || (kind !== S && kind !== X && kind !== R)) return NO_FRAME
    const isExtended = kind === X || (kind === R && id > 0x7ff)
    if (id < 0 || id > (isExtended ? 0x1fffffff : 0x7ff)) return BAD_ID
    if (code < 0 || code > 15) return BAD_LENGTH
    const isRemote = (words.last(4) | 0x20) === R
    origin.bus = Math.max(bus - 1, 0)
    frame.id = id
    frame.flags = direction | (isExtended ? CAN.extended : 0) | (isRemote ? CAN.remote : 0)
    frame.length = isRemote ? 0 : Math.min(code, 8)
    frame.dlc = code
    return words.readBytes(FIRST_BYTE, frame.length, frame.data, this.#isDecimal) ? this.emit() : BAD_DATA
  }

  #id(): number {
    const { words } = this
    const { bytes } = words
    const start = words.start(3)
    const hasPrefix = words.length(3) > 2 && bytes[start] === ZERO && (bytes[start + 1]! | 0x20) === X
    return this.#isDecimal && !hasPrefix ? words.decimal(3) : words.hex(3, hasPrefix ? 2 : 0)
  }
}
