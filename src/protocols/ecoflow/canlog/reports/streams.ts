import { HEADER } from '../../message.ts'
import type { View } from '../view.ts'

interface StreamRow {
  readonly chan: string
  readonly nid: string
  readonly ser: string
  readonly len: number
  readonly used: number
  readonly xor: 'Y' | 'N'
  readonly time: string
  readonly head: string
  readonly data: string
  count: number
}

const MAX_STREAMS = 65_536

/** One row per stream of channel B: what its first message looked like and how much of the log it is. */
export class Streams {
  readonly #rows = new Map<string, StreamRow>()

  /** Counts a message; `used` are the payload bytes its record decodes, 0 where nobody asked. */
  add(view: View, time: string, serial: string, used: number): void {
    const key = view.str
    const row = this.#rows.get(key)
    if (row !== undefined) row.count++
    else if (this.#rows.size < MAX_STREAMS) this.#rows.set(key, firstRow(view, time, serial, used))
  }

  /** Rows in order of appearance; `messages` is the whole that the shares are of. */
  rows(messages: number) {
    return [...this.#rows].map(([str, row]) => {
      const share = ((row.count / messages) * 100).toFixed(2)
      const { chan, nid, ser, len, used, xor, head, data } = row
      return {
        str,
        chan,
        nid,
        ser,
        freq: share,
        len,
        used,
        xor,
        time: Number(share) >= 0.1 ? '' : row.time,
        head,
        data,
      }
    })
  }

  tsv(messages: number): string {
    return this.rows(messages)
      .map(row => Object.values(row).join('\t'))
      .join('\n')
  }
}

function firstRow(view: View, time: string, ser: string, used: number): StreamRow {
  return {
    chan: 'B',
    nid: view.nid,
    ser,
    len: view.message.length - 20,
    used,
    xor: view.message.bytes[HEADER.flags]! & 0x20 ? 'Y' : 'N',
    time,
    head: view.head,
    data: view.payloadHex(' '),
    count: 1,
  }
}
