import { UsageError } from '../core/errors.ts'
import { type Settings, type SettingValue, settingProblem } from '../protocols/batgw/simulator/setting.ts'
import type { Texts } from './simulate-can-options.ts'

const NUMBER = /^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i

/** The values that `--set` gives to settings of a device. Throws `UsageError` at one that it does not have or that does not fit. */
export function ownSettings(settings: Settings, texts: Texts): Readonly<Record<string, SettingValue>> {
  const values = [...texts].map(([name, text]) => {
    const isNumber = Object.hasOwn(settings, name) && settings[name]!.type === 'number' && NUMBER.test(text)
    const value = isNumber ? Number(text) : text
    const problem = settingProblem(settings, name, value)
    if (problem !== undefined) throw new UsageError(`--set: ${problem}`, { name })
    return [name, value] as const
  })
  return Object.fromEntries(values)
}
