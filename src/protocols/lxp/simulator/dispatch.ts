import type { InverterKind } from './kinds.ts'

/** What there is to share out, in whole W. */
export interface Situation {
  /** What each PV input could give. */
  readonly offered: readonly number[]
  readonly load: number
  /** Most that the battery takes and gives. */
  readonly chargeLimit: number
  readonly dischargeLimit: number
}

/**
 * Where power goes, in whole W. On the AC side it adds up: `output + gridImport = load + gridExport + acCharge`, where
 * `output` is `eps` for an inverter that supplies the house by itself. The DC side gives more than it makes of it:
 * conversion takes its part.
 */
export interface Flow {
  readonly pv: readonly number[]
  readonly load: number
  readonly charge: number
  readonly discharge: number
  /** From DC to the grid port. */
  readonly output: number
  /** From the grid into the rectifier. */
  readonly acCharge: number
  /** On the emergency supply's output. */
  readonly eps: number
  readonly gridExport: number
  readonly gridImport: number
  /** Input register 0. */
  readonly status: number
}

const STATUS = { pvOut: 4, pvCharge: 8, batteryOut: 16, acCharge: 32, batteryOffGrid: 64, pvOffGrid: 128 }

/** Everything is switched off: the grid carries the house. */
export function standby(kind: InverterKind, { offered, load }: Situation): Flow {
  const eps = kind.onGrid ? 0 : load
  return { ...NOTHING, pv: offered.map(() => 0), load, eps, gridImport: load }
}

const NOTHING = { charge: 0, discharge: 0, output: 0, acCharge: 0, eps: 0, gridExport: 0, gridImport: 0, status: 0 }

/** House first, then battery, then grid; the battery, then the grid, where the sun is not enough. */
export function besideGrid(kind: InverterKind, situation: Situation, feedIn: boolean): Flow {
  const { offered, load, chargeLimit, dischargeLimit } = situation
  const needed = dcFor(kind, Math.min(load, kind.ratedWatts))
  const charge = Math.min(Math.max(sum(offered) - needed, 0), chargeLimit)
  const mostOut = feedIn ? dcFor(kind, kind.ratedWatts) : needed
  const pv = curtailed(offered, charge + mostOut)
  const discharge = Math.min(Math.max(needed - sum(pv), 0), dischargeLimit)
  const output = acFrom(kind, sum(pv) - charge + discharge)
  const status =
    (sum(pv) > charge ? STATUS.pvOut : 0) + (charge > 0 ? STATUS.pvCharge : 0) + (discharge > 0 ? STATUS.batteryOut : 0)
  const [gridExport, gridImport] = [Math.max(output - load, 0), Math.max(load - output, 0)]
  return { ...NOTHING, pv, load, charge, discharge, output, gridExport, gridImport, status }
}

/** The inverter is the grid of the house; undefined where the load is more than it can carry. */
export function insteadOfGrid(kind: InverterKind, situation: Situation): Flow | undefined {
  const { offered, load, chargeLimit, dischargeLimit } = situation
  const needed = dcFor(kind, load)
  const charge = Math.min(Math.max(sum(offered) - needed, 0), chargeLimit)
  const pv = curtailed(offered, needed + charge)
  const discharge = needed + charge - sum(pv)
  if (load > kind.ratedWatts || discharge > dischargeLimit) return undefined
  const status =
    (sum(pv) > charge ? STATUS.pvOffGrid : 0) +
    (charge > 0 ? STATUS.pvCharge : 0) +
    (discharge > 0 ? STATUS.batteryOffGrid : 0)
  return { ...NOTHING, pv, load, charge, discharge, eps: load, status }
}

/** The grid carries the house and charges the battery with at most `acWatts`, together with the sun. */
export function fromGrid(kind: InverterKind, { offered, load, chargeLimit }: Situation, acWatts: number): Flow {
  const pv = curtailed(offered, chargeLimit)
  const acCharge = Math.min(acWatts, dcFor(kind, chargeLimit - sum(pv)))
  const charge = Math.min(sum(pv) + acFrom(kind, acCharge), chargeLimit)
  const status = (sum(pv) > 0 ? STATUS.pvCharge : 0) + (acCharge > 0 ? STATUS.acCharge : 0)
  const eps = kind.onGrid ? 0 : load
  return { ...NOTHING, pv, load, charge, acCharge, eps, gridImport: load + acCharge, status }
}

/** DC power that makes so much AC, and AC power that DC makes; the rectifier is as good as the inverter. */
function dcFor({ efficiency }: InverterKind, watts: number): number {
  return Math.ceil((watts * 100) / efficiency)
}

function acFrom({ efficiency }: InverterKind, watts: number): number {
  return Math.floor((watts * efficiency) / 100)
}

/** PV inputs that together give no more than `most`, each its share; rounded so that the shares add up. */
function curtailed(offered: readonly number[], most: number): number[] {
  const total = sum(offered)
  if (total <= most) return [...offered]
  let before = 0
  return offered.map(watts => {
    const start = Math.floor((before * most) / total)
    before += watts
    return Math.floor((before * most) / total) - start
  })
}

function sum(list: readonly number[]): number {
  return list.reduce((total, watts) => total + watts, 0)
}
