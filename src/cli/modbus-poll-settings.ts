import type { Clock } from '../core/clock.ts'
import { isWattzupError, WattzupError } from '../core/errors.ts'
import type { Value } from '../core/values.ts'
import type { StructSet } from '../decode/struct-set.ts'
import type { DongleLink } from '../protocols/lxp/dongle-link.ts'
import type { LxpFrame } from '../protocols/lxp/frame.ts'
import { MODELS, type Model } from '../protocols/lxp/model.ts'
import { modelIn } from '../protocols/lxp/models-seen.ts'
import { type SettingRange, writableSettings } from '../protocols/lxp/writable.ts'
import { isSuccess, SettingWriter, type WriteResult } from '../protocols/lxp/writer.ts'
import type { Commands, SetCommand } from '../sinks/mqtt/command-desk.ts'
import type { Settable } from '../sinks/mqtt/settable.ts'
import { outcomeText } from './modbus-write-text.ts'

/** A connection that is polled, for as long as `signal` does not abort. */
interface Connected {
  readonly link: DongleLink
  readonly signal: AbortSignal
}

/** Changes settings over the connections that are polled: what comes as a command by MQTT. Only what is safe. */
export class PollSettings {
  readonly commands: Commands
  readonly #structs: StructSet
  readonly #model: Model | undefined
  readonly #clock: Clock
  /** By name; limits are those of the model that was heard last. */
  readonly #settable = new Map<string, Settable>()
  readonly #models = new Map<string, Model>()
  readonly #connected = new Set<Connected>()

  /** `model` is that of every inverter; else each tells its own. */
  constructor(structs: StructSet, model: Model | undefined, clock: Clock) {
    this.#structs = structs
    this.#model = model
    this.#clock = clock
    for (const known of MODELS) this.#limit(known)
    if (model !== undefined) this.#limit(model)
    this.commands = { settable: this.#settable, execute: command => this.#execute(command) }
  }

  /** Takes what a frame says of the model of its inverter. */
  readonly learn = (frame: LxpFrame): void => {
    const model = modelIn(frame)
    if (this.#model !== undefined || model === undefined || frame.inverter === undefined) return
    if (this.#models.get(frame.inverter) === model) return
    this.#models.set(frame.inverter, model)
    this.#limit(model)
  }

  /** Commands may go over a connection until what this gives is disposed of. */
  connected(link: DongleLink, signal: AbortSignal): Disposable {
    const connected = { link, signal }
    this.#connected.add(connected)
    return { [Symbol.dispose]: () => void this.#connected.delete(connected) }
  }

  #limit(model: Model): void {
    for (const { name, range } of writableSettings(this.#structs, model, false)) {
      const settable = settableOf(range)
      if (settable !== undefined) this.#settable.set(name, settable)
    }
  }

  async #execute({ device, field, value }: SetCommand): Promise<Value> {
    const found = [...this.#connected].find(({ link }) => link.serials.inverters.includes(device))
    if (found === undefined) throw new WattzupError(`${device} is not connected`)
    const model = this.#model ?? this.#models.get(device)
    if (model === undefined) {
      throw new WattzupError(`the model of ${device} is not known yet: it is in hold:19, or say --model`)
    }
    const result = await this.#write(found, device, model, `${field}=${valueText(value)}`)
    const { plan, outcome, after } = result
    if (isSuccess(outcome)) return after ?? plan.before
    throw new WattzupError(outcomeText(result))
  }

  /** Reads, writes and reads back, with no request of the poll between. */
  async #write({ link, signal }: Connected, inverter: string, model: Model, text: string): Promise<WriteResult> {
    const options = { inverter, model, structs: this.#structs, force: false, zone: 'local' as const }
    try {
      return await link.together(async requester => {
        const writer = new SettingWriter(requester, options, this.#clock)
        return writer.execute(await writer.plan(text, signal), signal)
      }, signal)
    } catch (error) {
      if (isWattzupError(error) || !signal.aborted) throw error
      throw new WattzupError('the connection to the dongle ended before anything was sent', {}, error)
    }
  }
}

function valueText(value: Value): string {
  return typeof value === 'boolean' ? (value ? 'on' : 'off') : String(value)
}

/** What Home Assistant shows a setting as; undefined for what it cannot show. */
function settableOf(range: SettingRange): Settable | undefined {
  switch (range.kind) {
    case 'number':
      return { platform: 'number', min: range.min, max: range.max, step: range.step }
    case 'switch':
      return { platform: 'switch' }
    case 'choice':
      return { platform: 'select', options: range.names }
    case 'time':
      return { platform: 'text', maxLength: 5, pattern: '([01]?[0-9]|2[0-3]):[0-5][0-9]' }
    case 'clock':
      return undefined // it is no value of any reading
  }
}
