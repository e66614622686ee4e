import type { CanMessage } from '../../../../../core/can-bus.ts'
import type { Values } from '../../../../../core/values.ts'
import type { Codec } from '../../../../../decode/codec.ts'
import type { StructSet } from '../../../../../decode/struct-set.ts'
import { canKey, dataOf } from '../../../can-message.ts'
import { FrameMaker } from '../../../frame-maker.ts'
import { Periodic } from '../../../periodic.ts'
import { INVERTER_SETTINGS } from '../../../simulator/inverter-settings.ts'
import type { NodeParts, Outgoing, SettingsView, SimulatedNode, SimulatorKind } from '../../../simulator/node.ts'
import { type TakenAmperes, TakenLimits } from '../../../simulator/taken-limits.ts'
import { type PylonForm, pylonForm } from '../options.ts'

/** An inverter asks, or says that it is there, so often, ms. */
const PERIOD_MS = 1000
const HEARTBEAT = '0000000000000000'

/** A pretended inverter for Pylontech batteries of any dialect: asks, and heeds the answers. Source: docs/protocols/pylon-can.md. */
export const pylonSimulator: SimulatorKind = {
  settings: INVERTER_SETTINGS,
  messages: ['request', 'heartbeat'],
  create: (parts, at) => new SimulatedPylonInverter(parts, at),
}

class SimulatedPylonInverter implements SimulatedNode {
  readonly #structs: StructSet
  readonly #frames: FrameMaker
  readonly #form: PylonForm
  readonly #settings: SettingsView
  readonly #tell: (text: string) => void
  readonly #limits: TakenLimits
  readonly #timer = new Periodic(PERIOD_MS)
  #identified = false
  /** The limits as they were said, and what is forbidden beside; A. */
  #amperes: TakenAmperes = { charge: 0, discharge: 0 }
  #allowed = { charge: true, discharge: true }

  constructor({ structs, options, settings, tell }: NodeParts, at: number) {
    this.#form = pylonForm(options)
    this.#structs = structs
    this.#frames = new FrameMaker(structs, this.#form.model)
    this.#settings = settings
    this.#tell = tell
    this.#limits = new TakenLimits(tell)
    this.#timer.start(at, 0)
  }

  get due(): number {
    return this.#timer.due
  }

  handle(frame: CanMessage, at: number): void {
    const codec = this.#structs.codec([canKey(frame)], this.#form.model)
    if (codec === undefined) return
    const values = codec.decode(dataOf(frame), { short: 'omit' })
    if (['ensemble', 'maker'].includes(codec.name)) this.#identify()
    if (this.#take(codec, values)) this.#limits.told(this.#mayFlow, at)
  }

  tick(at: number): Outgoing[] {
    if (this.#limits.step(at)) this.#identified = false
    if (!this.#timer.take(at)) return []
    if (this.#form.lowVoltage) return [this.#outgoing('heartbeat', { filler: HEARTBEAT })]
    const system = this.#outgoing('request', { request: 'system' })
    return this.#identified ? [system] : [this.#outgoing('request', { request: 'ensemble' }), system]
  }

  #identify(): void {
    if (!this.#identified) this.#tell('the battery has identified itself')
    this.#identified = true
  }

  flowing(at: number): number {
    return this.#limits.flowing(this.#settings.number('current', at))
  }

  /** Whether the message says what may flow; a limit counts when the last of those messages has come. */
  #take({ name }: Codec, values: Values): boolean {
    if (name === 'limits') {
      const { max_charge_current: charge, max_discharge_current: discharge } = values
      if (typeof charge === 'number' && typeof discharge === 'number') this.#amperes = { charge, discharge }
    } else if (name === 'forbidden') {
      this.#allowed = { charge: values['charge'] === 'allowed', discharge: values['discharge'] === 'allowed' }
    } else if (name === 'enable') {
      this.#allowed = { charge: values['charge_enable'] === true, discharge: values['discharge_enable'] === true }
    }
    return name === 'forbidden' || name === 'enable'
  }

  get #mayFlow(): TakenAmperes {
    const { charge, discharge } = this.#amperes
    return { charge: this.#allowed.charge ? charge : 0, discharge: this.#allowed.discharge ? discharge : 0 }
  }

  #outgoing(message: string, values: Values): Outgoing {
    return { message, frame: this.#frames.make(message, values) }
  }
}
