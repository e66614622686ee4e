import type { Values } from '../../../core/values.ts'
import type { Codec } from '../../../decode/codec.ts'

/** Minutes since midnight, half-open; the same minute twice is off. */
type Window = readonly [from: number, until: number]

/** Settings that the simulated inverter heeds. */
export interface Settings {
  /** Not in standby. */
  readonly running: boolean
  readonly feedIn: boolean
  /** Percent of what the battery side can carry. */
  readonly chargePercent: number
  readonly dischargePercent: number
  /** Discharge ends at this state of charge, percent. */
  readonly reserve: number
  /** Charging from the grid: when, with how many W at most, up to which state of charge. */
  readonly acWindows: readonly Window[]
  readonly acWatts: number
  readonly acLimit: number
  /** Off the grid: states of charge at which charging from it begins and ends. */
  readonly acStart: number
  readonly acEnd: number
}

/** Reads the settings of hold registers, decoded by `codec`; powers in percent are those of `ratedWatts`. */
export function settingsOf(values: Values, codec: Codec, ratedWatts: number): Settings {
  const number = (name: string) => Number(values[name] ?? 0)
  const isPercent = codec.fields.some(({ name, unit }) => name === 'ac_charge_power' && unit === '%')
  const power = number('ac_charge_power')
  return {
    running: values['function_enable_power_on'] === true,
    feedIn: values['function_enable_feed_in_grid_enable'] === true,
    chargePercent: Math.min(number('charge_power_percent'), 100),
    dischargePercent: Math.min(number('discharge_power_percent'), 100),
    reserve: number('discharge_cutoff_soc'),
    acWindows: values['function_enable_ac_charge_enable'] === true ? [1, 2, 3].map(windowOf(values)) : [],
    acWatts: Math.round(isPercent ? (ratedWatts * power) / 100 : power * 1000),
    acLimit: number('ac_charge_soc_limit'),
    acStart: number('ac_charge_start_soc'),
    acEnd: number('ac_charge_end_soc'),
  }
}

function windowOf(values: Values): (index: number) => Window {
  return index => [minutesOf(values[`ac_charge_start_${index}`]), minutesOf(values[`ac_charge_end_${index}`])]
}

function minutesOf(time: unknown): number {
  const [hours = 0, minutes = 0] = String(time).split(':').map(Number)
  return hours * 60 + minutes
}

/** Whether a minute of the day is in a window, which may go over midnight. */
export function isWithin([from, until]: Window, minute: number): boolean {
  return from <= until ? minute >= from && minute < until : minute >= from || minute < until
}
