import type { Limits } from '../pack.ts'

/** Remembers which limits the inverter was told, so that it is told at once when one falls to 0. */
export class LimitWatch {
  #told: Limits | undefined
  #lost = false

  /** The limits that must not wait for their turn; undefined where nothing hurries. The one that has not fallen is not raised. */
  urgent(limits: Limits): Limits | undefined {
    const told = this.#told
    if (told === undefined) return undefined
    const falls =
      (told.chargeDa > 0 && limits.chargeDa === 0) || (told.dischargeDa > 0 && limits.dischargeDa === 0) || this.#lost
    if (!falls) return undefined
    return {
      chargeDa: Math.min(told.chargeDa, limits.chargeDa),
      dischargeDa: Math.min(told.dischargeDa, limits.dischargeDa),
    }
  }

  told(limits: Limits): void {
    this.#told = limits
    this.#lost = false
  }

  /** What was told last did not get through. */
  lost(): void {
    this.#lost = true
  }

  /** Nobody was told anything. */
  reset(): void {
    this.#told = undefined
    this.#lost = false
  }
}
