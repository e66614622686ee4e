/**
 * The words in which battery, safety and inverter speak of a pack. Whole numbers in small units, as they go over the wire:
 * voltage Dv = 0.1 V, current Da = 0.1 A (positive = charging), charge Bp = 0.01 %, temperature Dc = 0.1 °C.
 */

/** What is fixed about a pack. */
export interface PackFacts {
  readonly ratedAh: number
  readonly ratedDv: number
  readonly ratedWh: number
  /** Above it is not charged. */
  readonly maxDv: number
  /** Below it is not discharged. */
  readonly minDv: number
  /** Cells in series. */
  readonly cells: number
  /** Cell voltages that differ so much are a fault. */
  readonly cellSpreadMv: number
  /**
   * Cell voltages and temperatures cannot be had, and whoever configured that knows it: the pack voltages that are
   * plausible for its cells, all that is left to go by.
   */
  readonly blind?: { readonly lowDv: number; readonly highDv: number }
}

/** The lowest and highest of one kind, from one source: halves of different sources are never put together. */
export interface Extremes {
  readonly min: number
  readonly max: number
  /** Which cell or sensor it is, counted from 1; 0 where the source does not say. */
  readonly minAt: number
  readonly maxAt: number
}

/** `unknown`: the pack has never said anything about them. */
export type ContactorFeedback = 'closed' | 'open' | 'unknown'

/** What is known of a pack at one moment. What has never come or is too old is undefined, or not in its list. */
export interface PackView {
  /** It gave a sign of life within the last 10 s. */
  readonly running: boolean
  /** It is another variant than the configured one. */
  readonly wrongVariant: boolean
  /** Cell voltages in mV, from every source that has them; the preferred one first. */
  readonly cells: readonly Extremes[]
  /** Cell temperatures in 0.1 °C, likewise. */
  readonly temperatures: readonly Extremes[]
  readonly voltageDv: number | undefined
  readonly currentDa: number | undefined
  readonly socBp: number | undefined
  /** State of health; without age limit. */
  readonly sohBp: number | undefined
  readonly averageDc: number | undefined
  /** What the battery allows: the least that a source says. */
  readonly chargeW: number | undefined
  readonly dischargeW: number | undefined
  readonly contactors: ContactorFeedback
}

/** What is allowed at one moment, in 0.1 A. */
export interface Limits {
  readonly chargeDa: number
  readonly dischargeDa: number
}
