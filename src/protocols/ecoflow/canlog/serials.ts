import type { Codec } from '../../../decode/codec.ts'
import type { FieldPlan } from '../../../decode/plan.ts'
import { latin1 } from '../../../decode/text.ts'
import type { View } from './view.ts'

/** What a serial number looks like; wrong offsets give texts that do not. */
const GENUINE = /^[0-9A-Z-]{16}$/

/** A stream has one serial and its messages another. */
export interface SerialMismatch {
  readonly known: string
  readonly found: string
}

/** The serial numbers that streams have told, by stream; the first one wins. */
export class Serials {
  readonly #byStream = new Map<string, string>()
  readonly #fields = new WeakMap<Codec, FieldPlan | null>()
  readonly #onlyGenuine: boolean

  /** `onlyGenuine`: accept 16 digits, capitals and dashes, nothing else. */
  constructor(onlyGenuine: boolean) {
    this.#onlyGenuine = onlyGenuine
  }

  /** Takes the serial of a message whose record has one; gives a mismatch with the known one. */
  learn(view: View, codec: Codec): SerialMismatch | undefined {
    const field = this.#field(codec)
    if (field === null) return undefined
    const end = Math.min(field.at + field.size, view.length)
    const found = latin1(view.payload, Math.min(field.at, end), end, false)
    if (found === '' || (this.#onlyGenuine && !GENUINE.test(found))) return undefined
    const stream = view.str
    const known = this.#byStream.get(stream)
    if (known === undefined) this.#byStream.set(stream, found)
    return known === undefined || known === found ? undefined : { known, found }
  }

  /** The serial of a stream as text lines show it: anything odd as `_`; undefined while unknown. */
  shown(stream: string): string | undefined {
    return this.#byStream.get(stream)?.replace(/[^\x20-\x7d]/g, '_')
  }

  /** All serials by stream, raw. */
  get all(): ReadonlyMap<string, string> {
    return this.#byStream
  }

  #field(codec: Codec): FieldPlan | null {
    const known = this.#fields.get(codec)
    if (known !== undefined) return known
    const field = codec.layout.fields.find(({ name, size }) => name === 'serial' && size > 0) ?? null
    this.#fields.set(codec, field)
    return field
  }
}
