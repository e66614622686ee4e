import type { CanMessage } from '../../../../core/can-bus.ts'
import type { StructSet } from '../../../../decode/struct-set.ts'
import { FrameMaker } from '../../frame-maker.ts'
import type { Limits, PackFacts } from '../../pack.ts'
import type { Held } from '../held.ts'

/** The pack's own voltage limits are kept away from by so much, 0.1 V. */
const MARGIN_DV = 20

const PRODUCT = ['Battery', '-Box Pr', 'emium H', 'VS']

const NONE: Limits = { chargeDa: 0, dischargeDa: 0 }

/** The frames of a Battery-Box Premium HVS. Source: docs/protocols/byd-hvs.md. */
export class HvsFrames {
  /** What it says of itself when it is asked. */
  readonly identification: readonly CanMessage[]
  readonly alarms: CanMessage
  /** Limits of 0 both ways. */
  readonly zero: CanMessage
  readonly ids: readonly Pick<CanMessage, 'id' | 'flags'>[]
  readonly #frames: FrameMaker
  readonly #facts: PackFacts

  constructor(structs: StructSet, facts: PackFacts) {
    const frames = new FrameMaker(structs)
    this.#frames = frames
    this.#facts = facts
    this.identification = [
      frames.make('identity', {
        firmware: '3.41',
        constant_1: '0066',
        rated_energy: Math.floor(facts.ratedWh / 100) * 100,
        constant_2: '0209',
      }),
      frames.make('serial', { serial: '063710d900000000' }),
      frames.make('vendor', { part: 0, text: 'BYD' }),
      ...PRODUCT.map((text, part) => frames.make('product', { part, text })),
    ]
    this.alarms = frames.make('alarms', { alarms: '0000030000000000' })
    this.zero = this.limits(NONE)
    this.ids = frames.ids([
      ...['identity', 'serial', 'vendor', 'product', 'limits', 'charge', 'values', 'temperatures', 'alarms'],
    ])
  }

  /** 110. */
  limits({ chargeDa, dischargeDa }: Limits): CanMessage {
    return this.#frames.make('limits', {
      max_charge_voltage: (this.#facts.maxDv - MARGIN_DV) / 10,
      min_discharge_voltage: (this.#facts.minDv + MARGIN_DV) / 10,
      max_discharge_current: dischargeDa / 10,
      max_charge_current: chargeDa / 10,
    })
  }

  /** 150; `shownBp` stands in for the state of charge, but the capacity is the true one. */
  charge({ socBp, sohBp }: Held, shownBp: number | undefined): CanMessage | undefined {
    if (socBp === undefined) return undefined
    const fullDah = this.#facts.ratedAh * 10
    return this.#frames.make('charge', {
      soc: (shownBp ?? socBp) / 100,
      soh: sohBp / 100,
      remaining_capacity: Math.floor((fullDah * socBp) / 10_000) / 10,
      full_capacity: fullDah / 10,
    })
  }

  /** 1D0. */
  values({ values }: Held): CanMessage | undefined {
    if (values === undefined) return undefined
    return this.#frames.make('values', {
      voltage: values.voltageDv / 10,
      current: values.currentDa / 10,
      temperature: values.averageDc / 10,
      constant: '0308',
    })
  }

  /** 210. */
  temperatures({ temperatures }: Held): CanMessage | undefined {
    if (temperatures === undefined) return undefined
    return this.#frames.make('temperatures', {
      max_temperature: temperatures.max / 10,
      min_temperature: temperatures.min / 10,
    })
  }
}
