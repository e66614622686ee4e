import type { Extremes } from '../pack.ts'

/** The whole of what is allowed, in 1/1000. */
const FULL = 1000

/** So fast a fraction rises, per second; it falls at once. */
const RISE_PER_S = 5

/** Where the taper begins, and over how many mV it goes to nothing. */
const CHARGE_FROM_MV = 3420
const DISCHARGE_FROM_MV = 2900
const CELL_SPAN_MV = 80
const SPREAD_FROM_MV = 40
const SPREAD_SPAN_MV = 40

/**
 * What share of the charge limit the cells allow, in 1/1000: less the nearer the highest one is to full, and then also the
 * farther the cells are apart.
 */
export function chargeTarget({ min, max }: Extremes): number {
  const over = max - CHARGE_FROM_MV
  const byCell = share(CELL_SPAN_MV - over, CELL_SPAN_MV)
  if (over <= 0) return byCell
  const apart = Math.max(0, max - min - SPREAD_FROM_MV)
  return Math.min(byCell, share(SPREAD_SPAN_MV - apart, SPREAD_SPAN_MV))
}

/** What share of the discharge limit the lowest cell allows, in 1/1000. */
export function dischargeTarget({ min }: Extremes): number {
  return share(CELL_SPAN_MV - (DISCHARGE_FROM_MV - min), CELL_SPAN_MV)
}

function share(left: number, span: number): number {
  return Math.min(FULL, Math.floor((FULL * Math.max(0, left)) / span))
}

/** A fraction in 1/1000 that follows its target: down at once, up slowly. A fraction, so that a changed limit acts at once. */
export class Taper {
  #fraction = FULL
  #at: number | undefined

  /** The fraction at `at`; without a target it stays where it is. */
  step(target: number | undefined, at: number): number {
    const seconds = this.#at === undefined ? 0 : Math.max(0, at - this.#at) / 1000
    this.#at = at
    if (target !== undefined) this.#fraction = Math.min(target, this.#fraction + seconds * RISE_PER_S)
    return Math.floor(this.#fraction)
  }
}
