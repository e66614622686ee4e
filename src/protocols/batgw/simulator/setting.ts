import { visible } from '../../../decode/problems.ts'
import { nearest } from '../../../decode/suggest.ts'

/** So much of a stranger's text is repeated in a message, characters. */
const LONGEST_SHOWN = 60

/** What can be set of a pretended device, and changed by a scenario. */
export type Setting = NumberSetting | ChoiceSetting | TextSetting

export interface NumberSetting {
  readonly type: 'number'
  readonly help: string
  readonly unit: string
  readonly low: number
  readonly high: number
  /** Without one the device works it out of others. */
  readonly initial?: number
}

export interface ChoiceSetting {
  readonly type: 'choice'
  readonly help: string
  readonly choices: readonly string[]
  readonly initial: string
}

export interface TextSetting {
  readonly type: 'text'
  readonly help: string
  /** Printable ASCII, at most so many characters. */
  readonly most: number
  readonly initial: string
}

export type SettingValue = number | string

/** Settings by name. */
export type Settings = Readonly<Record<string, Setting>>

/** Why this cannot be set: there is no setting of that name, or its value does not fit. Undefined where it can. */
export function settingProblem(settings: Settings, name: string, value: unknown): string | undefined {
  const setting = Object.hasOwn(settings, name) ? settings[name]! : undefined
  if (setting === undefined) return unknownText('setting', name, Object.keys(settings))
  return fits(setting, value) ? undefined : `${name}: ${foundText(value)} does not fit; expected ${expectedOf(setting)}`
}

/** That this device has no such thing, and which ones it has. */
export function unknownText(what: string, name: string, known: readonly string[]): string {
  return `this device has no ${what} ${foundText(name)}; ${nearest(name, known) ?? `it has ${known.join(', ')}`}`
}

/** What stands where something else was expected, in a few characters. */
export function foundText(value: unknown): string {
  if (Array.isArray(value)) return 'a list'
  if (typeof value === 'object' && value !== null) return 'an object'
  if (typeof value !== 'string') return value === undefined ? 'nothing' : String(value)
  return visible(JSON.stringify(value.length > LONGEST_SHOWN ? `${value.slice(0, LONGEST_SHOWN)}...` : value))
}

function fits(setting: Setting, value: unknown): boolean {
  switch (setting.type) {
    case 'number':
      return typeof value === 'number' && value >= setting.low && value <= setting.high
    case 'choice':
      return typeof value === 'string' && setting.choices.includes(value)
    case 'text':
      return typeof value === 'string' && value.length <= setting.most && /^[\x20-\x7e]*$/.test(value)
  }
}

/** What a setting may be, in words. */
export function expectedOf(setting: Setting): string {
  switch (setting.type) {
    case 'number':
      return `${setting.low} to ${setting.high}${setting.unit === '' ? '' : ` ${setting.unit}`}`
    case 'choice':
      return setting.choices.join(', ')
    case 'text':
      return `up to ${setting.most} ASCII characters`
  }
}
