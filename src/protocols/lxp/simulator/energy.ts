import type { Random } from '../../../core/random.ts'
import type { Values } from '../../../core/values.ts'
import type { Flow } from './dispatch.ts'

/** Watt-seconds in the unit of the counters, 0.1 kWh. */
const TENTH_KWH = 360_000
/** Days that an inverter has been running for before the simulation. */
const AGE_DAYS = [300, 900] as const

/** What is counted: the definition has each of them as `NAME_today` and `NAME_total`. */
const COUNTED: Readonly<Record<string, (flow: Flow) => number>> = {
  pv1_energy: ({ pv }) => pv[0] ?? 0,
  pv2_energy: ({ pv }) => pv[1] ?? 0,
  pv3_energy: ({ pv }) => pv[2] ?? 0,
  inverter_energy: ({ output }) => output,
  ac_charge_energy: ({ acCharge }) => acCharge,
  battery_charge_energy: ({ charge }) => charge,
  battery_discharge_energy: ({ discharge }) => discharge,
  eps_energy: ({ eps }) => eps,
  grid_export_energy: ({ gridExport }) => gridExport,
  grid_import_energy: ({ gridImport }) => gridImport,
  load_energy: ({ load }) => load,
  eps_l1_energy: ({ eps }) => legsOf(eps)[0],
  eps_l2_energy: ({ eps }) => legsOf(eps)[1],
}

/** kWh on a usual day, from which the totals before the simulation come. */
const USUAL: Readonly<Record<string, number>> = {
  ...{ pv1_energy: 16, pv2_energy: 14, pv3_energy: 0, inverter_energy: 21, ac_charge_energy: 3 },
  ...{ battery_charge_energy: 9, battery_discharge_energy: 8, grid_export_energy: 10, grid_import_energy: 7 },
  load_energy: 14,
}

/** Power on the two legs of a split phase. */
export function legsOf(watts: number): readonly [l1: number, l2: number] {
  return [Math.ceil(watts / 2), Math.floor(watts / 2)]
}

/** The energy counters of an inverter: whole watt-seconds inside, tenths of a kWh as values. */
export class EnergyCounters {
  readonly #today = new Map<string, number>()
  readonly #total = new Map<string, number>()

  constructor(random: Random) {
    const days = random.between(...AGE_DAYS)
    for (const name of Object.keys(COUNTED)) {
      this.#today.set(name, 0)
      this.#total.set(name, Math.round((USUAL[name] ?? 0) * 10 * days * random.between(0.9, 1.1)) * TENTH_KWH)
    }
  }

  newDay(): void {
    for (const name of this.#today.keys()) this.#today.set(name, 0)
  }

  count(flow: Flow, seconds: number): void {
    for (const [name, power] of Object.entries(COUNTED)) {
      const energy = power(flow) * seconds
      this.#today.set(name, this.#today.get(name)! + energy)
      this.#total.set(name, this.#total.get(name)! + energy)
    }
  }

  /** The counters by the names of the definition, in kWh. */
  values(): Values {
    const rows = (period: string, counters: ReadonlyMap<string, number>) =>
      [...counters].map(([name, energy]) => [`${name}_${period}`, Math.floor(energy / TENTH_KWH) / 10] as const)
    return Object.fromEntries([...rows('today', this.#today), ...rows('total', this.#total)])
  }
}
