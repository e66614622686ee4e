import type { Random } from '../../../core/random.ts'
import type { Values } from '../../../core/values.ts'

/** What a kind of module is like. */
export interface PackKind {
  readonly name: string
  readonly cells: number
  readonly sensors: number
  readonly capacityAh: number
  /** Capacities of 24 bits and an extra alarm byte, as modules beyond 65 Ah have them. */
  readonly wide: boolean
  readonly currentLimit: number
}

export const PACK_KINDS: Readonly<Record<'us2000' | 'us3000c' | 'us5000', PackKind>> = {
  us2000: { name: 'US2KBPL', cells: 15, sensors: 5, capacityAh: 50, wide: false, currentLimit: 25 },
  us3000c: { name: 'US3000C', cells: 15, sensors: 5, capacityAh: 74, wide: true, currentLimit: 37 },
  us5000: { name: 'US5000', cells: 15, sensors: 6, capacityAh: 100, wide: true, currentLimit: 80 },
}

/** An alarm that a module may be told to have. */
export const PACK_ALARMS = ['over_voltage', 'under_voltage', 'charge_hot', 'cell_fault'] as const
export type PackAlarm = (typeof PACK_ALARMS)[number]

/** Resistance of a module, ohm; what its voltage gives way under load. */
const RESISTANCE = 0.02
const AMBIENT = 21
/** Charge and discharge follow one another, an hour each. */
const HALF_PERIOD_MS = 3_600_000

/**
 * One module that charges for an hour and discharges for an hour, drifting with the time that it is told. Values are
 * those of the definition, so its replies are encoded by the same tables that decode them.
 */
export class SimulatedPack {
  readonly kind: PackKind
  readonly serial: string
  alarm: PackAlarm | undefined
  /** It answers nothing. */
  silent = false
  readonly #offsets: readonly number[]
  readonly #phase: number
  readonly cycles: number
  #chargeAh: number
  #at: number

  /** `random` gives what makes modules differ; `at` is the time at which it begins, Unix ms. */
  constructor(kind: PackKind, index: number, random: Random, at: number) {
    this.kind = kind
    this.serial = `DEMO${String(index).padStart(4, '0')}${String(random.int(100_000_000)).padStart(8, '0')}`
    this.#offsets = Array.from({ length: kind.cells }, () => random.int(7) - 3)
    this.#phase = random.int(300_000)
    this.cycles = 20 + random.int(200)
    this.#chargeAh = kind.capacityAh * random.between(0.35, 0.7)
    this.#at = at
  }

  /** Lets time pass until `at`, Unix ms. */
  advance(at: number): void {
    const hours = Math.max(0, at - this.#at) / 3_600_000
    this.#chargeAh = Math.min(this.kind.capacityAh, Math.max(0, this.#chargeAh + this.current * hours))
    this.#at = Math.max(this.#at, at)
  }

  /** Current in whole tenths of an ampere, positive when charging. */
  get current(): number {
    const swing = Math.sin((Math.PI * ((this.#at + this.#phase) % (2 * HALF_PERIOD_MS))) / HALF_PERIOD_MS)
    return Math.round(swing * this.kind.currentLimit * 6) / 10
  }

  /** Cell voltages in V, whole millivolts. */
  get cells(): number[] {
    const level = this.#chargeAh / this.kind.capacityAh
    const middle = 3230 + level * 110 + (this.current * RESISTANCE * 1000) / this.kind.cells
    const low = this.alarm === 'under_voltage' ? 400 : 0
    const high = this.alarm === 'over_voltage' ? 340 : 0
    return this.#offsets.map((offset, i) => Math.round(middle + offset + (i === 0 ? high - low : 0)) / 1000)
  }

  get temperatures(): number[] {
    const warmth = AMBIENT + Math.abs(this.current) / 10 + (this.alarm === 'charge_hot' ? 36 : 0)
    return Array.from({ length: this.kind.sensors }, (_, i) => Math.round((warmth - (i % 3) * 0.4) * 10) / 10)
  }

  /** Remaining capacity in Ah, whole thousandths. */
  get remainingAh(): number {
    return Math.round(this.#chargeAh * 1000) / 1000
  }

  /** The sum of the cells in whole millivolts. */
  get millivolts(): number {
    return this.cells.reduce((sum, cell) => sum + Math.round(cell * 1000), 0)
  }

  /** One element of `packs` in a reply to 42h. */
  analog(): Values {
    const { cells, temperatures, current, remainingAh: remaining, millivolts } = this
    const { wide, capacityAh } = this.kind
    return {
      cell_count: cells.length,
      cell_voltages: cells,
      temp_count: temperatures.length,
      temperatures,
      current,
      voltage: millivolts / 1000,
      remaining_ah: wide ? null : remaining,
      user_defined: wide ? 4 : 2,
      total_ah: wide ? null : capacityAh,
      cycles: this.cycles,
      ...(wide ? { remaining_ah_2: remaining, total_ah_2: capacityAh } : {}),
    }
  }

  /** One element of `packs` in a reply to 44h. */
  alarms(): Values {
    const { alarm, current } = this
    const code = alarm === 'over_voltage' ? 2 : alarm === 'under_voltage' ? 1 : 0
    const hot = alarm === 'charge_hot'
    return {
      cell_count: this.kind.cells,
      cells: Array.from({ length: this.kind.cells }, (_, i) => (i === 0 ? code : 0)),
      temp_count: this.kind.sensors,
      temps: Array.from({ length: this.kind.sensors }, () => (hot ? 2 : 0)),
      charge_current: 0,
      module_voltage: 0,
      discharge_current: 0,
      ...this.#status(current),
    }
  }

  #status(current: number): Values {
    const protections = { over_voltage: 0x01, under_voltage: 0x02, charge_hot: 0x40, cell_fault: 0 }
    const full = this.#chargeAh >= this.kind.capacityAh ? 0x08 : 0
    return {
      status1: this.alarm === undefined ? 0 : protections[this.alarm],
      status2: this.alarm === undefined || this.alarm === 'under_voltage' ? 0x0e : 0x0c,
      status3: (current > 0.1 ? 0x80 : 0) | (current < -0.1 ? 0x40 : 0) | full,
      status4: this.alarm === 'cell_fault' ? 0x04 : 0,
      status5: 0,
      flags: {}, // the bits of the words above
    }
  }

  /** One element of `packs` in a reply to 92h. */
  management(): Values {
    const limit = this.kind.currentLimit
    const stopped = this.alarm === 'over_voltage' || this.alarm === 'charge_hot' || this.alarm === 'cell_fault'
    const empty = this.#chargeAh <= this.kind.capacityAh * 0.1
    const status = (stopped ? 0 : 0x80) | 0x40 | (empty ? 0x20 : 0)
    return {
      charge_voltage_limit: 53.25,
      discharge_voltage_limit: 45,
      charge_current_limit: stopped ? 0 : limit,
      discharge_current_limit: -limit,
      status,
    }
  }
}
