import type { Clock } from '../../core/clock.ts'
import { isWattzupError, TimeoutError, UsageError, WattzupError } from '../../core/errors.ts'
import type { Value } from '../../core/values.ts'
import { type Change, type ChangeContext, parseChange } from './change.ts'
import { LxpException } from './exception.ts'
import { type LxpFrame, word } from './frame.ts'
import { DEVICE_TYPE, type Model, modelOf } from './model.ts'
import { readWord, readWords } from './read-words.ts'
import type { WriteRequest } from './request.ts'
import type { Requester } from './requester.ts'

/** What became of a change. */
export type WriteOutcome =
  /** It was so already: nothing was sent. */
  | 'unchanged'
  /** Echoed as sent, and read back. */
  | 'written'
  /** The echo was lost, but it reads back as wanted. */
  | 'written_unanswered'
  /** A command: echoed as sent; there is nothing to read back. */
  | 'accepted'
  /** The inverter answered with an exception. */
  | 'refused'
  /** The echo was lost, and it reads back as not set. It is not sent again. */
  | 'not_written'
  /** Echoed otherwise than sent, or reads back otherwise than echoed. */
  | 'contradicted'
  /** It was sent; whether it arrived is not known. */
  | 'unknown'

const SUCCESSES: readonly WriteOutcome[] = ['unchanged', 'written', 'written_unanswered', 'accepted']

export function isSuccess(outcome: WriteOutcome): boolean {
  return SUCCESSES.includes(outcome)
}

/** What a change takes, by what the inverter says now. */
export interface WritePlan {
  readonly change: Change
  readonly before: Value
  readonly wanted: Value
  /** What will be sent, and its bytes; absent where it is so already. */
  readonly request?: WriteRequest
  readonly bytes?: Uint8Array
}

export interface WriteResult {
  readonly plan: WritePlan
  readonly outcome: WriteOutcome
  /** What it reads back as, where that was possible. */
  readonly after?: Value
  /** Why it is refused or not known. */
  readonly error?: WattzupError
}

export interface WriterOptions extends ChangeContext {
  readonly inverter: string
  /** Else the inverter is asked for its device type. */
  readonly model?: Model
}

const AS_IT_IS: ReadonlyMap<number, number> = new Map()

/** Changes settings of one inverter over one connection. Source: docs/protocols/lxp.md. */
export class SettingWriter {
  readonly #link: Requester
  readonly #options: WriterOptions
  readonly #clock: Clock
  #model: Model | undefined

  constructor(link: Requester, options: WriterOptions, clock: Clock) {
    this.#link = link
    this.#options = options
    this.#clock = clock
    this.#model = options.model
  }

  /**
   * Reads `NAME=VALUE` for the inverter as it is. Rejects with `UsageError` where it may not be written, otherwise like
   * `Requester.request`.
   */
  async parse(text: string, signal: AbortSignal): Promise<Change> {
    return parseChange(text, await this.#modelOf(signal), this.#options)
  }

  /**
   * Reads what `NAME=VALUE` needs and says what would be sent. Sends requests to read, and no other. `assumed` are words
   * that are to be taken for those of registers, in place of what is read. Rejects like `parse`.
   */
  async plan(text: string, signal: AbortSignal, assumed: ReadonlyMap<number, number> = AS_IT_IS): Promise<WritePlan> {
    const { inverter } = this.#options
    const change = await this.parse(text, signal)
    const { register, count, cappedBy } = change
    const cap = cappedBy === undefined ? undefined : await this.#cap(cappedBy, signal, assumed)
    const read = await readWords(this.#link, inverter, register, count, signal)
    const before = read.map((word, i) => assumed.get(register + i) ?? word)
    const now = this.#clock.now()
    const request = change.request(before, now, cap)
    const wanted = request.type === 'write_single' ? [request.value] : request.values
    const common = { change, before: change.show(before), wanted: change.show(wanted) }
    if (!change.isCommand && change.isIn(before, now)) return common
    return { ...common, request, bytes: this.#link.encode(inverter, request) }
  }

  /** Sends what was planned, once, and reads it back. Rejects only when nothing was sent. */
  async execute(plan: WritePlan, signal: AbortSignal): Promise<WriteResult> {
    if (plan.request === undefined) return { plan, outcome: 'unchanged' }
    signal.throwIfAborted()
    const { inverter } = this.#options
    try {
      const echo = await this.#link.request(inverter, plan.request, signal)
      const isEcho = echoes(echo, plan.request)
      if (!isEcho) return { ...(await this.verify(plan, signal)), outcome: 'contradicted' }
      return plan.change.isCommand ? { plan, outcome: 'accepted' } : await this.verify(plan, signal)
    } catch (error) {
      return this.#unanswered(plan, error, signal)
    }
  }

  /** Reads back what was planned, on this connection: `written`, `contradicted`, or `unknown` where that fails. */
  async verify(plan: WritePlan, signal: AbortSignal): Promise<WriteResult> {
    const { change } = plan
    const { inverter } = this.#options
    try {
      const words = await readWords(this.#link, inverter, change.register, change.count, signal)
      const isThere = change.isIn(words, this.#clock.now())
      return { plan, outcome: isThere ? 'written' : 'contradicted', after: change.show(words) }
    } catch (error) {
      return { plan, outcome: 'unknown', error: ownError(error, signal) }
    }
  }

  async #cap(register: number, signal: AbortSignal, assumed: ReadonlyMap<number, number>): Promise<number> {
    return assumed.get(register) ?? readWord(this.#link, this.#options.inverter, register, signal)
  }

  async #unanswered(plan: WritePlan, cause: unknown, signal: AbortSignal): Promise<WriteResult> {
    const error = ownError(cause, signal)
    if (error instanceof LxpException) return { plan, outcome: 'refused', error }
    if (plan.change.isCommand || !(error instanceof TimeoutError)) return { plan, outcome: 'unknown', error }
    const result = await this.verify(plan, signal)
    if (result.outcome === 'unknown') return result
    return { ...result, error, outcome: result.outcome === 'written' ? 'written_unanswered' : 'not_written' }
  }

  async #modelOf(signal: AbortSignal): Promise<Model> {
    if (this.#model !== undefined) return this.#model
    const type = await readWord(this.#link, this.#options.inverter, DEVICE_TYPE, signal)
    this.#model = modelOf(type)
    if (this.#model !== undefined) return this.#model
    const { inverter } = this.#options
    throw new UsageError(`${inverter} is of device type ${type}, which is not known here; say --model`, { type })
  }
}

function echoes(frame: LxpFrame, request: WriteRequest): boolean {
  if (request.type === 'write_multi') return true // its echo is the count, by which it was found
  return word(frame.data, 0) === request.value
}

/** An error that is shown as one line; a defect of ours is thrown. */
function ownError(error: unknown, signal: AbortSignal): WattzupError {
  if (isWattzupError(error)) return error
  if (signal.aborted) return new WattzupError('interrupted', {}, error)
  throw error
}
