import type { CanMessage } from '../../../../core/can-bus.ts'
import type { Values } from '../../../../core/values.ts'
import type { StructSet } from '../../../../decode/struct-set.ts'
import { FrameMaker } from '../../frame-maker.ts'
import type { Extremes, Limits, PackFacts } from '../../pack.ts'
import type { Held } from '../held.ts'
import type { PylonForm } from './options.ts'

const MARGIN_DV = 20

/** The most that fits signed 16 bits, 0.1 A; with the offset of 30000 there is less room upwards. */
const MOST_DA = 32_767
const MOST_OFFSET_DA = MOST_DA - 30_000

const ENSEMBLE = ['version', 'ensemble', 'maker_1', 'maker_2']
const SYSTEM = [
  ...['values', 'limits', 'cell_extremes', 'cell_temperatures', 'status', 'module_voltages', 'module_temperatures'],
  ...['forbidden', 'reserved'],
]

/** The frames of a Pylontech high-voltage battery. Source: docs/protocols/pylon-can.md. */
export class PylonHvFrames {
  readonly ids: readonly Pick<CanMessage, 'id' | 'flags'>[]
  /** What answers the question for the ensemble. */
  readonly ensemble: readonly CanMessage[]
  readonly #frames: FrameMaker
  readonly #facts: PackFacts
  readonly #form: PylonForm

  constructor(structs: StructSet, facts: PackFacts, form: PylonForm) {
    this.#frames = new FrameMaker(structs, form.model)
    this.#facts = facts
    this.#form = form
    this.ids = this.#frames.ids([...ENSEMBLE, ...SYSTEM], form.address)
    const name = form.manufacturer
    this.ensemble = [
      this.#make('version', { version: '0100020101020000' }),
      this.#make('ensemble', {
        cells: facts.cells,
        modules: 1,
        cells_per_module: facts.cells,
        voltage_level: Math.floor(facts.ratedDv / 10),
        capacity: facts.ratedAh,
      }),
      this.#make('maker_1', { text: name.slice(0, 8) }),
      this.#make('maker_2', { text: name.slice(8) }),
    ]
  }

  /** What says how much may flow: 4220 and 4280, which inverters heed more than a limit of 0. */
  limits({ chargeDa, dischargeDa }: Limits): CanMessage[] {
    return [this.#limits(chargeDa, dischargeDa), this.#forbidden(chargeDa, dischargeDa)]
  }

  /** What answers the question for the system: as much of it as is known. */
  system(held: Held, { chargeDa, dischargeDa }: Limits): CanMessage[] {
    return [
      ...this.#values(held),
      this.#limits(chargeDa, dischargeDa),
      ...this.#extremes('cell_extremes', 'cell_voltage', held.cells, 1000),
      ...this.#extremes('cell_temperatures', 'temperature', held.temperatures, 10),
      this.#status(held, chargeDa === 0 && dischargeDa === 0),
      this.#make('module_voltages', {}),
      ...this.#moduleTemperatures(held.temperatures),
      this.#forbidden(chargeDa, dischargeDa),
      this.#make('reserved', {}),
    ]
  }

  #values({ values, socBp, sohBp }: Held): CanMessage[] {
    if (values === undefined || socBp === undefined) return []
    const most = this.#form.model === 'offset' ? MOST_OFFSET_DA : MOST_DA
    const currentDa = Math.min(most, values.currentDa * this.#form.currentSign)
    return [
      this.#make('values', {
        voltage: values.voltageDv / 10,
        current: currentDa / 10,
        temperature: values.averageDc / 10,
        soc: Math.floor(socBp / 100),
        soh: Math.floor(sohBp / 100),
      }),
    ]
  }

  #limits(chargeDa: number, dischargeDa: number): CanMessage {
    return this.#make('limits', {
      max_charge_voltage: (this.#facts.maxDv - MARGIN_DV) / 10,
      min_discharge_voltage: (this.#facts.minDv + MARGIN_DV) / 10,
      max_charge_current: chargeDa / 10,
      max_discharge_current: dischargeDa / 10,
    })
  }

  #forbidden(chargeDa: number, dischargeDa: number): CanMessage {
    const word = (limitDa: number) => (limitDa > 0 ? 'allowed' : 'forbidden')
    return this.#make('forbidden', { charge: word(chargeDa), discharge: word(dischargeDa) })
  }

  #extremes(message: string, what: string, extremes: Extremes | undefined, parts: number): CanMessage[] {
    if (extremes === undefined) return []
    const { min, max, minAt, maxAt } = extremes
    return [
      this.#make(message, {
        [`max_${what}`]: max / parts,
        [`min_${what}`]: min / parts,
        max_cell: maxAt,
        min_cell: minAt,
      }),
    ]
  }

  #moduleTemperatures(temperatures: Extremes | undefined): CanMessage[] {
    if (temperatures === undefined) return []
    const { min, max } = temperatures
    return [
      this.#make('module_temperatures', {
        max_temperature: max / 10,
        min_temperature: min / 10,
        max_module: 1,
        min_module: 1,
      }),
    ]
  }

  /** `stopped`: nothing may flow. */
  #status({ values }: Held, stopped: boolean): CanMessage {
    const currentDa = values?.currentDa ?? 0
    const moving = currentDa > 0 ? 'charging' : currentDa < 0 ? 'discharging' : 'idle'
    return this.#make('status', { state: stopped ? 'sleep' : moving })
  }

  #make(message: string, values: Values): CanMessage {
    return this.#frames.make(message, values, 8, this.#form.address)
  }
}
