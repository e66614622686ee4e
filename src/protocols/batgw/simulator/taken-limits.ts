/** Limits that have not been repeated for so long do not hold any more, ms; of real inverters it is not known. */
const FORGOTTEN_MS = 10_000

/** What a battery allows, A. */
export interface TakenAmperes {
  readonly charge: number
  readonly discharge: number
}

const NONE: TakenAmperes = { charge: 0, discharge: 0 }

/** The limits that a pretended inverter was told, and heeds. Times are monotonic ms. */
export class TakenLimits {
  readonly #tell: (text: string) => void
  #limits = NONE
  /** When they were told last; infinity: they do not hold. */
  #at = Number.POSITIVE_INFINITY

  constructor(tell: (text: string) => void) {
    this.#tell = tell
  }

  /** The battery said what it allows; what is less than nothing is nothing. */
  told(limits: TakenAmperes, at: number): void {
    this.#at = at
    const charge = Math.max(0, limits.charge)
    const discharge = Math.max(0, limits.discharge)
    if (charge === this.#limits.charge && discharge === this.#limits.discharge) return
    this.#limits = { charge, discharge }
    this.#tell(`may charge ${charge} A, discharge ${discharge} A`)
  }

  /** Whether the battery has just been silent for too long. */
  step(at: number): boolean {
    if (at - this.#at <= FORGOTTEN_MS) return false
    this.#at = Number.POSITIVE_INFINITY
    this.#limits = NONE
    this.#tell('the battery is silent: 0 A')
    return true
  }

  /** What flows of a current that is wanted, A, positive = charging. */
  flowing(wanted: number): number {
    const { charge, discharge } = this.#limits
    return Math.round(Math.max(-discharge, Math.min(charge, wanted)) * 10) / 10
  }
}
