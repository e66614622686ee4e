import { utf8 } from '../../../core/bytes.ts'
import type { ByteWriter } from '../../../core/writer.ts'
import type { Palette } from './paint.ts'
import type { View } from './view.ts'

const DOT = 0x2e

/** One character per byte: printable ASCII as it is, anything else a dot. */
export function writeChars(out: ByteWriter, bytes: Uint8Array, length: number): void {
  out.reserve(length)
  for (let i = 0; i < length; i++) {
    const byte = bytes[i]!
    out.byte(byte >= 32 && byte <= 126 ? byte : DOT)
  }
}

/** Lower-case hex pairs with `joint` between them. */
export function writeHex(out: ByteWriter, bytes: Uint8Array, length: number, joint: number): void {
  for (let i = 0; i < length; i++) {
    if (i > 0) out.byte(joint)
    out.hexLower(bytes[i]!)
  }
}

/** Upper-case hex pairs, with `joint` between them unless it is negative. */
export function writeUpperHex(out: ByteWriter, bytes: Uint8Array, length: number, joint: number): void {
  for (let i = 0; i < length; i++) {
    if (i > 0 && joint >= 0) out.byte(joint)
    out.hex(bytes[i]!)
  }
}

/** Every byte in decimal, padded to five columns. */
export function writeDecimals(out: ByteWriter, bytes: Uint8Array, length: number, joint: number): void {
  for (let i = 0; i < length; i++) {
    if (i > 0) out.byte(joint)
    const byte = bytes[i]!
    for (let pad = byte > 99 ? 2 : byte > 9 ? 3 : 4; pad > 0; pad--) out.byte(0x20)
    out.int(byte)
  }
}

interface Remembered {
  bytes: Uint8Array
  length: number
}

/** Streams that are remembered; a bus has some dozens. */
const MAX_STREAMS = 4096

/**
 * The hex column that marks what changed since the stream's previous message: changed bytes red, others blue, all
 * magenta where the length differs or nothing came before.
 */
export class HexDiff {
  readonly #previous = new Map<string, Remembered>()
  readonly #perStream: boolean
  readonly #same: readonly [Uint8Array, Uint8Array]
  readonly #changed: readonly [Uint8Array, Uint8Array]
  readonly #fresh: readonly [Uint8Array, Uint8Array]

  /** Without `perStream` there is one previous payload for all streams, as in the original. */
  constructor(palette: Palette, perStream: boolean) {
    this.#perStream = perStream
    this.#same = [utf8(palette.blue[0]), utf8(palette.blue[1])]
    this.#changed = [utf8(palette.red[0]), utf8(palette.red[1])]
    this.#fresh = [utf8(palette.magenta[0]), utf8(palette.magenta[1])]
  }

  /** Appends the column with the separator before it; an empty payload after an empty one gives no column at all. */
  write(out: ByteWriter, view: View, separator: number): void {
    const key = this.#perStream ? view.str : ''
    const before = this.#previous.get(key)
    if (before !== undefined && before.length === 0 && view.length === 0) return
    out.byte(separator)
    if (before === undefined || before.length !== view.length) this.#all(out, view, separator)
    else this.#compared(out, view, before, separator)
    this.#remember(key, before, view)
  }

  #all(out: ByteWriter, { payload, length }: View, separator: number): void {
    out.put(this.#fresh[0])
    writeHex(out, payload, length, separator)
    out.put(this.#fresh[1])
  }

  #compared(out: ByteWriter, { payload, length }: View, before: Remembered, separator: number): void {
    for (let i = 0; i < length; i++) {
      if (i > 0) out.byte(separator)
      const [open, close] = payload[i] === before.bytes[i] ? this.#same : this.#changed
      out.put(open)
      out.hexLower(payload[i]!)
      out.put(close)
    }
  }

  #remember(key: string, before: Remembered | undefined, { payload, length }: View): void {
    if (before !== undefined && before.bytes.length >= length) {
      before.bytes.set(payload.subarray(0, length))
      before.length = length
      return
    }
    if (this.#previous.size >= MAX_STREAMS) this.#previous.clear()
    this.#previous.set(key, { bytes: payload.slice(0, length), length })
  }
}
