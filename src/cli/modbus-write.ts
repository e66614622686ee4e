import { type Endpoint, endpointText } from '../core/endpoint.ts'
import { ClosedPipe, isWattzupError, TimeoutError, TransportError, UsageError, WattzupError } from '../core/errors.ts'
import { backoffMs } from '../core/keep-connected.ts'
import { type ChangeContext, checkChange } from '../protocols/lxp/change.ts'
import type { DongleLink, LinkOptions } from '../protocols/lxp/dongle-link.ts'
import type { Zone } from '../protocols/lxp/local-time.ts'
import { RejectTally } from '../protocols/lxp/reject-tally.ts'
import { SerialBook } from '../protocols/lxp/serial-book.ts'
import { withDongle } from '../protocols/lxp/with-dongle.ts'
import type { Io } from './io.ts'
import {
  CONNECT_MS,
  type DongleFlags,
  givenSerials,
  unreadableText,
  waitingText,
  whenLearned,
} from './modbus-dongle.ts'
import { WriteJob } from './modbus-write-job.ts'
import { outcomeText, reportJson, type SettingReport } from './modbus-write-text.ts'
import { openStructs } from './open-structs.ts'

export interface WriteFlags extends DongleFlags {
  readonly dryRun?: true
  readonly force?: true
  readonly tz?: Zone
  readonly json?: true
  /** Seconds to wait for the serial numbers. */
  readonly timeout: number
}

/** Packets of a burst come within a second: then all inverters behind the dongle are known. */
const BURST_MS = 2000

/** So many connections are made to read back what was sent over one that was lost. */
const RECONNECTS = 5

/** Runs `modbus write`: sets `NAME=VALUE` of one inverter, in the order given. */
export async function runWrite(io: Io, host: Endpoint, settings: readonly string[], flags: WriteFlags): Promise<void> {
  const structs = (await openStructs(io, flags.structs)).load('lxp')
  const context = { structs, force: flags.force === true, zone: flags.tz ?? ('local' as const) }
  for (const setting of settings) checkChange(setting, flags.model, context)
  warn(io, settings, flags, context)
  await new SettingRun(io, host, settings, flags, context).run()
}

/** Says loudly what only `--force` permits. */
function warn({ err }: Io, settings: readonly string[], { model }: WriteFlags, context: ChangeContext): void {
  for (const setting of settings) {
    try {
      checkChange(setting, model, { ...context, force: false })
    } catch (error) {
      if (!(error instanceof UsageError)) throw error
      const danger = 'DANGER: a wrong value can damage inverter, battery or grid, or cut the inverter off'
      err.write(`wattzup: ${danger}; --force: ${setting}\n`)
    }
  }
}

class SettingRun {
  readonly #io: Io
  readonly #host: Endpoint
  readonly #name: string
  readonly #flags: WriteFlags
  readonly #context: ChangeContext
  readonly #serials: SerialBook
  readonly #job: WriteJob
  readonly #rejects = new RejectTally()
  #inverter: string | undefined
  #frames = 0

  constructor(io: Io, host: Endpoint, settings: readonly string[], flags: WriteFlags, context: ChangeContext) {
    this.#io = io
    this.#host = host
    this.#name = endpointText(host)
    this.#flags = flags
    this.#context = context
    this.#serials = new SerialBook(givenSerials(flags))
    const report = (setting: string, report: SettingReport) => this.#report(setting, report)
    this.#job = new WriteJob({ settings, dryRun: flags.dryRun === true, report }, io.clock)
  }

  async run(): Promise<void> {
    try {
      await this.#connections()
    } catch (error) {
      const stopped = this.#io.signal.aborted
      if (!stopped && !isWattzupError(error)) throw error
      const why = stopped ? new WattzupError('interrupted') : (error as WattzupError)
      if (this.#inverter !== undefined) this.#job.giveUp(why)
      throw why
    } finally {
      if (this.#rejects.total > 0) this.#note(this.#rejects.summary())
      if (this.#rejects.total > 0 && this.#frames === 0) this.#note(unreadableText(this.#name))
    }
    if (!this.#job.isSuccessful) this.#io.status.code = 1
  }

  /** One connection, and more while it is not known what became of something that was sent. */
  async #connections(): Promise<void> {
    const { clock, random, signal } = this.#io
    for (let failures = 0; ; failures++) {
      try {
        await this.#connection()
        return
      } catch (error) {
        const isLost = error instanceof TransportError || error instanceof TimeoutError
        if (signal.aborted || !isLost || !this.#job.hasSent || failures === RECONNECTS) throw error
        const waitMs = backoffMs(failures, random)
        this.#note(`${error.message}; connecting again in ${Math.round(waitMs / 1000)} s, to read back what was sent`)
        await clock.sleep(waitMs, signal)
      }
    }
  }

  async #connection(): Promise<void> {
    const { network, clock, signal } = this.#io
    await using transport = await network.connect(this.#host, CONNECT_MS, signal)
    const options: LinkOptions = {
      serials: this.#serials,
      answerHeartbeats: this.#flags.heartbeat !== false,
      onFrame: () => {
        this.#frames++
      },
      onReject: this.#rejects.add,
    }
    await withDongle(transport, clock, options, (link, ended) => this.#write(link, ended), signal)
  }

  async #write(link: DongleLink, signal: AbortSignal): Promise<void> {
    this.#inverter ??= await this.#oneInverter(signal)
    const { model } = this.#flags
    const options = { ...this.#context, inverter: this.#inverter, ...(model === undefined ? {} : { model }) }
    await this.#job.run(link, options, signal, this.#io.signal)
  }

  /** The inverter to write to: never one of several that the user did not choose. */
  async #oneInverter(signal: AbortSignal): Promise<string> {
    const { clock } = this.#io
    const { inverter, timeout } = this.#flags
    if (!this.#serials.isKnown) this.#note(waitingText(this.#name))
    await whenLearned(this.#name, this.#serials, timeout * 1000, clock, signal)
    if (inverter !== undefined) return inverter
    await clock.sleep(BURST_MS, signal)
    const { inverters } = this.#serials
    if (inverters.length > 1) {
      throw new UsageError(`${this.#name} speaks of several inverters, ${inverters.join(', ')}; choose with --inverter`)
    }
    this.#note(`${this.#name}: inverter ${inverters[0]}`)
    return inverters[0]!
  }

  #report(setting: string, report: SettingReport): void {
    const name = setting.slice(0, setting.indexOf('=')).trim()
    const line =
      this.#flags.json === true ? reportJson(name, this.#inverter!, report) : `${name}: ${outcomeText(report)}`
    try {
      this.#io.out.write(`${line}\n`)
    } catch (error) {
      if (!(error instanceof ClosedPipe)) throw error // nobody reads it: no reason to leave settings half done
    }
  }

  #note(text: string): void {
    this.#io.err.write(`wattzup: ${text}\n`)
  }
}
