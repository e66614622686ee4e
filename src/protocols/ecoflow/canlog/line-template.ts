import { LOWER_PAIR, UPPER_PAIR, utf8 } from '../../../core/bytes.ts'
import type { ByteWriter } from '../../../core/writer.ts'
import type { Paint } from './paint.ts'
import type { View } from './view.ts'

const PATCH = { time: 0, node: 1, byte: 2, crcWire: 3, crcComputed: 4, start: 5 } as const

/**
 * A stretch of a text line whose length never changes: copied as a whole, colour codes and all, and then patched with
 * hex digits at known places. That is what makes a line cost a tenth of a microsecond.
 */
export class LineTemplate {
  readonly #template: Uint8Array
  readonly #patches: Int32Array

  constructor(template: Uint8Array, patches: Int32Array) {
    this.#template = template
    this.#patches = patches
  }

  /** Appends the stretch for the message at hand; `time` is its rendered time. */
  write(out: ByteWriter, view: View, time: Uint8Array): void {
    const template = this.#template
    out.reserve(template.length)
    const { bytes, view: words } = out
    const base = out.length
    for (let i = 0; i < template.length; i++) bytes[base + i] = template[i]!
    out.length = base + template.length
    const patches = this.#patches
    const packet = view.message.bytes
    for (let i = 0; i < patches.length; i += 3) {
      const at = base + patches[i + 1]!
      const kind = patches[i]!
      if (kind === PATCH.byte) words.setUint16(at, UPPER_PAIR[packet[patches[i + 2]!]!]!, true)
      else if (kind === PATCH.time) for (let k = 0; k < time.length; k++) bytes[at + k] = time[k]!
      else patchOther(kind, words, bytes, at, view)
    }
  }
}

function patchOther(kind: number, words: DataView, bytes: Uint8Array, at: number, view: View): void {
  const { message } = view
  if (kind === PATCH.node) {
    bytes[at] = UPPER_PAIR[(message.lastId >>> 16) & 0xf]! >> 8
    words.setUint16(at + 1, UPPER_PAIR[(message.lastId >>> 8) & 0xff]!, true)
    words.setUint16(at + 3, UPPER_PAIR[message.lastId & 0xff]!, true)
    return
  }
  if (kind === PATCH.start) {
    bytes[at] = UPPER_PAIR[message.firstId >>> 28]! >> 8
    words.setUint16(at + 1, UPPER_PAIR[(message.firstId >>> 20) & 0xff]!, true)
    return
  }
  const crc = kind === PATCH.crcWire ? message.crc : view.crc
  words.setUint16(at, LOWER_PAIR[crc >> 8]!, true)
  words.setUint16(at + 2, LOWER_PAIR[crc & 0xff]!, true)
}

/** Builds a template column by column; a separator stands before every column but the line's first. */
export class TemplateBuilder {
  #text = ''
  readonly #patches: number[] = []
  readonly #separator: string
  #first: boolean

  /** `first`: the template begins the line. */
  constructor(separator: string, first: boolean) {
    this.#separator = separator
    this.#first = first
  }

  /** A column of fixed text. */
  text(text: string, paint: Paint): this {
    return this.#column(text, [], paint)
  }

  /** A column of header bytes in upper-case hex, with `joint` between them. */
  bytes(offsets: readonly number[], paint: Paint, joint = ''): this {
    const step = 2 + joint.length
    const patches = offsets.flatMap((offset, i) => [PATCH.byte, i * step, offset])
    return this.#column(offsets.map(() => '00').join(joint), patches, paint)
  }

  time(paint: Paint): this {
    return this.#column('0'.repeat(17), [PATCH.time, 0, 0], paint)
  }

  node(paint: Paint): this {
    return this.#column('00000', [PATCH.node, 0, 0], paint)
  }

  /** First three digits of the first frame's ID. */
  startCommand(paint: Paint): this {
    return this.#column('000', [PATCH.start, 0, 0], paint)
  }

  /** The CRC on the wire, then the computed one. */
  crcs(wire: Paint, computed: Paint): this {
    return this.#column('0000', [PATCH.crcWire, 0, 0], wire).#column('0000', [PATCH.crcComputed, 0, 0], computed)
  }

  build(): LineTemplate {
    return new LineTemplate(utf8(this.#text), Int32Array.from(this.#patches))
  }

  #column(text: string, patches: readonly number[], [open, close]: Paint): this {
    if (!this.#first) this.#text += this.#separator
    this.#first = false
    this.#text += open
    const base = this.#text.length // all ASCII: characters are bytes
    for (let i = 0; i < patches.length; i += 3) this.#patches.push(patches[i]!, base + patches[i + 1]!, patches[i + 2]!)
    this.#text += text + close
    return this
  }
}
