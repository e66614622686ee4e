import type { Values } from '../../../../../core/values.ts'
import type { PackFacts } from '../../../pack.ts'
import type { CyclicRow } from '../../../simulator/cyclic.ts'
import type { SettingsView } from '../../../simulator/node.ts'
import { averageTemperature, packVoltage } from '../../../simulator/pack-settings.ts'
import type { SimulatedContactors } from './contactors.ts'

/** The lowest and highest cell, the coldest and hottest sensor, counted from 1. */
const MIN_CELL = 1
const MAX_CELL = 37
const MIN_SENSOR = 9
const MAX_SENSOR = 1

const CELLS_PER_FRAME = 3
/** Cells, and packs, are announced with that much of room: frames 0 to 41. */
const CELL_FRAMES = 42
const SENSORS_PER_FRAME = 6
const SENSORS = 10

/** What real packs have in the bits of unknown meaning, bytes 0 to 6. Source: docs/protocols/byd-atto3.md. */
export const UNKNOWN_BITS: Readonly<Record<string, string>> = {
  contactors: '00401f00000008',
  allowed_power: '0000000000cb01',
  pack_voltage: '555501d6470000',
  ambient: '00130a1e00225c',
  isolation: '0180608a105d00',
  insulation: '7e0a0000000000',
}

/** What a pack says of itself at a moment. */
export class Said {
  readonly #settings: SettingsView
  readonly #facts: PackFacts
  readonly #contactors: SimulatedContactors
  #cellFrame = 0
  #sensorFrame = 0

  constructor(settings: SettingsView, facts: PackFacts, contactors: SimulatedContactors) {
    this.#settings = settings
    this.#facts = facts
    this.#contactors = contactors
  }

  voltage(at: number): number {
    return packVoltage(this.#settings, this.#facts.cells, at)
  }

  /** Broadcasts; only of 345 and 446 are the periods known. Those whose whole meaning is unknown are left out. */
  get rows(): readonly CyclicRow[] {
    return [
      { message: 'contactors', periodMs: 100, values: at => this.#contactorBits(at) },
      { message: 'allowed_power', periodMs: 100, values: at => this.#powers(at) },
      { message: 'pack_status', periodMs: 100, values: at => this.#status(at) },
      { message: 'pack_voltage', periodMs: 200, values: at => ({ pack_voltage: this.voltage(at) }) },
      { message: 'cells', periodMs: 50, values: at => this.#cells(at) },
      { message: 'cell_extremes', periodMs: 1000, values: at => this.#cellExtremes(at) },
      { message: 'cell_temperatures', periodMs: 500, values: at => this.#temperatures(at) },
      { message: 'module_temperatures', periodMs: 500, values: at => this.#modules(at) },
      { message: 'ambient', periodMs: 200, values: () => ({ page: 1, ambient_temperature: 15 }) },
      { message: 'isolation', periodMs: 200, values: () => ({ measuring: true }) },
      { message: 'insulation', periodMs: 500, values: () => ({ insulation: 6800 }) },
    ]
  }

  /** A, positive = discharging; none flows through open contactors. */
  #current(at: number): number {
    return this.#isClosed(at) ? tenths(-this.#settings.number('current', at)) : 0
  }

  #isClosed(at: number): boolean {
    const wish = this.#settings.text('contactors', at)
    return wish === 'obey' ? this.#contactors.state === 'closed' : wish === 'stay closed'
  }

  /** What it answers to questions, by the fields of the answers. */
  answers(at: number): Values {
    const settings = this.#settings
    const min = Math.round(settings.number('min_temperature', at))
    const max = Math.round(settings.number('max_temperature', at))
    return {
      pid_soc: Math.floor(settings.number('soc', at)),
      pid_voltage: Math.floor(this.voltage(at)),
      pid_current: this.#current(at),
      pid_min_temperature: min,
      pid_max_temperature: max,
      pid_average_temperature: Math.round(averageTemperature(settings, at)),
      pid_min_cell_voltage: settings.number('min_cell_voltage', at),
      pid_max_cell_voltage: settings.number('max_cell_voltage', at),
      ...this.#powers(at),
      ...{ min_cell: MIN_CELL, max_cell: MAX_CELL, min_sensor: MIN_SENSOR, max_sensor: MAX_SENSOR },
      ...{ charge_count: 65, charged_capacity: 1000, discharged_capacity: 976 },
      ...{ charged_energy: 399, discharged_energy: 390, full_power_count: 7 },
    }
  }

  #contactorBits(at: number): Values {
    const { state, isCalled, isClosing } = this.#contactors
    const main_closed = this.#isClosed(at)
    return {
      main_closed,
      precharging: !main_closed && state === 'precharging',
      hv_active: main_closed && !isClosing,
      drive_mode: isCalled,
      charge_mode: false,
      discharge_status: 1,
    }
  }

  #powers(at: number): Values {
    return {
      max_discharge_power: hundreds(this.#settings.number('max_discharge_power', at)),
      max_charge_power: hundreds(this.#settings.number('max_charge_power', at)),
    }
  }

  #status(at: number): Values {
    const settings = this.#settings
    return {
      voltage: Math.floor(this.voltage(at)),
      current: this.#current(at),
      soh: Math.floor(settings.number('soh', at)),
      soc_whole: Math.floor(settings.number('soc', at)),
      rated_capacity: this.#facts.ratedAh,
    }
  }

  #cellExtremes(at: number): Values {
    return {
      min_cell: MIN_CELL,
      min_cell_voltage: this.#settings.number('min_cell_voltage', at),
      max_cell: MAX_CELL,
      max_cell_voltage: this.#settings.number('max_cell_voltage', at),
    }
  }

  #temperatures(at: number): Values {
    const settings = this.#settings
    return {
      min_sensor: MIN_SENSOR,
      min_temperature: Math.round(settings.number('min_temperature', at)),
      max_sensor: MAX_SENSOR,
      max_temperature: Math.round(settings.number('max_temperature', at)),
      soc: tenths(settings.number('soc', at)),
      average_temperature: Math.round(averageTemperature(settings, at)),
    }
  }

  /** Three cells, the next three the next time; cells that the pack does not have are not there. */
  #cells(at: number): Values {
    const index = this.#cellFrame
    this.#cellFrame = (index + 1) % CELL_FRAMES
    const cell = (place: number) => this.#cell(index * CELLS_PER_FRAME + place, at)
    return { index, cell_1: cell(1), cell_2: cell(2), cell_3: cell(3) }
  }

  /** The voltage of a cell, counted from 1; between the extremes where it is neither. */
  #cell(number: number, at: number): number | null {
    if (number > this.#facts.cells) return null
    const min = this.#settings.number('min_cell_voltage', at)
    const max = this.#settings.number('max_cell_voltage', at)
    if (number === MIN_CELL) return min
    return number === MAX_CELL ? max : Math.round((min + max) * 500) / 1000
  }

  #modules(at: number): Values {
    const page = this.#sensorFrame
    this.#sensorFrame = 1 - page
    const temperatures = Array.from({ length: SENSORS_PER_FRAME }, (_, i) =>
      this.#sensor(page * SENSORS_PER_FRAME + i + 1, at),
    )
    return { page, temperatures }
  }

  #sensor(number: number, at: number): number | null {
    if (number > SENSORS) return null
    const name = number === MAX_SENSOR ? 'max_temperature' : 'min_temperature'
    return Math.round(this.#settings.number(name, at))
  }
}

/** In steps of 0.1. */
function tenths(value: number): number {
  return Math.round(value * 10) / 10
}

function hundreds(value: number): number {
  return Math.floor(value / 100) * 100
}
