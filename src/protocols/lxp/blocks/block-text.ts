import type { ByteWriter } from '../../../core/writer.ts'
import { RevisedText } from './revised-text.ts'

/** A place in a text whose content follows from some bytes of a block of registers. */
export interface Hole {
  /** Those bytes of the block's data, `[start, end)`. */
  readonly start: number
  readonly end: number
  /** Appends the content. */
  write(out: ByteWriter, data: Uint8Array): void
}

/** A text with holes: hole `i` comes after text `i`; there is one more text. */
export interface Template {
  readonly texts: readonly string[]
  readonly holes: readonly Hole[]
}

/**
 * The text of a block of registers that comes again and again. From one time to the next few registers change, so the
 * text is kept, and only the holes whose bytes are others than last time are filled anew.
 */
export class BlockText {
  readonly #holes: readonly Hole[]
  readonly #text: RevisedText
  /** Holes that must be filled anew, a bit each, in groups: hole `i` is bit `i & 31` of group `i >> 5`. */
  readonly #stale: Int32Array
  #isStale = false
  /** Where the holes begin in the text: that of their group, and how far from there; and how long they are. */
  readonly #bases: Int32Array
  readonly #offsets: Int32Array
  readonly #sizes: Int32Array
  /** Holes that follow from a register of the block, by register. */
  readonly #holesOf: readonly (readonly number[])[]
  /** What the text says, and memory for what it is to say next. */
  #data: Registers
  #other: Registers

  /** `size`: bytes of the block's data. */
  constructor({ texts, holes }: Template, size: number) {
    let at = 0
    this.#holes = holes
    this.#text = new RevisedText(texts.join(''))
    this.#stale = new Int32Array((holes.length + 31) >> 5)
    for (const hole of holes.keys()) this.#empty(hole)
    this.#bases = new Int32Array(this.#stale.length)
    this.#offsets = Int32Array.from(holes, (_, hole) => (at += Buffer.byteLength(texts[hole]!)))
    this.#sizes = new Int32Array(holes.length)
    this.#holesOf = holesByRegister(holes, size)
    this.#data = registersOf(size)
    this.#other = registersOf(size)
  }

  /** Appends the text for `data`, which has the size of the block. */
  appendTo(out: ByteWriter, data: Uint8Array): void {
    this.#compare(data)
    if (this.#isStale) this.#revise(out, data)
    this.#text.appendTo(out)
  }

  /** A hole is to be filled anew. */
  #empty(hole: number): void {
    this.#stale[hole >> 5]! |= 1 << (hole & 31)
    this.#isStale = true
  }

  /** Empties the holes of registers that are others than last time; two at a step, as nearly all are the same. */
  #compare(data: Uint8Array): void {
    const last = this.#data
    const now = this.#other
    now.bytes.set(data)
    for (let pair = 0; pair < now.pairs.length; pair++) {
      if (now.pairs[pair] === last.pairs[pair]) continue
      for (let at = pair * 2; at < pair * 2 + 2; at++) {
        if (now.words[at] !== last.words[at]) this.#emptyAll(this.#holesOf[at]!)
      }
    }
    this.#data = now
    this.#other = last
  }

  #emptyAll(holes: readonly number[]): void {
    for (let i = 0; i < holes.length; i++) this.#empty(holes[i]!)
  }

  /** Fills the empty holes. */
  #revise(out: ByteWriter, data: Uint8Array): void {
    const text = this.#text
    const groups = this.#stale
    const sizes = this.#sizes
    let shift = 0 // of the new text against the old one
    text.begin()
    for (let group = 0; group < groups.length; group++) {
      this.#bases[group]! += shift
      for (let stale = groups[group]!; stale !== 0; stale &= stale - 1) {
        const hole = group * 32 + 31 - Math.clz32(stale & -stale)
        const begin = this.#bases[group]! + this.#offsets[hole]! - shift
        const start = out.length
        this.#holes[hole]!.write(out, data)
        const longer = out.length - start - sizes[hole]!
        text.replace(begin, sizes[hole]!, out, start)
        if (longer !== 0) this.#stretch(hole, longer)
        shift += longer
      }
      groups[group] = 0
    }
    text.finish()
    this.#isStale = false
  }

  /** A hole is longer than before, so those behind it in its group are shifted. */
  #stretch(hole: number, by: number): void {
    this.#sizes[hole]! += by
    const end = Math.min((hole | 31) + 1, this.#offsets.length)
    for (let next = hole + 1; next < end; next++) this.#offsets[next]! += by
  }
}

/** Registers as bytes, one by one, and two at a time. */
interface Registers {
  readonly bytes: Uint8Array
  readonly words: Uint16Array
  readonly pairs: Int32Array
}

function registersOf(size: number): Registers {
  const pairs = new Int32Array((size + 3) >> 2)
  return { pairs, words: new Uint16Array(pairs.buffer), bytes: new Uint8Array(pairs.buffer) }
}

/** The holes of each register of a block. */
function holesByRegister(holes: readonly Hole[], size: number): number[][] {
  const lists: number[][] = Array.from({ length: (size + 1) >> 1 }, () => [])
  for (const [hole, { start, end }] of holes.entries()) {
    for (let at = start >> 1; at * 2 < end; at++) lists[at]!.push(hole)
  }
  return lists
}
