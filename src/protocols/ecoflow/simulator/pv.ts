/** What a PV input says of itself; the names are those of the records' `pv_state`. */
export type PvState = 'off' | 'idle' | 'generating'

/** Below this an input counts as idle and takes nothing. */
const LEAST_WATTS = 4
/** From being switched on: first the input waits, then its tracker ramps up. */
const WAIT_S = 3
const RAMP_S = 5
/** Open-circuit over maximum-power voltage of silicon modules. */
const OPEN_CIRCUIT = 1.19

/** A string of modules on a tracker that can be switched off. */
export class PvInput {
  readonly #peakWatts: number
  readonly #mppVolts: number
  on = true
  /** Power taken, after curtailment. */
  watts = 0
  volts = 0
  celsius = 22
  energyWh = 0
  /** -WAIT_S/RAMP_S to 1; the tracker's share of what it could take. */
  #ramp = 1
  #available = 0
  #light = 0

  constructor(peakWatts: number, mppVolts: number) {
    this.#peakWatts = peakWatts
    this.#mppVolts = mppVolts
  }

  get amps(): number {
    return this.volts > 0 ? this.watts / this.volts : 0
  }

  get state(): PvState {
    if (!this.on) return 'off'
    return this.watts > 0 ? 'generating' : 'idle'
  }

  switch(on: boolean): void {
    if (on && !this.on) this.#ramp = -WAIT_S / RAMP_S
    this.on = on
    if (!on) this.take(0)
  }

  /** Power that could be had now, W. */
  offer(light: number, seconds: number): number {
    this.#light = light
    this.#ramp = this.on ? Math.min(1, this.#ramp + seconds / RAMP_S) : this.#ramp
    const watts = this.on ? this.#peakWatts * light * Math.max(0, this.#ramp) : 0
    this.#available = watts < LEAST_WATTS ? 0 : watts
    return this.#available
  }

  /** Settles on a `share` (0 to 1) of what was offered: a full battery takes less than the sun gives. */
  take(share: number): void {
    const watts = this.#available * share
    this.watts = watts < LEAST_WATTS ? 0 : watts
    const open = 1 - (this.watts === 0 ? 0 : share)
    const lit = this.#light <= 0 ? 0 : 0.8 + 0.2 * Math.min(1, this.#light * 5)
    this.volts = this.#mppVolts * lit * (1 + (OPEN_CIRCUIT - 1) * open)
  }

  /** Counts the energy of `seconds` at the present power. */
  count(seconds: number): void {
    this.energyWh += (this.watts * seconds) / 3600
    this.celsius += ((22 + this.watts * 0.02 - this.celsius) * seconds) / 600
  }
}
