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

/** Why a value does not fit a setting; undefined where it does. */
export function settingProblem(setting: Setting, value: unknown): string | undefined {
  const expected = expectedOf(setting)
  return fits(setting, value) ? undefined : `${JSON.stringify(value)} does not fit; expected ${expected}`
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
