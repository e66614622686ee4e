import type { Values } from '../core/values.ts'
import { joined } from '../protocols/pylontech/snapshot.ts'
import { isSnapshot } from '../protocols/pylontech/view/read-stack.ts'

/** A document about a stack, as it stands in a text. */
export interface Found {
  readonly document: Values
  /** The stack, where several share a stream. */
  readonly device: string
  /** Unix ms, where it is told. */
  readonly time: number | undefined
}

/**
 * The document in a JSON text: a snapshot, the layout of the program before this one, or a reading with one of them as
 * its values, as `pylon poll --json` prints it. Undefined where it is about something else; throws `SyntaxError`.
 */
export function findDocument(text: string): Found | undefined {
  const json: unknown = JSON.parse(text)
  if (!isObject(json)) return undefined
  if (isSnapshot(json)) return { document: json, device: '', time: undefined }
  const { values, device, time } = json
  if (!isObject(values) || !isSnapshot(values)) return undefined
  const at = Date.parse(String(time))
  return { document: values, device: String(device), time: Number.isNaN(at) ? undefined : at }
}

/** Groups of addresses on one line. */
const MOST_STACKS = 8

/** Several stacks that come one by one, as one document. */
export class Stacks {
  readonly #documents = new Map<string, Values>()

  /** The document of all after one of them has changed. */
  add({ document, device }: Found): Values {
    if (this.#documents.has(device) || this.#documents.size < MOST_STACKS) this.#documents.set(device, document)
    const known = [...this.#documents].sort(([a], [b]) => (a < b ? -1 : 1))
    return joined(known.map(([, own]) => own)) ?? document
  }
}

function isObject(value: unknown): value is Values {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
