import type { Limits, PackFacts, PackView } from '../pack.ts'
import { CHARGE, DISCHARGE, Direction, type Wish } from './direction.ts'
import { limitDa } from './limit.ts'
import { chargeTarget, dischargeTarget, Taper } from './taper.ts'
import { CONTACTORS_OPEN, firstUnsafe, isCritical } from './unsafe-rows.ts'

/** Everything has to be safe for so long before current may flow, ms. */
const SETTLE_MS = 2000

/** What the user allows at the moment. */
export interface Wishes {
  readonly charge: Wish
  readonly discharge: Wish
}

/** What the configuration allows at most, 0.1 A. */
export interface Ceilings {
  readonly chargeDa: number
  readonly dischargeDa: number
}

export interface Decision extends Limits {
  /** Why nothing may flow at all; empty when safe. While everything is safe again but not for long enough: the reason before. */
  readonly unsafe: string
  /** Why nothing may flow in that direction, beside `unsafe`; empty where there is nothing. */
  readonly chargeBlocked: string
  readonly dischargeBlocked: string
  /** Everything but the state of the contactors has been safe for long enough. */
  readonly mayClose: boolean
}

/** Since when something holds without a break. */
class Holding {
  #since: number | undefined

  /** Whether it has held for long enough at `at`. */
  step(holds: boolean, at: number): boolean {
    if (!holds) this.#since = undefined
    else this.#since ??= at
    return this.#since !== undefined && at - this.#since >= SETTLE_MS
  }
}

/**
 * Decides what current may flow, from what is known of the pack at one moment and from what was seen before. Whatever is not
 * known to be safe gives 0. Pure but for its memory; times are monotonic ms. Source: docs/commands/batgw.md.
 */
export class SafetyGate {
  readonly #facts: PackFacts
  readonly #ceilings: Ceilings
  readonly #charge = new Direction(CHARGE)
  readonly #discharge = new Direction(DISCHARGE)
  readonly #chargeTaper = new Taper()
  readonly #dischargeTaper = new Taper()
  readonly #safe = new Holding()
  readonly #closable = new Holding()
  #critical = false
  #reason = 'battery is not running'

  constructor(facts: PackFacts, ceilings: Ceilings) {
    this.#facts = facts
    this.#ceilings = ceilings
  }

  /** The decision at `at`; `veto` is a reason from outside why nothing may flow, and comes before all others. */
  evaluate(view: PackView, wishes: Wishes, at: number, veto?: string): Decision {
    this.#critical ||= isCritical(view)
    const fault = veto ?? firstUnsafe({ view, facts: this.#facts, critical: this.#critical })
    const reason = fault ?? (view.contactors === 'open' ? CONTACTORS_OPEN : undefined)
    const mayClose = this.#closable.step(fault === undefined, at)
    const open = this.#safe.step(reason === undefined, at)
    if (reason !== undefined) this.#reason = reason
    const chargeBlocked = this.#charge.blocked(view, this.#facts, wishes.charge)
    const dischargeBlocked = this.#discharge.blocked(view, this.#facts, wishes.discharge)
    const allowed = this.#allowed(view, wishes, at)
    return {
      unsafe: open ? '' : this.#reason,
      chargeBlocked,
      dischargeBlocked,
      mayClose,
      chargeDa: open && chargeBlocked === '' ? allowed.chargeDa : 0,
      dischargeDa: open && dischargeBlocked === '' ? allowed.dischargeDa : 0,
    }
  }

  /** The limits where nothing is wrong. The tapers follow the cells also while something is. */
  #allowed(view: PackView, { charge, discharge }: Wishes, at: number): Limits {
    const [cells] = view.cells
    const chargeShare = this.#chargeTaper.step(cells && chargeTarget(cells), at)
    const dischargeShare = this.#dischargeTaper.step(cells && dischargeTarget(cells), at)
    const { voltageDv, chargeW = 0, dischargeW = 0 } = view
    if (voltageDv === undefined) return { chargeDa: 0, dischargeDa: 0 }
    return {
      chargeDa: limitDa({
        userW: charge.limitW,
        ceilingDa: this.#ceilings.chargeDa,
        batteryW: chargeW,
        voltageDv,
        fraction: chargeShare,
      }),
      dischargeDa: limitDa({
        userW: discharge.limitW,
        ceilingDa: this.#ceilings.dischargeDa,
        batteryW: dischargeW,
        voltageDv,
        fraction: dischargeShare,
      }),
    }
  }
}
