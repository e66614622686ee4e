/** A cell as a screen shows it. */
export interface Cell {
  readonly millivolts: number | null
  /** Alarm code: 0 normal, 1 below, 2 above its limit; null where that is not known. */
  readonly code: number | null
  /** The module says that the cell, or the wire to it, has failed. */
  readonly faulty: boolean
}

export interface Sensor {
  readonly celsius: number | null
  readonly code: number | null
}

/** What a module does and what it may do. */
export interface Module {
  /** From 1. */
  readonly number: number
  /** Names it for as long as the program runs: its address, where that is known. */
  readonly key: string
  /** `group/n`, where the address is known. */
  readonly place: string | null
  readonly serial: string | null
  readonly firmware: string | null
  readonly cells: readonly Cell[]
  readonly sensors: readonly Sensor[]
  /** V, positive A = charging, W, Ah, %. */
  readonly voltage: number | null
  readonly current: number | null
  readonly power: number | null
  readonly remainingAh: number | null
  readonly totalAh: number | null
  readonly soc: number | null
  readonly cycles: number | null
  /** Alarm codes as of cells. */
  readonly chargeCurrent: number | null
  readonly moduleVoltage: number | null
  readonly dischargeCurrent: number | null
  /** Status bits by the names of `FLAGS`; null or missing where not known. */
  readonly flags: Readonly<Record<string, boolean | null>>
  /** Status 1 to 5, and that of 92h. */
  readonly status: readonly (number | null)[]
  readonly managementStatus: number | null
  /** Of 92h, by its names. */
  readonly limits: Readonly<Record<string, number>>
  /** Unix ms. */
  readonly updatedAt: number | null
  /** Its source says that its values are old. */
  readonly stale: boolean
  readonly error: string | null
}

/** All modules of one source. */
export interface Stack {
  readonly modules: readonly Module[]
  /** Of 47h, by its names. */
  readonly system: Readonly<Record<string, number>>
  /** Name, software and maker, as the first module gives them. */
  readonly device: string
}

/** Lowest and highest voltage of cells, in whole mV. */
export interface CellRange {
  readonly low: number
  readonly high: number
}

/** The range of a module's cells; undefined where none is known. */
export function cellRange({ cells }: Pick<Module, 'cells'>): CellRange | undefined {
  const known = cells.flatMap(({ millivolts }) => (millivolts === null ? [] : [millivolts]))
  return known.length === 0 ? undefined : { low: Math.min(...known), high: Math.max(...known) }
}

/** How far the cells of a module are apart, in whole mV; null where that is not known. */
export function spreadOf(module: Pick<Module, 'cells'>): number | null {
  const range = cellRange(module)
  return range === undefined ? null : range.high - range.low
}

/** The highest temperature of a module; null where none is known. */
export function hottest({ sensors }: Pick<Module, 'sensors'>): number | null {
  const known = sensors.flatMap(({ celsius }) => (celsius === null ? [] : [celsius]))
  return known.length === 0 ? null : Math.max(...known)
}

/**
 * V x A in W without what binary fractions add: of whole mV and mA. Not rounded: sums and what is cut off depend on it.
 */
export function powerOf(voltage: number | null, current: number | null): number | null {
  if (voltage === null || current === null) return null
  return (Math.round(voltage * 1000) * Math.round(current * 1000)) / 1_000_000
}

/** Charge in % of capacity, of whole mAh; null where there is no capacity. */
export function socOf(remainingAh: number | null, totalAh: number | null): number | null {
  if (remainingAh === null || totalAh === null || totalAh <= 0) return null
  return (Math.round(remainingAh * 1000) * 100) / Math.round(totalAh * 1000)
}

/** Whether the values of a module are old: its source says so, or they are older than `staleAfterMs`. */
export function isStale({ stale, error, updatedAt }: Module, now: number, staleAfterMs: number): boolean {
  return stale || error !== null || (updatedAt !== null && now - updatedAt > staleAfterMs)
}

/** Whether anything was ever read of a module. */
export function hasValues({ voltage, current, soc, cells }: Module): boolean {
  return voltage !== null || current !== null || soc !== null || cells.length > 0
}

/** Whether a module has told of its alarms, be there any or not. */
export function tellsAlarms({ cells, status, moduleVoltage }: Module): boolean {
  return moduleVoltage !== null || status.some(byte => byte !== null) || cells.some(({ code }) => code !== null)
}
