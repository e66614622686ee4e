import { utf8 } from '../core/bytes.ts'
import { CAN, dlcOf } from '../core/can.ts'
import { skipBlanks } from './digits.ts'
import { interfaceName } from './interface-name.ts'
import { LineParts } from './line-parts.ts'
import { BAD_DATA, BAD_ID, BAD_LENGTH, BAD_TIME, BLANK, LineReader, NO_FRAME } from './line-reader.ts'

const CURLY_OPEN = 123
/** Most characters of a line that can be a frame. */
const LONGEST = 4096

/** What a line may say of a frame; flags that are left out are false. */
interface FrameLine {
  readonly ts?: unknown
  readonly ch?: unknown
  readonly id?: unknown
  readonly dir?: unknown
  readonly dlc?: unknown
  readonly data?: unknown
  readonly ext?: unknown
  readonly rtr?: unknown
  readonly err?: unknown
  readonly fd?: unknown
  readonly brs?: unknown
  readonly esi?: unknown
}

/**
 * Reads frames as JSON, one a line. Source: docs/protocols/log-formats.md, section 12.
 *
 *     {"ts":"1700000000.001500","ch":"can0","id":"18FF50E5","ext":true,"dir":"tx","dlc":3,"data":"A1B2C3"}
 *
 * `ts` is text, because a number would lose nanoseconds. Without `ext` an ID of 8 digits is a standard one all the same.
 */
export class NdjsonReader extends LineReader {
  readonly format = 'ndjson'
  readonly #words = new LineParts(1)
  readonly #decoder = new TextDecoder()
  readonly #names = new Map<string, Uint8Array>()

  protected override line(bytes: Uint8Array, start: number, end: number): string | undefined {
    const from = skipBlanks(bytes, start, end)
    if (from === end) return BLANK
    // what is no JSON at all costs much where it is tried
    if (bytes[from] !== CURLY_OPEN || end - from > LONGEST) return NO_FRAME
    const line = parsed(this.#decoder.decode(bytes.subarray(from, end)))
    return line === undefined ? NO_FRAME : (this.#read(line) ?? this.emit())
  }

  #read(line: FrameLine): string | undefined {
    const { frame, origin } = this
    if (!this.#readTime(line.ts)) return BAD_TIME
    origin.name = typeof line.ch === 'string' ? this.#name(line.ch) : undefined
    frame.flags = flagsOf(line)
    const id = typeof line.id === 'string' && /^[\da-f]{1,8}$/i.test(line.id) ? Number.parseInt(line.id, 16) : -1
    if (id < 0 || id > (frame.flags & (CAN.extended | CAN.error) ? 0x1fffffff : 0x7ff)) return BAD_ID
    frame.id = id
    return this.#readData(line)
  }

  #readTime(ts: unknown): boolean {
    const text = utf8(typeof ts === 'string' ? ts : typeof ts === 'number' ? String(ts) : '')
    this.#words.cutWords(text, 0, text.length)
    return this.#words.time(0, this.origin)
  }

  #readData(line: FrameLine): string | undefined {
    const { frame } = this
    const text = line.data === undefined ? '' : line.data
    if (typeof text !== 'string' || !/^([\da-f]{2})*$/i.test(text)) return BAD_DATA
    const length = text.length / 2
    if (length > (frame.flags & CAN.fd ? 64 : frame.flags & CAN.remote ? 0 : 8)) return BAD_LENGTH
    const code = typeof line.dlc === 'number' ? line.dlc : dlcOf(length)
    if (!Number.isInteger(code) || code < 0 || code > 15) return BAD_LENGTH
    const isWhole = frame.flags & CAN.fd ? dlcOf(length) === code : Math.min(code, 8) === length
    if (!isWhole && !(frame.flags & CAN.remote)) return BAD_LENGTH
    for (let i = 0; i < length; i++) frame.data[i] = Number.parseInt(text.slice(i * 2, i * 2 + 2), 16)
    frame.length = length
    frame.dlc = code
    return undefined
  }

  #name(text: string): Uint8Array {
    const known = this.#names.get(text)
    if (known !== undefined) return known
    if (this.#names.size >= MOST_NAMES) this.#names.clear()
    const name = interfaceName(text)
    this.#names.set(text, name)
    return name
  }
}

const MOST_NAMES = 256

function parsed(text: string): FrameLine | undefined {
  try {
    const value: unknown = JSON.parse(text)
    return typeof value === 'object' && value !== null ? value : undefined
  } catch {
    return undefined
  }
}

function flagsOf({ ext, rtr, err, fd, brs, esi, dir }: FrameLine): number {
  const direction = dir === 'rx' ? CAN.rx : dir === 'tx' ? CAN.tx : 0
  if (err === true) return CAN.error | direction
  const isFd = fd === true
  return (
    direction |
    (ext === true ? CAN.extended : 0) |
    (rtr === true && !isFd ? CAN.remote : 0) |
    (isFd ? CAN.fd : 0) |
    (isFd && brs === true ? CAN.bitRateSwitch : 0) |
    (isFd && esi === true ? CAN.errorState : 0)
  )
}
