/** No command and no option raises these: 30.0 A and 10 kW. */
export const CEILING_DA = 300
export const CEILING_W = 10_000

/** What the taper leaves at least, 0.1 A. */
const TAPER_FLOOR_DA = 10

export interface LimitParts {
  /** What the user allows, W. */
  readonly userW: number
  /** What the user allows, 0.1 A. */
  readonly ceilingDa: number
  /** What the battery allows, W. */
  readonly batteryW: number
  readonly voltageDv: number
  /** The share that the cells allow, in 1/1000. */
  readonly fraction: number
}

/** The limit of one direction in 0.1 A, rounded down: the least of what user, battery and cells allow. */
export function limitDa({ userW, ceilingDa, batteryW, voltageDv, fraction }: LimitParts): number {
  const base = Math.min(CEILING_DA, ceilingDa, amperes(Math.min(userW, CEILING_W), voltageDv))
  const tapered = TAPER_FLOOR_DA + Math.floor(((base - TAPER_FLOOR_DA) * fraction) / 1000)
  const limit = Math.min(amperes(batteryW, voltageDv), base < TAPER_FLOOR_DA ? base : tapered)
  return limit > 0 ? limit : 0 // and 0 for anything that is no number
}

function amperes(watts: number, voltageDv: number): number {
  return Math.floor((watts * 100) / voltageDv)
}
