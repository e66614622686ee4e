import { type FieldPlan, FORM, keyBytes, type Layout, READ } from './plan.ts'
import { BYTES, FIXED32, isText, wire as last, parses, VARINT, valueEnd, varint } from './protobuf-wire.ts'
import { PLAIN } from './quantity.ts'
import type { Visitor } from './visitor.ts'

/** Messages within messages are followed so far; hostile ones could go on for ever. */
const MAX_NESTING = 8
/** Unknown fields that are remembered by number; a device has some hundreds. */
const MAX_NODES = 16_384
const TWO_32 = 4_294_967_296

/** One field number at its place in the tree of messages. */
interface Node {
  readonly path: string
  readonly depth: number
  readonly children: Map<number, Node>
  readonly known: FieldPlan | undefined
  /** The definition has fields inside it; what earlier payloads had there says nothing about the next one. */
  holds: boolean
  /** What an unknown field is shown as, by what came: varint, fixed, text, bytes. */
  readonly generic: (FieldPlan | undefined)[]
  /** Occurrences in the message at hand. */
  count: number
}

/** The fields of one definition as a tree, and the list of what the message at hand holds; reused for every message. */
class ProtobufWalker {
  readonly #root: Node
  readonly #fields: ReadonlyMap<string, FieldPlan>
  #nodes = 0
  /** Per field found: its node, wire type, and its bytes or the halves of its number. */
  readonly #found: Node[] = []
  #spans = new Int32Array(3 * 64)
  #halves = new Int32Array(2 * 64)
  #length = 0

  constructor({ fields }: Layout) {
    this.#fields = new Map(fields.map(field => [field.path.join('.'), field]))
    this.#root = this.#node('', 0)
    this.#plant()
  }

  /** Fields within a message make it one, also before any of them has come. */
  #plant(): void {
    for (const { path } of this.#fields.values()) {
      let node = this.#root
      for (const number of path) {
        node.holds = true
        node = this.#child(node, number)
      }
    }
  }

  walk(bytes: Uint8Array, start: number, end: number, visitor: Visitor, guesses: boolean): void {
    this.#length = 0
    try {
      this.#collect(this.#root, bytes, start, end)
      for (let i = 0; i < this.#length; i++) this.#visit(i, bytes, visitor, guesses)
    } finally {
      for (let i = 0; i < this.#length; i++) this.#found[i]!.count = 0
      if (this.#nodes > MAX_NODES) this.#forget()
    }
  }

  #forget(): void {
    this.#root.children.clear()
    this.#nodes = 0
    this.#plant()
  }

  #collect(parent: Node, bytes: Uint8Array, start: number, end: number): void {
    let at = start
    while (at < end) {
      at = varint(bytes, at, end)
      const number = (last.high * 2 ** 29 + (last.low >>> 3)) >>> 0
      const wire = last.low & 7
      const node = this.#child(parent, number)
      const to = valueEnd(bytes, at, end, wire)
      const from = wire === BYTES ? last.bodyStart : at
      if (wire === BYTES && node.depth <= MAX_NESTING && isMessage(node, bytes, from, to)) {
        this.#collect(node, bytes, from, to)
      } else {
        this.#add(node, wire, from, to)
      }
      at = to
    }
  }

  #add(node: Node, wire: number, from: number, to: number): void {
    const i = this.#length++
    if (i * 3 + 3 > this.#spans.length) {
      this.#spans = doubled(this.#spans)
      this.#halves = doubled(this.#halves)
    }
    this.#found[i] = node
    node.count++
    this.#spans[i * 3] = wire
    this.#spans[i * 3 + 1] = from
    this.#spans[i * 3 + 2] = to
    this.#halves[i * 2] = last.low
    this.#halves[i * 2 + 1] = last.high
  }

  /** Visits field `i`; several of one number are an array, where the first of them stands. */
  #visit(i: number, bytes: Uint8Array, visitor: Visitor, guesses: boolean): void {
    const node = this.#found[i]!
    if (node.count === 0) return
    const { known } = node
    if (known !== undefined && (!known.published || (known.guess && !guesses))) return
    const field = known ?? this.#generic(node, i, bytes)
    if (node.count === 1) {
      this.#value(field, i, bytes, visitor)
      return
    }
    visitor.openArray(field)
    for (let k = i; k < this.#length; k++) if (this.#found[k] === node) this.#value(field, k, bytes, visitor)
    visitor.closeArray(field)
    node.count = 0
  }

  #value(field: FieldPlan, i: number, bytes: Uint8Array, visitor: Visitor): void {
    const wire = this.#spans[i * 3]!
    if (wire === BYTES) {
      visitor.span(field, bytes, this.#spans[i * 3 + 1]!, this.#spans[i * 3 + 2]!)
      return
    }
    const number = numberOf(field, wire, this.#halves[i * 2]!, this.#halves[i * 2 + 1]!)
    if (typeof number === 'bigint') visitor.big(field, number)
    else visitor.number(field, number)
  }

  #generic(node: Node, i: number, bytes: Uint8Array): FieldPlan {
    const wire = this.#spans[i * 3]!
    const text = wire === BYTES && isText(bytes, this.#spans[i * 3 + 1]!, this.#spans[i * 3 + 2]!)
    const slot = text ? 6 : wire
    node.generic[slot] ??= genericField(node.path, wire, text)
    return node.generic[slot]!
  }

  #child(parent: Node, number: number): Node {
    const known = parent.children.get(number)
    if (known !== undefined) return known
    const path = parent.path === '' ? String(number) : `${parent.path}.${number}`
    const node = this.#node(path, parent.depth + 1)
    parent.children.set(number, node)
    return node
  }

  #node(path: string, depth: number): Node {
    this.#nodes++
    return { path, depth, children: new Map(), known: this.#fields.get(path), holds: false, generic: [], count: 0 }
  }
}

const walkers = new WeakMap<Layout, ProtobufWalker>()

/**
 * Visits the fields of a protobuf message `bytes[start, end)` in wire order: those of `layout` under their names, all
 * others under their field numbers (`"62"`, nested `"65.3"`). A field that occurs several times becomes an array.
 * Throws `DecodeError` where the bytes are no message. Source: the public Protocol Buffers encoding documentation.
 */
export function walkProtobuf(
  layout: Layout,
  bytes: Uint8Array,
  start: number,
  end: number,
  visitor: Visitor,
  guesses: boolean,
): void {
  let walker = walkers.get(layout)
  if (walker === undefined) {
    walker = new ProtobufWalker(layout)
    walkers.set(layout, walker)
  }
  walker.walk(bytes, start, end, visitor, guesses)
}

/** Whether a length-delimited field holds fields: the definition says so, or it parses as such and is not text. */
function isMessage(node: Node, bytes: Uint8Array, start: number, end: number): boolean {
  if (node.known !== undefined) return false
  if (node.holds) return true
  return start < end && !isText(bytes, start, end) && parses(bytes, start, end)
}

function doubled(array: Int32Array<ArrayBuffer>): Int32Array<ArrayBuffer> {
  const grown = new Int32Array(array.length * 2)
  grown.set(array)
  return grown
}

const scratch = new DataView(new ArrayBuffer(8))

/** The number of two 32-bit halves as the field's type has it. */
function numberOf({ form, signed }: FieldPlan, wire: number, lower: number, upper: number): number | bigint {
  if (form === FORM.float && wire !== VARINT) {
    scratch.setInt32(0, lower, true)
    scratch.setInt32(4, upper, true)
    return wire === FIXED32 ? scratch.getFloat32(0, true) : scratch.getFloat64(0, true)
  }
  if (wire === FIXED32) return signed ? lower : lower >>> 0
  const value = (signed ? upper : upper >>> 0) * TWO_32 + (lower >>> 0)
  if (Number.isSafeInteger(value)) return value
  const exact = (BigInt(upper) << 32n) | BigInt(lower >>> 0)
  return signed ? exact : BigInt.asUintN(64, exact)
}

/** A field that no definition names: varints are signed numbers, fixed ones floats, bytes text or hex. */
function genericField(path: string, wire: number, text: boolean): FieldPlan {
  const form = wire === VARINT ? FORM.int : wire === BYTES ? (text ? FORM.text : FORM.hex) : FORM.float
  return {
    ...keyBytes(path),
    name: path,
    published: true,
    guess: false,
    at: 0,
    skip: 0,
    anchor: -1,
    size: 0,
    need: 0,
    read: READ.bits,
    form,
    bits: wire === FIXED32 ? 32 : 64,
    signed: true,
    segments: new Int32Array(0),
    quantity: PLAIN,
    plain: true,
    na: [],
    names: new Map(),
    jsonNames: new Map(),
    trim: true,
    slot: -1,
    when: undefined,
    repeat: undefined,
    layout: undefined,
    path: path.split('.').map(Number),
    options: {},
  }
}
