import { HEX_PAIR, hexNumber, UPPER_PAIR, utf8 } from '../../core/bytes.ts'
import { CAN, type CanFrame, dlcOf, FD_LENGTHS } from '../../core/can.ts'
import type { CanMessage } from '../../core/can-bus.ts'

const CR = 13
const LF = 10
const BEL = 7
/** The longest line is an extended FD frame: letter, 8 digits, length, 64 bytes, 4 digits of time. */
const LONGEST = 1 + 8 + 1 + 128 + 4
const STAMP_DIGITS = 4
const HIGHEST_STANDARD = 0x7ff
const HIGHEST_EXTENDED = 0x1fffffff
const DIGITS = utf8('0123456789ABCDEF')

/** What each letter begins: flags of the frame. `x` is what some adapters write for `T`. */
const KINDS: ReadonlyMap<number, number> = new Map(
  Object.entries({
    t: 0,
    T: CAN.extended,
    x: CAN.extended,
    r: CAN.remote,
    R: CAN.remote | CAN.extended,
    d: CAN.fd,
    D: CAN.fd | CAN.extended,
    b: CAN.fd | CAN.bitRateSwitch,
    B: CAN.fd | CAN.bitRateSwitch | CAN.extended,
  }).map(([letter, flags]) => [letter.charCodeAt(0), flags]),
)
const LETTERS: ReadonlyMap<number, number> = new Map(
  [...KINDS].filter(([code]) => code !== 0x78).map(([a, b]) => [b, a]),
)

/** Who takes what an adapter says. */
export interface SlcanReceiver {
  /** Filled anew for each frame. */
  readonly frame: CanFrame
  /** `frame` has come. */
  received(): void
  /** An answer that is no frame, without its CR; empty where a command was done. */
  answered(text: string): void
  /** The adapter refuses a command. */
  denied(): void
  /** A line is nothing that an adapter says. */
  rejected(): void
}

/**
 * Cuts what an slcan adapter sends into frames and answers. Source: docs/protocols/log-formats.md, section 9.
 *
 *     letter | ID, 3 or 8 digits | length code, 1 digit | data, 2 digits a byte | CR
 *
 * What stands before the first CR may be the rest of something and is not counted.
 */
export class SlcanReader {
  readonly #receiver: SlcanReceiver
  readonly #line = new Uint8Array(LONGEST)
  /** Bytes of the line; more than there is room for are counted only. */
  #length = 0
  #isFirst = true

  constructor(receiver: SlcanReceiver) {
    this.#receiver = receiver
  }

  push(bytes: Uint8Array): void {
    for (let i = 0; i < bytes.length; i++) {
      const byte = bytes[i]!
      if (byte === CR) this.#take()
      else if (byte === BEL) this.#refuse()
      else if (byte !== LF) {
        if (this.#length < LONGEST) this.#line[this.#length] = byte
        this.#length++
      }
    }
  }

  #take(): void {
    const length = this.#length
    this.#length = 0
    const flags = length > 0 ? KINDS.get(this.#line[0]!) : undefined
    if (flags !== undefined && length <= LONGEST && this.#fill(flags, length)) this.#receiver.received()
    else if (flags === undefined && length <= LONGEST && isText(this.#line, length)) {
      this.#receiver.answered(String.fromCharCode(...this.#line.subarray(0, length)))
    } else if (!this.#isFirst) this.#receiver.rejected()
    this.#isFirst = false
  }

  #refuse(): void {
    if (this.#length > 0 && !this.#isFirst) this.#receiver.rejected()
    this.#length = 0
    this.#isFirst = false
    this.#receiver.denied()
  }

  /** Reads the line into the frame; false where it is none. */
  #fill(flags: number, length: number): boolean {
    const { frame } = this.#receiver
    const line = this.#line
    const isExtended = (flags & CAN.extended) !== 0
    const head = isExtended ? 9 : 4
    const id = length > head ? hexNumber(line, 1, head) : -1
    const code = id < 0 ? -1 : hexNumber(line, head, head + 1)
    if (code < 0 || id > (isExtended ? HIGHEST_EXTENDED : HIGHEST_STANDARD)) return false
    const count = bytesOf(flags, code)
    const end = head + 1 + count * 2
    // some adapters write bytes behind a remote request too, which say nothing
    const alike = (flags & CAN.remote) !== 0 ? head + 1 + code * 2 : end
    const isWhole =
      length === end || length === alike || length === end + STAMP_DIGITS || length === alike + STAMP_DIGITS
    if (count < 0 || !isWhole) return false
    for (let i = 0, at = head + 1; i < count; i++, at += 2) {
      const pair = HEX_PAIR[line[at]! | (line[at + 1]! << 8)]!
      if (pair < 0) return false
      frame.data[i] = pair
    }
    frame.id = id
    frame.flags = flags
    frame.length = count
    frame.dlc = code
    return true
  }
}

/** Bytes behind the length code; -1 where there is no such code. */
function bytesOf(flags: number, code: number): number {
  if ((flags & CAN.fd) !== 0) return FD_LENGTHS[code]!
  if (code > 8) return -1
  return (flags & CAN.remote) !== 0 ? 0 : code
}

function isText(bytes: Uint8Array, length: number): boolean {
  for (let i = 0; i < length; i++) if (bytes[i]! < 0x20 || bytes[i]! > 0x7e) return false
  return true
}

/** The line that sends a frame, with its CR; undefined where slcan cannot say it: error frames, remote frames of FD. */
export function slcanLine(frame: CanMessage): Uint8Array | undefined {
  const { id, flags, length, data } = frame
  const kind = flags & (CAN.extended | CAN.remote | CAN.fd | CAN.bitRateSwitch)
  const letter = (flags & CAN.error) !== 0 ? undefined : LETTERS.get(kind)
  const isFd = (flags & CAN.fd) !== 0
  if (letter === undefined || length > (isFd ? 64 : 8)) return undefined
  const isRemote = (flags & CAN.remote) !== 0
  const code = isRemote ? Math.min(frame.dlc ?? length, 8) : isFd ? dlcOf(length) : length
  const count = bytesOf(flags, code)
  const head = (flags & CAN.extended) !== 0 ? 9 : 4
  const line = new Uint8Array(head + 2 + count * 2)
  line[0] = letter
  for (let at = head - 1, rest = id; at > 0; at--, rest >>>= 4) line[at] = DIGITS[rest & 15]!
  line[head] = DIGITS[code]!
  for (let i = 0; i < count; i++) {
    const pair = UPPER_PAIR[i < length ? data[i]! : 0]!
    line[head + 1 + i * 2] = pair & 0xff
    line[head + 2 + i * 2] = pair >> 8
  }
  line[line.length - 1] = CR
  return line
}

/** Bit rates of the commands `S0` to `S8`. */
const BIT_RATES: readonly number[] = [10_000, 20_000, 50_000, 100_000, 125_000, 250_000, 500_000, 750_000, 1_000_000]
/** Not of the original command set: what python-can sends, and several adapters understand. */
const ODD_BIT_RATE = 83_300

/** The command that sets a bit rate, without CR; undefined where there is none. */
export function slcanBitRate(bitRate: number): string | undefined {
  if (bitRate === ODD_BIT_RATE) return 'S9'
  const code = BIT_RATES.indexOf(bitRate)
  return code < 0 ? undefined : `S${code}`
}
