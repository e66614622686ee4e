import type { CanMessage } from '../../core/can-bus.ts'
import { StructError } from '../../core/errors.ts'
import type { Values } from '../../core/values.ts'
import type { Codec } from '../../decode/codec.ts'
import type { StructSet } from '../../decode/struct-set.ts'
import { keysOf } from '../../decode/struct-set.ts'
import { idOfKey } from './can-message.ts'

interface Kind extends Pick<CanMessage, 'id' | 'flags'> {
  readonly codec: Codec
}

/** Frames from values, by the messages of one definition; each has the ID that its first key says. */
export class FrameMaker {
  readonly #structs: StructSet
  readonly #model: string | undefined
  readonly #kinds = new Map<string, Kind>()

  constructor(structs: StructSet, model?: string) {
    this.#structs = structs
    this.#model = model
  }

  /** A frame of `length` bytes; `which` picks another key of the message. Throws `DecodeError` at a value that does not fit. */
  make(message: string, values: Values, length = 8, which = 0): CanMessage {
    const { id, flags, codec } = this.#kind(message, which)
    return { id, flags, length, data: codec.encode(values, length) }
  }

  /** Makes sure, once, that all of these messages are defined; their IDs. */
  ids(messages: readonly string[], which = 0): Pick<CanMessage, 'id' | 'flags'>[] {
    return messages.map(message => this.#kind(message, which))
  }

  #kind(message: string, which: number): Kind {
    const name = `${message} ${which}`
    const known = this.#kinds.get(name)
    if (known !== undefined) return known
    const codec = this.#structs.message(message, this.#model)
    const key = codec === undefined ? undefined : keysOf(codec.message)[which]
    if (codec === undefined || key === undefined) {
      throw new StructError(`structs/${this.#structs.name}.json has no message ${message}, or no ID for it`, {
        message,
      })
    }
    const kind = { ...idOfKey(key), codec }
    this.#kinds.set(name, kind)
    return kind
  }
}
