import type { Model } from '../model.ts'

/** What an inverter with its house and battery is like. Power in W, except where a name says otherwise. */
export interface InverterKind {
  /** Hold register 19, and the letters of the firmware. */
  readonly deviceType: number
  readonly firmware: string
  /** Peak power and working voltage of each PV input. */
  readonly strings: readonly (readonly [watts: number, volts: number])[]
  /** Most that the inverter gives on the AC side, and what battery and rectifier carry. */
  readonly ratedWatts: number
  readonly batteryWatts: number
  /** Conversion from DC to AC, in percent. */
  readonly efficiency: number
  /** Battery modules of 100 Ah. */
  readonly modules: number
  /** Largest current that the battery allows, A. */
  readonly batteryAmps: number
  readonly gridVolts: number
  readonly gridHertz: number
  /** Two legs of half the voltage each, as in North America. */
  readonly splitPhase: boolean
  /** Feeds in what nobody takes; else it supplies the house by itself and takes from the grid only when it must. */
  readonly onGrid: boolean
  /** Charging from the grid as its setting has it: percent of the rated power, or kW. */
  readonly acChargePower: number
}

/** The inverters that are simulated: an LXP-EU 12K, an EG4 12kPV and an EG4 6000XP. */
export const KINDS: Readonly<Record<Model, InverterKind>> = {
  lxp: {
    ...{ deviceType: 12, firmware: 'FAAB', efficiency: 96, gridVolts: 230, gridHertz: 50, splitPhase: false },
    strings: [
      [4300, 382],
      [3600, 340],
    ],
    ...{ ratedWatts: 12_000, batteryWatts: 5000, modules: 2, batteryAmps: 100, onGrid: true, acChargePower: 20 },
  },
  hybrid: {
    ...{ deviceType: 2092, firmware: 'EAAB', efficiency: 96, gridVolts: 240, gridHertz: 60, splitPhase: true },
    strings: [
      [4200, 361],
      [3900, 352],
      [2100, 214],
    ],
    ...{ ratedWatts: 8000, batteryWatts: 8000, modules: 3, batteryAmps: 200, onGrid: true, acChargePower: 3 },
  },
  offgrid: {
    ...{ deviceType: 38, firmware: 'CCAA', efficiency: 93, gridVolts: 240, gridHertz: 60, splitPhase: true },
    strings: [
      [3800, 288],
      [3400, 275],
    ],
    ...{ ratedWatts: 6000, batteryWatts: 6000, modules: 5, batteryAmps: 125, onGrid: false, acChargePower: 2.5 },
  },
}
