import type { Random } from '../../../core/random.ts'

/** Open-circuit voltage of an LFP cell by state of charge, straight lines between the points. */
const CELL_CURVE: readonly (readonly [soc: number, volts: number])[] = [
  [0, 2.9],
  [0.05, 3.14],
  [0.1, 3.2],
  [0.2, 3.25],
  [0.4, 3.29],
  [0.7, 3.32],
  [0.9, 3.34],
  [0.97, 3.37],
  [1, 3.46],
]

const AMBIENT = 23

/** What a time to full or empty shows when it is farther away than that: 99 days 23:59 h. */
export const NEVER_MINUTES = 143_999

function cellVolts(soc: number): number {
  const upper = CELL_CURVE.findIndex(([point]) => point >= soc)
  const [soc1, volts1] = CELL_CURVE[Math.max(1, upper)] ?? CELL_CURVE.at(-1)!
  const [soc0, volts0] = CELL_CURVE[Math.max(1, upper) - 1]!
  return volts0 + ((volts1 - volts0) * (soc - soc0)) / (soc1 - soc0)
}

/** One battery: cells in series, a capacity, an inner resistance. Positive current and power charge it. */
export class Pack {
  readonly cells: number
  readonly designAh: number
  readonly fullAh: number
  readonly ohms: number
  /** State of charge, 0 to 1: charge in it over `fullAh`. */
  soc: number
  volts: number
  amps = 0
  celsius = AMBIENT
  chargedWh = 0
  dischargedWh = 0
  #chargedAh = 0
  readonly #offsets: readonly number[]

  constructor(cells: number, designAh: number, soc: number, random: Random) {
    this.cells = cells
    this.designAh = designAh
    this.fullAh = Math.round(designAh * random.between(0.965, 1) * 1000) / 1000
    this.ohms = random.between(0.011, 0.014)
    this.soc = soc
    this.volts = this.openVolts
    this.#offsets = balancedOffsets(cells, random)
  }

  get openVolts(): number {
    return cellVolts(this.soc) * this.cells
  }

  get watts(): number {
    return this.volts * this.amps
  }

  /** Charge in the pack as it reports it, whole mAh. */
  get remainMah(): number {
    return Math.round(this.soc * this.fullAh * 1000)
  }

  /** State of charge in percent of the reported charges: `remainMah / fullAh`. */
  get percent(): number {
    return this.remainMah / (this.fullAh * 10)
  }

  /** Full charges taken, whole ones; grows for ever. */
  get cycles(): number {
    return Math.floor(this.#chargedAh / this.fullAh)
  }

  get millivolts(): number {
    return Math.round(this.volts * 1000)
  }

  /** Cell voltages in whole mV: they differ a little, and sum up to `millivolts`. */
  get cellMillivolts(): number[] {
    const base = Math.floor(this.millivolts / this.cells)
    const rest = this.millivolts - base * this.cells
    return this.#offsets.map((offset, i) => base + offset + (i < rest ? 1 : 0))
  }

  /** Minutes until full (charging) or empty (discharging) at the present current. */
  minutesTo(goal: 'full' | 'empty'): number {
    const missingAh = goal === 'full' ? (1 - this.soc) * this.fullAh : this.soc * this.fullAh
    const amps = goal === 'full' ? this.amps : -this.amps
    if (amps * NEVER_MINUTES <= missingAh * 60) return NEVER_MINUTES
    return Math.round((missingAh / amps) * 60)
  }

  /** Lets the present current flow for `seconds`. */
  flow(seconds: number): void {
    const hours = seconds / 3600
    this.soc += (this.amps * hours) / this.fullAh
    if (this.amps > 0) {
      this.chargedWh += this.watts * hours
      this.#chargedAh += this.amps * hours
    } else {
      this.dischargedWh -= this.watts * hours
    }
    const heat = this.amps * this.amps * this.ohms
    this.celsius += ((AMBIENT + heat * 0.6 - this.celsius) * seconds) / 3600
  }
}

/** Whole mV that sum up to 0. */
function balancedOffsets(cells: number, random: Random): number[] {
  const offsets = Array.from({ length: cells }, () => random.int(9) - 4)
  for (let sum = offsets.reduce((a, b) => a + b, 0), i = 0; sum !== 0; i = (i + 1) % cells) {
    const step = Math.sign(sum)
    offsets[i]! -= step
    sum -= step
  }
  return offsets
}

/** Packs in parallel: one voltage, and each carries the current that its own state asks for. */
export class Bank {
  readonly packs: readonly Pack[]

  constructor(packs: readonly Pack[]) {
    this.packs = packs
  }

  /** Mean state of charge, 0 to 1. */
  get soc(): number {
    return this.packs.reduce((sum, pack) => sum + pack.soc, 0) / this.packs.length
  }

  get volts(): number {
    return this.packs[0]!.volts
  }

  get amps(): number {
    return this.packs.reduce((sum, pack) => sum + pack.amps, 0)
  }

  get watts(): number {
    return this.packs.reduce((sum, pack) => sum + pack.watts, 0)
  }

  /** Most that the fullest pack takes, W: it tapers off over the last percents. */
  chargeLimit(wattsPerPack: number): number {
    const fullest = Math.max(...this.packs.map(pack => pack.soc))
    return this.packs.length * wattsPerPack * clamp((1 - fullest) / 0.03)
  }

  /** Most that the emptiest pack gives above its reserve, W. */
  dischargeLimit(wattsPerPack: number, reserve: number): number {
    const emptiest = Math.min(...this.packs.map(pack => pack.soc))
    return this.packs.length * wattsPerPack * clamp((emptiest - reserve) / 0.02)
  }

  /**
   * Carries `watts` (positive charges) for `seconds`. With the packs' currents (V - E) / R, the power V * sum((V - E) / R)
   * is a square in V with one sensible root.
   */
  carry(watts: number, seconds: number): void {
    let conductance = 0
    let driven = 0
    for (const pack of this.packs) {
      conductance += 1 / pack.ohms
      driven += pack.openVolts / pack.ohms
    }
    const volts = (driven + Math.sqrt(driven * driven + 4 * conductance * watts)) / (2 * conductance)
    for (const pack of this.packs) {
      pack.amps = (volts - pack.openVolts) / pack.ohms
      pack.volts = volts
      pack.flow(seconds)
    }
  }
}

function clamp(value: number): number {
  return Math.min(1, Math.max(0, value))
}
