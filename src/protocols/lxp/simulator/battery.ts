import type { Random } from '../../../core/random.ts'

/** Capacity of a module. */
export const MODULE_AH = 100
const CELLS = 16
/** Lithium iron phosphate at rest: empty, in the flat middle, full; V of 16 cells. */
const [EMPTY_VOLTS, LOW_VOLTS, HIGH_VOLTS, FULL_VOLTS] = [47.2, 51.6, 53.3, 54.4]
const NOMINAL_VOLTS = 51.2
/** Of one module with its cable, ohm. */
const RESISTANCE = 0.012
/** Share of what is charged that can be taken out again. */
const CHARGE_EFFICIENCY = 0.97
const WS_PER_WH = 3600

/** A module of the battery: what makes it differ from the others. */
export interface BatteryModule {
  readonly serial: string
  readonly cycles: number
  /** Of its state of charge, as a fraction. */
  readonly offset: number
}

/** Modules in parallel that are charged and discharged as one. */
export class Battery {
  readonly modules: readonly BatteryModule[]
  readonly capacityAh: number
  /** Power into the battery, whole W; negative while it discharges. */
  watts = 0
  celsius = 23
  readonly #capacityWs: number
  readonly #maxAmps: number
  #stored: number

  /** `maxAmps`: the largest current of all modules together. */
  constructor(modules: number, maxAmps: number, random: Random) {
    this.modules = Array.from({ length: modules }, (_, i) => ({
      serial: `DEMOBATTERY${String(i + 1).padStart(5, '0')}`,
      cycles: 120 + random.int(80),
      offset: random.between(-0.008, 0.008),
    }))
    this.capacityAh = modules * MODULE_AH
    this.#capacityWs = this.capacityAh * NOMINAL_VOLTS * WS_PER_WH
    this.#maxAmps = maxAmps
    this.#stored = this.#capacityWs * random.between(0.35, 0.6)
  }

  /** State of charge, 0 to 1. */
  get charge(): number {
    return this.#stored / this.#capacityWs
  }

  /** Whole percent. */
  get soc(): number {
    return Math.round(this.charge * 100)
  }

  /** V at the terminals; the current is found with the voltage at rest, which is near enough. */
  get volts(): number {
    const rest = restVolts(this.charge)
    return rest + ((this.watts / rest) * RESISTANCE) / this.modules.length
  }

  /** A, positive while charging. */
  get amps(): number {
    return this.watts / this.volts
  }

  /** The most that it takes now, W: less and less above 95 %. */
  chargeLimit(watts: number): number {
    const taper = this.charge >= 1 ? 0 : Math.min(1, (1 - this.charge) / 0.05)
    return Math.floor(Math.min(watts, this.#maxAmps * restVolts(this.charge)) * taper)
  }

  /** The most that it gives now, W; nothing from `reserve` percent down. */
  dischargeLimit(watts: number, reserve: number): number {
    if (this.charge * 100 <= reserve) return 0
    return Math.floor(Math.min(watts, this.#maxAmps * restVolts(this.charge)))
  }

  /** Charges with so many W for `seconds`. */
  carry(watts: number, seconds: number): void {
    this.watts = watts
    const kept = watts > 0 ? watts * CHARGE_EFFICIENCY : watts
    this.#stored = Math.min(this.#capacityWs, Math.max(0, this.#stored + kept * seconds))
    this.celsius += ((21 + Math.abs(watts) / 700 - this.celsius) * seconds) / 7200
  }
}

/** Voltage at rest at a charge of 0 to 1: steep at both ends, flat between. */
function restVolts(charge: number): number {
  if (charge < 0.1) return EMPTY_VOLTS + (LOW_VOLTS - EMPTY_VOLTS) * (charge / 0.1)
  if (charge > 0.95) return HIGH_VOLTS + (FULL_VOLTS - HIGH_VOLTS) * ((charge - 0.95) / 0.05)
  return LOW_VOLTS + (HIGH_VOLTS - LOW_VOLTS) * ((charge - 0.1) / 0.85)
}

/** V of one cell where all of them have so many together. */
export function cellVolts(volts: number): number {
  return volts / CELLS
}
