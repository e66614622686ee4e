import type { Clock } from '../core/clock.ts'
import { isWattzupError, TimeoutError, TransportError, WattzupError } from '../core/errors.ts'
import type { Requester } from '../protocols/lxp/requester.ts'
import { isSuccess, SettingWriter, type WritePlan, type WriterOptions } from '../protocols/lxp/writer.ts'
import type { SettingReport } from './modbus-write-text.ts'

export interface WriteJobOptions {
  /** `NAME=VALUE`. */
  readonly settings: readonly string[]
  /** Only say what would be sent. */
  readonly dryRun: boolean
  readonly report: (setting: string, report: SettingReport) => void
}

/**
 * Writes settings one after the other, up to the first that fails: those behind it may rely on it. Outlives connections:
 * what was sent over one that was lost is read back over the next, and not sent again.
 */
export class WriteJob {
  isSuccessful = true
  readonly #options: WriteJobOptions
  readonly #clock: Clock
  /** Settings of which is known what became of them. */
  #settled = 0
  /** What was sent over a connection that is lost. */
  #sent: WritePlan | undefined
  /** Words that registers would have by now if it were no dry run. */
  readonly #assumed = new Map<number, number>()

  constructor(options: WriteJobOptions, clock: Clock) {
    this.#options = options
    this.#clock = clock
  }

  /** Something has been sent: what is not known of it is worth another connection. */
  get hasSent(): boolean {
    return this.#sent !== undefined
  }

  /**
   * Goes on over a connection. `signal` ends the connection, `stop` the run. Rejects when the connection is lost, also with
   * `UsageError` where a setting is not for this inverter: then nothing has been sent.
   */
  async run(requester: Requester, options: WriterOptions, signal: AbortSignal, stop: AbortSignal): Promise<void> {
    const { settings } = this.#options
    const writer = new SettingWriter(requester, options, this.#clock)
    if (this.#sent !== undefined) await this.#verify(writer, this.#sent, signal)
    else for (const setting of settings) await writer.parse(setting, signal)
    while (this.isSuccessful && this.#settled < settings.length) {
      const setting = settings[this.#settled]!
      const report = await this.#one(writer, setting, signal, stop)
      this.#settle(report)
    }
    if (!this.isSuccessful) this.giveUp(new WattzupError('one before it failed'))
  }

  /** Says of all that is left that it is not done. */
  giveUp(error: Error): void {
    const sent = this.#sent
    if (sent !== undefined) this.#settle({ outcome: 'unknown', plan: sent, error })
    while (this.#settled < this.#options.settings.length) this.#settle({ outcome: 'not_sent', error })
  }

  async #one(writer: SettingWriter, setting: string, signal: AbortSignal, stop: AbortSignal): Promise<SettingReport> {
    const plan = await this.#plan(writer, setting, signal)
    if (!('change' in plan)) return plan
    if (this.#options.dryRun) return this.#assume(plan)
    const result = await writer.execute(plan, signal)
    const { outcome, error } = result
    if (outcome !== 'unknown' || stop.aborted || plan.change.isCommand) return result
    this.#sent = plan
    throw error
  }

  /** What a setting takes, or why it cannot be said; rejects when that is for the connection's sake. */
  async #plan(writer: SettingWriter, setting: string, signal: AbortSignal): Promise<WritePlan | SettingReport> {
    try {
      return await writer.plan(setting, signal, this.#assumed)
    } catch (error) {
      const isLost = error instanceof TransportError || error instanceof TimeoutError
      if (isLost || !isWattzupError(error)) throw error
      return { outcome: 'not_sent', error }
    }
  }

  #assume(plan: WritePlan): SettingReport {
    const { request } = plan
    if (request === undefined) return { outcome: 'unchanged', plan }
    const words =
      request.type === 'write_single' ? [request.value] : request.type === 'write_multi' ? request.values : []
    for (const [i, word] of words.entries()) this.#assumed.set(request.register + i, word)
    return { outcome: 'planned', plan }
  }

  async #verify(writer: SettingWriter, plan: WritePlan, signal: AbortSignal): Promise<void> {
    const result = await writer.verify(plan, signal)
    if (result.outcome === 'unknown') throw result.error
    this.#settle({ ...result, outcome: result.outcome === 'written' ? 'written_unanswered' : 'not_written' })
  }

  #settle(report: SettingReport): void {
    const { outcome } = report
    this.isSuccessful &&= outcome === 'planned' || (outcome !== 'not_sent' && isSuccess(outcome))
    this.#sent = undefined
    this.#options.report(this.#options.settings[this.#settled++]!, report)
  }
}
