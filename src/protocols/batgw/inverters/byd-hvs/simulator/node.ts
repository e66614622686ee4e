import type { CanMessage } from '../../../../../core/can-bus.ts'
import type { Values } from '../../../../../core/values.ts'
import type { StructSet } from '../../../../../decode/struct-set.ts'
import { canKey, dataOf, isWhole } from '../../../can-message.ts'
import { FrameMaker } from '../../../frame-maker.ts'
import { Periodic } from '../../../periodic.ts'
import { Cyclic, type CyclicRow } from '../../../simulator/cyclic.ts'
import { INVERTER_SETTINGS } from '../../../simulator/inverter-settings.ts'
import type { NodeParts, Outgoing, SettingsView, SimulatedNode, SimulatorKind } from '../../../simulator/node.ts'
import { TakenLimits } from '../../../simulator/taken-limits.ts'
import { numberOf } from '../../../value-of.ts'

/** Until the battery has identified itself it is asked so often, ms. */
const ASK_PERIOD_MS = 5000
/** What 111 says, s since 1970: 2024-12-03, as in a recording; the pretended clock goes on from there. */
const CLOCK = 0x674f3c10
const STATE = '0404001700010400'

/** A pretended inverter for a Battery-Box HVS: greets, measures, and takes what current it may. Source: docs/protocols/byd-hvs.md. */
export const bydHvsSimulator: SimulatorKind = {
  settings: INVERTER_SETTINGS,
  messages: ['greeting', 'inverter_values', 'inverter_soc', 'inverter_clock', 'inverter_state'],
  create: (parts, at) => new SimulatedHvsInverter(parts, at),
}

class SimulatedHvsInverter implements SimulatedNode {
  readonly #structs: StructSet
  readonly #frames: FrameMaker
  readonly #settings: SettingsView
  readonly #tell: (text: string) => void
  readonly #limits: TakenLimits
  readonly #ask = new Periodic(ASK_PERIOD_MS)
  readonly #cyclic: Cyclic
  readonly #begin: number
  #identified = false
  /** What the battery says of itself. */
  #soc = 0
  #voltage = 0

  constructor({ structs, settings, tell }: NodeParts, at: number) {
    this.#structs = structs
    this.#frames = new FrameMaker(structs)
    this.#settings = settings
    this.#tell = tell
    this.#limits = new TakenLimits(tell)
    this.#begin = at
    this.#ask.start(at, 0)
    this.#cyclic = new Cyclic(this.#rows, at)
  }

  get due(): number {
    return Math.min(this.#cyclic.due, this.#ask.due)
  }

  handle(frame: CanMessage, at: number): void {
    const codec = isWhole(frame) ? this.#structs.codec([canKey(frame)]) : undefined
    if (codec === undefined) return
    const values = codec.decode(dataOf(frame))
    if (codec.name === 'identity') this.#identity(values)
    if (codec.name === 'charge') this.#soc = numberOf(values, 'soc')
    if (codec.name === 'values') this.#voltage = numberOf(values, 'voltage')
    if (codec.name !== 'limits') return
    const [charge, discharge] = [numberOf(values, 'max_charge_current'), numberOf(values, 'max_discharge_current')]
    this.#limits.told({ charge, discharge }, at)
  }

  tick(at: number): Outgoing[] {
    if (this.#limits.step(at)) this.#identified = false
    const asks = this.#ask.take(at) && !this.#identified ? this.#greeting(at) : []
    return [...asks, ...this.#cyclic.take(at).map(({ message, values }) => this.#outgoing(message, values(at)))]
  }

  flowing(at: number): number {
    return this.#limits.flowing(this.#settings.number('current', at))
  }

  #identity(values: Values): void {
    if (!this.#identified) this.#tell(`the battery has identified itself, ${numberOf(values, 'rated_energy')} Wh`)
    this.#identified = true
  }

  #greeting(at: number): Outgoing[] {
    const brand = this.#outgoing('greeting', { request: 0, brand: this.#settings.text('brand', at) })
    if (this.#settings.text('hello', at) !== 'asks') return [brand]
    return [brand, this.#outgoing('greeting', { request: 1, brand: '' })]
  }

  get #rows(): readonly CyclicRow[] {
    return [
      { message: 'inverter_values', periodMs: 2000, values: at => this.#values(at) },
      { message: 'inverter_soc', periodMs: 5000, values: () => ({ soc: Math.floor(this.#soc * 10) / 10 }) },
      { message: 'inverter_clock', periodMs: 10_000, values: at => ({ clock: this.#clock(at) }) },
      { message: 'inverter_state', periodMs: 10_000, values: () => ({ state: STATE }) },
    ]
  }

  #values(at: number): Values {
    return {
      voltage: this.#settings.given('voltage', at) ?? this.#voltage,
      current: this.flowing(at),
      temperature: this.#settings.number('temperature', at),
    }
  }

  #clock(at: number): number {
    return CLOCK + Math.floor((at - this.#begin) / 1000)
  }

  #outgoing(message: string, values: Values): Outgoing {
    return { message, frame: this.#frames.make(message, values) }
  }
}
