import type { Packet } from '../../core/packet.ts'
import { EOI } from './frame.ts'

/** A line longer than this is taken in parts: it is no log line. */
const LONGEST_LINE = 1 << 20

/**
 * Reads recorded frames as people keep them: a frame a line, with or without a time stamp (Unix seconds, or ISO 8601,
 * UTC where it names no zone), a mark of the direction and a final CR, control characters as they are or as `\xNN`;
 * or the bytes of a line as a serial port gave them. Lines that begin with # are comments.
 */
export class FrameLog {
  readonly #origin: string
  #rest = ''

  /** `origin` is passed on with every packet. */
  constructor(origin: string) {
    this.#origin = origin
  }

  push(bytes: Uint8Array): Packet[] {
    const lines = (this.#rest + Buffer.from(bytes).toString('latin1')).split('\n')
    this.#rest = lines.pop()!
    const packets = lines.flatMap(line => this.#packets(line, true))
    if (this.#rest.length > LONGEST_LINE) {
      packets.push(...this.#packets(this.#rest, false))
      this.#rest = ''
    }
    return packets
  }

  /** The bytes have ended: the last line, where it has no line end. */
  end(): Packet[] {
    const packets = this.#packets(this.#rest, true)
    this.#rest = ''
    return packets
  }

  #packets(line: string, whole: boolean): Packet[] {
    if (line.startsWith('#') || line.trim() === '') return []
    const stamp = STAMP.exec(line)
    const body = stamp === null ? line : line.slice(stamp[0].length)
    const text = contentOf(unescaped(body)) + (whole ? '\r' : '')
    return [{ data: Buffer.from(text, 'latin1'), at: timeOf(stamp), origin: this.#origin }]
  }
}

const STAMP =
  /^\s*[[(]?(?:(\d{9,10})(?:\.(\d{1,9}))?|(\d{4}-\d\d-\d\d)[T ](\d\d:\d\d:\d\d)[.,]?(\d*) ?(Z|[+-]\d\d:?\d\d)?)[\])]?(?=\s)/

function timeOf(stamp: RegExpExecArray | null): number {
  if (stamp === null) return Number.NaN
  const [, seconds, part = '', date, clock, fraction, zone] = stamp
  if (seconds !== undefined) return Number(seconds + part.padEnd(3, '0').slice(0, 3))
  return Date.parse(`${date}T${clock}.${(fraction || '0').slice(0, 3)}${zone ?? 'Z'}`)
}

const ESCAPE = /\\x([0-9a-fA-F]{2})|\\r|<CR>/g

function unescaped(text: string): string {
  return text.replace(ESCAPE, (_, hex) => (hex === undefined ? '\r' : String.fromCharCode(Number.parseInt(hex, 16))))
}

/** From the first `~` on, and of a line with one frame only that: what follows behind a blank is the writer's. */
function contentOf(text: string): string {
  const start = text.indexOf('~')
  const content = start < 0 ? text : text.slice(start)
  return start < 0 || content.trimEnd().includes('\r') ? content : content.split(/[\s'"]/, 1)[0]!
}

/** A log line: time, direction, bytes; `\xNN` is one that does not print, the last CR is left out. Without its line end. */
export function frameLine(at: number, bytes: Uint8Array, direction?: '>' | '<'): string {
  const end = bytes.at(-1) === EOI ? bytes.length - 1 : bytes.length
  const text = Array.from(bytes.subarray(0, end), byte =>
    byte >= 0x20 && byte < 0x7f && byte !== BACKSLASH
      ? String.fromCharCode(byte)
      : `\\x${byte.toString(16).padStart(2, '0')}`,
  )
  const mark = direction === undefined ? '' : `${direction} `
  return `${new Date(at).toISOString()} ${mark}${text.join('')}`
}

const BACKSLASH = 0x5c
