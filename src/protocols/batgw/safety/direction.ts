import type { Extremes, PackFacts, PackView } from '../pack.ts'

/** What the user allows in one direction. */
export interface Wish {
  readonly on: boolean
  readonly limitW: number
}

/** Stays set from one threshold to another. */
class Latch {
  #set = false

  /** Without a value it stays as it is. */
  update(sets: boolean, releases: boolean): boolean {
    if (sets) this.#set = true
    else if (releases) this.#set = false
    return this.#set
  }
}

/** How one direction is blocked: thresholds and words. Voltages in mV and 0.1 V, charge in 0.01 %. */
interface Rules {
  readonly cell: (cells: readonly Extremes[]) => readonly [sets: boolean, releases: boolean]
  readonly voltage: (dv: number, facts: PackFacts) => readonly [sets: boolean, releases: boolean]
  readonly soc: (bp: number) => readonly [sets: boolean, releases: boolean]
  readonly allowedW: (view: PackView) => number | undefined
  readonly texts: {
    readonly off: string
    readonly limit: string
    readonly cell: string
    readonly voltage: string
    readonly soc: string
    readonly unknown: string
    readonly forbidden: string
  }
}

/** The pack voltage has to come back so far, 0.1 V. */
const VOLTAGE_BACK_DV = 20

export const CHARGE: Rules = {
  cell: cells => [cells.some(({ max }) => max >= 3650), cells.every(({ max }) => max < 3630)],
  voltage: (dv, { maxDv }) => [dv > maxDv, dv < maxDv - VOLTAGE_BACK_DV],
  soc: bp => [bp >= 10_000, bp < 9900],
  allowedW: view => view.chargeW,
  texts: {
    off: 'charging is switched off',
    limit: 'charge limit is 0 W',
    cell: 'maximum cell voltage is too high',
    voltage: 'pack voltage is too high',
    soc: 'battery is full',
    unknown: 'allowed charge power has not been reported',
    forbidden: 'battery does not allow charging',
  },
}

export const DISCHARGE: Rules = {
  cell: cells => [cells.some(({ min }) => min <= 2800), cells.every(({ min }) => min > 2820)],
  voltage: (dv, { minDv }) => [dv < minDv, dv > minDv + VOLTAGE_BACK_DV],
  soc: bp => [bp <= 0, bp >= 100],
  allowedW: view => view.dischargeW,
  texts: {
    off: 'discharging is switched off',
    limit: 'discharge limit is 0 W',
    cell: 'minimum cell voltage is too low',
    voltage: 'pack voltage is too low',
    soc: 'battery is empty',
    unknown: 'allowed discharge power has not been reported',
    forbidden: 'battery does not allow discharging',
  },
}

/** Whether one direction is blocked, with the hysteresis of each cause. */
export class Direction {
  readonly #rules: Rules
  readonly #cell = new Latch()
  readonly #voltage = new Latch()
  readonly #soc = new Latch()

  constructor(rules: Rules) {
    this.#rules = rules
  }

  /** The first reason why nothing flows in this direction; empty where there is none. */
  blocked(view: PackView, facts: PackFacts, wish: Wish): string {
    const { cell, voltage, soc, allowedW, texts } = this.#rules
    const never = [false, false] as const
    const byCell = this.#cell.update(...(view.cells.length === 0 ? never : cell(view.cells)))
    const byVoltage = this.#voltage.update(...(view.voltageDv === undefined ? never : voltage(view.voltageDv, facts)))
    const bySoc = this.#soc.update(...(view.socBp === undefined ? never : soc(view.socBp)))
    const watts = allowedW(view)
    if (!wish.on) return texts.off
    if (!(wish.limitW > 0)) return texts.limit
    if (byCell) return texts.cell
    if (byVoltage) return texts.voltage
    if (bySoc) return texts.soc
    if (watts === undefined) return texts.unknown
    return watts > 0 ? '' : texts.forbidden
  }
}
