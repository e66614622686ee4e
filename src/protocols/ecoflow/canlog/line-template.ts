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
  readonly #length: number
  /** The text in words of four bytes, the last one filled up. */
  readonly #words: Uint32Array
  /** Header bytes: place in the text, offset in the packet. */
  readonly #bytes: Int32Array
  /** Where the time stands, or -1. */
  readonly #time: number
  /** The other patches: kind, place, nothing. */
  readonly #others: Int32Array

  constructor(template: Uint8Array, patches: Int32Array) {
    this.#length = template.length
    const padded = new Uint8Array(Math.ceil(template.length / 4) * 4)
    padded.set(template)
    this.#words = new Uint32Array(padded.buffer)
    const rows = Array.from({ length: patches.length / 3 }, (_, i) => [...patches.subarray(i * 3, i * 3 + 3)])
    const ofKind = (kinds: readonly number[]) => rows.filter(([kind]) => kinds.includes(kind!))
    this.#bytes = Int32Array.from(ofKind([PATCH.byte]).flatMap(([, place, offset]) => [place!, offset!]))
    this.#time = ofKind([PATCH.time])[0]?.[1] ?? -1
    this.#others = Int32Array.from(ofKind([PATCH.node, PATCH.crcWire, PATCH.crcComputed, PATCH.start]).flat())
  }

  /** Appends the stretch for the message at hand; `time` is its rendered time. */
  write(out: ByteWriter, view: View, time: Uint8Array): void {
    const words = this.#words
    out.reserve(words.length * 4)
    const to = out.view
    const base = out.length
    for (let i = 0; i < words.length; i++) to.setUint32(base + i * 4, words[i]!, LITTLE)
    out.length = base + this.#length
    const packet = view.message.bytes
    const patches = this.#bytes
    for (let i = 0; i < patches.length; i += 2) {
      to.setUint16(base + patches[i]!, UPPER_PAIR[packet[patches[i + 1]!]!]!, true)
    }
    if (this.#time >= 0) for (let k = 0; k < time.length; k++) out.bytes[base + this.#time + k] = time[k]!
    const others = this.#others
    for (let i = 0; i < others.length; i += 3) patchOther(others[i]!, to, out.bytes, base + others[i + 1]!, view)
  }
}

/** The words were made in the machine's byte order. */
const LITTLE = new Uint8Array(Uint16Array.of(1).buffer)[0] === 1

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
