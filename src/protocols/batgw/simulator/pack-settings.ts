import type { SettingsView } from './node.ts'
import type { NumberSetting, Settings } from './setting.ts'

function number(help: string, unit: string, low: number, high: number, initial?: number): NumberSetting {
  return { type: 'number', help, unit, low, high, ...(initial === undefined ? {} : { initial }) }
}

/** What can be set of every pretended pack; those that a pack does not report change nothing. Cells of `volts` at first. */
export function packSettings(volts: number): Settings {
  return {
    soc: number('state of charge', '%', 0, 100, 95),
    soh: number('state of health', '%', 0, 100, 100),
    current: number('current, positive = charging', 'A', -500, 500, 3.1),
    min_cell_voltage: number(
      'lowest cell; 4.095 stands for not known',
      'V',
      0,
      4.095,
      Math.round(volts * 1000 - 2) / 1000,
    ),
    max_cell_voltage: number(
      'highest cell; 4.095 stands for not known',
      'V',
      0,
      4.095,
      Math.round(volts * 1000 + 2) / 1000,
    ),
    voltage: number('pack voltage; by itself that of all cells', 'V', 0, 1000),
    min_temperature: number('coldest cell', '°C', -40, 215, 22),
    max_temperature: number('hottest cell', '°C', -40, 215, 23),
    max_charge_power: number('allowed charge power', 'W', 0, 200_000, 50_600),
    max_discharge_power: number('allowed discharge power', 'W', 0, 200_000, 21_100),
    contactors: {
      type: 'choice',
      help: 'whether they do what they are told, or need not be told',
      choices: ['obey', 'stay open', 'stay closed'],
      initial: 'obey',
    },
  }
}

/** The pack voltage of so many cells in series, V, in steps of 0.1. */
export function packVoltage(settings: SettingsView, cells: number, at: number): number {
  const mean = (settings.number('min_cell_voltage', at) + settings.number('max_cell_voltage', at)) / 2
  return Math.round((settings.given('voltage', at) ?? mean * cells) * 10) / 10
}

/** Mean of the cell temperatures, °C. */
export function averageTemperature(settings: SettingsView, at: number): number {
  return (settings.number('min_temperature', at) + settings.number('max_temperature', at)) / 2
}
