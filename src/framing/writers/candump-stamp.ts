import { utf8 } from '../../core/bytes.ts'
import type { ByteWriter } from '../../core/writer.ts'
import { type Instant, writeFraction, writeTime } from '../stamp.ts'

const OPEN = 40
const CLOSE = 41
const SECOND_DIGITS = 10
const SPAN_DIGITS = 3

/** Time stamps as `candump -t` has them: Unix time, local date and time, time since the frame before, since the first. */
export type StampKind = 'a' | 'A' | 'd' | 'z'

/** Writes the time stamps of frames, `(1700000000.001500)`. */
export class CandumpStamp {
  readonly #kind: StampKind
  /** What stands before the fraction, made once a second. */
  #head: Uint8Array = new Uint8Array(0)
  #second = Number.NaN
  #digits: 6 | 9 = 6
  /** The frame that spans begin at. */
  readonly #base: Instant = { seconds: Number.NaN, nanos: 0 }
  readonly #span: Instant = { seconds: 0, nanos: 0 }

  constructor(kind: StampKind) {
    this.#kind = kind
  }

  write(time: Instant, out: ByteWriter): void {
    if (this.#kind === 'd' || this.#kind === 'z') this.#write(this.#since(time), out)
    else if (this.#kind === 'a' && time.seconds < 0) {
      out.byte(OPEN)
      writeTime(time, out)
      out.byte(CLOSE)
    } else this.#write(time, out)
  }

  #write({ seconds, nanos }: Instant, out: ByteWriter): void {
    if (seconds !== this.#second) {
      this.#second = seconds
      this.#head = utf8(`(${this.#textOf(seconds)}`)
    }
    if (nanos % 1000 !== 0) this.#digits = 9
    out.put(this.#head)
    writeFraction(nanos, this.#digits, out)
    out.byte(CLOSE)
  }

  #textOf(seconds: number): string {
    if (this.#kind === 'A') return localDate(seconds)
    return String(seconds).padStart(this.#kind === 'a' ? SECOND_DIGITS : SPAN_DIGITS, '0')
  }

  /** A time before that of the base is none. */
  #since(time: Instant): Instant {
    const base = this.#base
    const span = this.#span
    span.seconds = 0
    span.nanos = 0
    if (!Number.isNaN(base.seconds)) {
      span.seconds = time.seconds - base.seconds - (time.nanos < base.nanos ? 1 : 0)
      span.nanos = time.nanos - base.nanos + (time.nanos < base.nanos ? 1e9 : 0)
      if (span.seconds < 0) {
        span.seconds = 0
        span.nanos = 0
      }
    }
    if (this.#kind === 'd' || Number.isNaN(base.seconds)) {
      base.seconds = time.seconds
      base.nanos = time.nanos
    }
    return span
  }
}

/** `2026-03-01 10:00:00`, local. */
function localDate(seconds: number): string {
  const date = new Date(seconds * 1000)
  const two = (value: number) => String(value).padStart(2, '0')
  const day = `${date.getFullYear()}-${two(date.getMonth() + 1)}-${two(date.getDate())}`
  return `${day} ${two(date.getHours())}:${two(date.getMinutes())}:${two(date.getSeconds())}`
}
