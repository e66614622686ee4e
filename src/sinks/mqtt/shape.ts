import type { FieldInfo } from '../../core/field-info.ts'
import type { Value, Values } from '../../core/values.ts'

/** Elements of a list that are told apart; what a longer list has beyond them is published and not declared. */
const MAX_ELEMENTS = 64

/** Values, elements and inner values that are told apart; far more than a device has. */
const MAX_NODES = 4000

/** What has been seen of a field. */
interface Node {
  readonly field: FieldInfo
  /** Values had decimals that the field's scale does not tell: a floating-point number. */
  fractional: boolean
  /** Of a list. */
  readonly elements: Node[]
  /** Of an object. */
  readonly inner: Map<string, Node>
}

/** A single value that has been seen: a field, an element of a list, a field of an object. */
export interface Leaf {
  /** Names, and places in lists, from 0. */
  readonly path: readonly (string | number)[]
  readonly fields: readonly FieldInfo[]
  readonly fractional: boolean
}

/**
 * What of a device's values has been seen so far: lists as long as the longest one, objects with all fields that ever
 * came. It only grows, so that what was declared once is there in every message.
 */
export class Shape {
  readonly #nodes = new Map<string, Node>()
  #room = MAX_NODES

  /** Takes the values of a reading; tells whether there was something new. */
  see(values: Values, fields: readonly FieldInfo[]): boolean {
    return this.#seeAll(this.#nodes, values, fields)
  }

  /** The values, and null for all that has been seen and is missing; what has no description is left as it is. */
  complete(values: Values): Values {
    return completeAll(this.#nodes, values)
  }

  /** All single values, in the order in which they were seen first. */
  get leaves(): readonly Leaf[] {
    return [...this.#nodes].flatMap(([name, node]) => leavesOf(node, [name], [node.field]))
  }

  #seeAll(nodes: Map<string, Node>, values: Values, fields: readonly FieldInfo[]): boolean {
    let grown = false
    for (const field of fields) {
      if (!Object.hasOwn(values, field.name)) continue
      let node = nodes.get(field.name)
      if (node === undefined) {
        node = this.#node(field)
        if (node === undefined) return grown
        nodes.set(field.name, node)
        grown = true
      }
      if (this.#see(node, values[field.name]!)) grown = true
    }
    return grown
  }

  #see(node: Node, value: Value): boolean {
    const { field } = node
    if (field.array) return Array.isArray(value) && this.#seeList(node, value)
    if (field.type === 'object') return isObject(value) && this.#seeAll(node.inner, value, field.fields ?? [])
    if (node.fractional || field.decimals > 0 || typeof value !== 'number') return false
    node.fractional = Number.isFinite(value) && !Number.isInteger(value)
    return node.fractional
  }

  #seeList(node: Node, values: readonly Value[]): boolean {
    let grown = false
    for (const [i, value] of values.slice(0, MAX_ELEMENTS).entries()) {
      let element = node.elements[i]
      if (element === undefined) {
        element = this.#node({ ...node.field, array: false })
        if (element === undefined) return grown
        node.elements.push(element)
        grown = true
      }
      if (this.#see(element, value)) grown = true
    }
    return grown
  }

  #node(field: FieldInfo): Node | undefined {
    if (this.#room === 0) return undefined
    this.#room--
    return { field, fractional: false, elements: [], inner: new Map() }
  }
}

function leavesOf(node: Node, path: readonly (string | number)[], fields: readonly FieldInfo[]): Leaf[] {
  if (node.field.array) return node.elements.flatMap((element, i) => leavesOf(element, [...path, i], fields))
  if (node.field.type !== 'object') return [{ path, fields, fractional: node.fractional }]
  return [...node.inner].flatMap(([name, inner]) => leavesOf(inner, [...path, name], [...fields, inner.field]))
}

function completeAll(nodes: ReadonlyMap<string, Node>, values: Values): Values {
  const known = [...nodes].map(([name, node]): [string, Value] => [name, complete(node, own(values, name))])
  const others = Object.entries(values).filter(([name]) => !nodes.has(name))
  return Object.fromEntries([...known, ...others])
}

function complete(node: Node, value: Value | undefined): Value {
  if (node.field.array) return completeList(node, Array.isArray(value) ? value : undefined)
  if (node.inner.size > 0) return completeAll(node.inner, isObject(value) ? value : {})
  return value ?? null
}

function completeList(node: Node, list: readonly Value[] | undefined): Value {
  if (list === undefined && node.elements.length === 0) return null
  const known = node.elements.map((element, i) => complete(element, list?.[i]))
  return [...known, ...(list ?? []).slice(known.length)]
}

function own(values: Values, name: string): Value | undefined {
  return Object.hasOwn(values, name) ? values[name] : undefined
}

function isObject(value: Value | undefined): value is Values {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
