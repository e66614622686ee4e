import { DecodeError } from '../../../core/errors.ts'
import { CLOCK_REGISTER, isClock } from '../clock-change.ts'
import type { DongleLink } from '../dongle-link.ts'
import { FAILURE, ILLEGAL_ADDRESS, ILLEGAL_FUNCTION, ILLEGAL_VALUE, LxpException } from '../exception.ts'
import { DEVICE_TYPE, type Model, modelOf } from '../model.ts'
import { readWord } from '../read-words.ts'
import type { WriteRequest, WriteSingleRequest } from '../request.ts'
import { type Refusal, refusalOf, ruleOf } from '../write-rules.ts'

/** What clients of a proxy may write: nothing, what is safe, or what is dangerous too. */
export type WritePermission = 'none' | 'safe' | 'dangerous'

export interface GuardOptions {
  readonly writes: WritePermission
  /** Of every inverter; else each is asked for its device type. */
  readonly model?: Model
}

/** Decides by the rules for settings which writes of clients reach an inverter. One for each connection to the dongle. */
export class WriteGuard {
  readonly #link: DongleLink
  readonly #options: GuardOptions
  readonly #models = new Map<string, Model>()

  constructor(link: DongleLink, options: GuardOptions) {
    this.#link = link
    this.#options = options
  }

  /**
   * The error code that a write is refused with, undefined where it may be sent; reads what that depends on. Rejects
   * like `Requester.request`, but not with what the inverter says: what cannot be read cannot be judged, and is refused.
   */
  async refusal(inverter: string, request: WriteRequest, signal: AbortSignal): Promise<number | undefined> {
    const code = staticRefusal(request, this.#options.writes)
    if (code !== undefined || request.type === 'write_multi') return code
    try {
      return await this.#judged(inverter, request, signal)
    } catch (error) {
      if (error instanceof LxpException || error instanceof DecodeError) return FAILURE
      throw error
    }
  }

  async #judged(inverter: string, request: WriteSingleRequest, signal: AbortSignal): Promise<number | undefined> {
    const { register, value } = request
    const read = (other: number) => readWord(this.#link, inverter, other, signal)
    const model = await this.#modelOf(inverter, read)
    if (model === undefined) return FAILURE
    const rule = ruleOf(register)
    const changed = rule?.kind === 'bits' ? (await read(register)) ^ value : 0xffff
    const write = { register, word: value, changed, model }
    const isCapped = rule?.kind === 'number' && rule.atMost !== undefined
    const refusal = refusalOf(isCapped ? { ...write, cap: await read(rule.atMost) } : write, this.#isForced)
    return refusal === undefined ? undefined : codeOf(refusal, register)
  }

  get #isForced(): boolean {
    return this.#options.writes === 'dangerous'
  }

  async #modelOf(inverter: string, read: (register: number) => Promise<number>): Promise<Model | undefined> {
    const known = this.#options.model ?? this.#models.get(inverter)
    if (known !== undefined) return known
    const model = modelOf(await read(DEVICE_TYPE))
    if (model !== undefined) this.#models.set(inverter, model)
    return model
  }
}

/** The error code that a write is refused with whatever the inverter says; undefined where that must be asked first. */
export function staticRefusal(request: WriteRequest, writes: WritePermission): number | undefined {
  if (writes === 'none') return ILLEGAL_FUNCTION
  const { register } = request
  if (request.type === 'write_single') return ruleOf(register) === undefined ? ILLEGAL_ADDRESS : undefined
  if (register !== CLOCK_REGISTER) return ILLEGAL_ADDRESS
  return isClock(request.values) ? undefined : ILLEGAL_VALUE
}

function codeOf({ why }: Refusal, register: number): number {
  if (why === 'limits' || why === 'time') return ILLEGAL_VALUE
  return ruleOf(register)?.kind === 'bits' ? ILLEGAL_VALUE : ILLEGAL_ADDRESS
}
