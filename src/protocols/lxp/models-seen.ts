import { type LxpFrame, word } from './frame.ts'
import { DEVICE_TYPE, type Model, modelOf } from './model.ts'

/** Which model each inverter is: what the user says, else what its register 19 said last, else a default. */
export class ModelsSeen {
  readonly #chosen: Model | undefined
  readonly #fallback: Model
  readonly #seen = new Map<string, Model>()

  constructor(chosen: Model | undefined, fallback: Model) {
    this.#chosen = chosen
    this.#fallback = fallback
  }

  /** The model by which to read a frame; one that holds register 19 is itself read by what that says. */
  of(frame: LxpFrame): Model {
    if (this.#chosen !== undefined) return this.#chosen
    const inverter = frame.inverter ?? ''
    const model = modelIn(frame)
    if (model !== undefined) this.#seen.set(inverter, model)
    return this.#seen.get(inverter) ?? this.#fallback
  }
}

/** What a frame says that its inverter is; undefined where it says nothing, or nothing that is known. */
export function modelIn({ type, direction, register = 0, data }: LxpFrame): Model | undefined {
  if (type !== 'hold' || direction !== 'reply') return undefined
  const at = (DEVICE_TYPE - register) * 2
  return at >= 0 && at + 2 <= data.length ? modelOf(word(data, at)) : undefined
}
