import type { Extremes, PackView } from '../pack.ts'

/** State of health for a pack that has never said it, 0.01 %. */
const UNKNOWN_SOH_BP = 9900

export interface HeldValues {
  readonly voltageDv: number
  readonly currentDa: number
  readonly averageDc: number
}

/**
 * The measurements that an inverter is shown: the last that were known. It stays connected when they grow too old; that they
 * are is said by limits of 0. Values that go into one frame are renewed together.
 */
export class Held {
  #socBp: number | undefined
  #sohBp = UNKNOWN_SOH_BP
  #values: HeldValues | undefined
  #cells: Extremes | undefined
  #temperatures: Extremes | undefined

  renew(view: PackView): void {
    const { voltageDv, currentDa, socBp, sohBp } = view
    const [cells] = view.cells
    const [temperatures] = view.temperatures
    const averageDc = view.averageDc ?? (temperatures && middle(temperatures))
    this.#socBp = socBp ?? this.#socBp
    this.#sohBp = sohBp ?? this.#sohBp
    this.#cells = cells ?? this.#cells
    this.#temperatures = temperatures ?? this.#temperatures
    if (voltageDv === undefined || currentDa === undefined || averageDc === undefined) return
    this.#values = { voltageDv, currentDa, averageDc }
  }

  get socBp(): number | undefined {
    return this.#socBp
  }

  get sohBp(): number {
    return this.#sohBp
  }

  /** Voltage, current and average temperature, of one moment. */
  get values(): HeldValues | undefined {
    return this.#values
  }

  get cells(): Extremes | undefined {
    return this.#cells
  }

  get temperatures(): Extremes | undefined {
    return this.#temperatures
  }
}

/** The average temperature of a pack that does not report it. */
function middle({ min, max }: Extremes): number {
  return min + Math.trunc((max - min) / 2)
}
