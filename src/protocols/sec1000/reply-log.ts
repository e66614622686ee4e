import type { Packet } from '../../core/packet.ts'
import type { ByteWriter } from '../../core/writer.ts'

/** A line longer than this is no line of a log. */
const LONGEST_LINE = 65_536

/** Files of what controllers sent: a line a packet, its time in UTC and its bytes in hex. */
export const REPLY_LOG = {
  extension: 'log',
  record(out: ByteWriter, { at, data }: Packet): void {
    out.text(`${new Date(at).toISOString()} `)
    for (const byte of data) out.hexLower(byte)
    out.endLine()
  },
} as const

/**
 * Reads such files, and replies as people paste them: hex digits with or without blanks between them, with or without an
 * ISO 8601 time before them. Lines that begin with # are comments.
 */
export class ReplyLogReader {
  /** Lines that are no bytes. */
  skipped = 0
  readonly #origin: string
  #rest = ''

  /** `origin` is passed on with every packet. */
  constructor(origin: string) {
    this.#origin = origin
  }

  push(bytes: Uint8Array): Packet[] {
    const lines = (this.#rest + Buffer.from(bytes).toString('latin1')).split('\n')
    this.#rest = lines.pop()!
    if (this.#rest.length > LONGEST_LINE) {
      this.skipped++
      this.#rest = ''
    }
    return lines.flatMap(line => this.#packets(line))
  }

  /** The bytes have ended: the last line, where it has no line end. */
  end(): Packet[] {
    const packets = this.#packets(this.#rest)
    this.#rest = ''
    return packets
  }

  #packets(line: string): Packet[] {
    const text = line.trim()
    if (text === '' || text.startsWith('#')) return []
    const [, stamp, digits = ''] = LINE.exec(text) ?? []
    const hex = digits.replaceAll(/\s/g, '')
    if (hex === '' || hex.length % 2 !== 0) {
      this.skipped++
      return []
    }
    const at = stamp === undefined ? Number.NaN : Date.parse(stamp)
    return [{ data: Buffer.from(hex, 'hex'), at, origin: this.#origin }]
  }
}

const LINE = /^(?:(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?(?:Z|[+-]\d\d:\d\d))\s+)?([0-9a-f\s]+)$/i
