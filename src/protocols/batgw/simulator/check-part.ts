import { WattzupError } from '../../../core/errors.ts'
import type { ScenarioPart } from './scenario.ts'
import { type Settings, type SettingValue, settingProblem, unknownText } from './setting.ts'

/** What a device that plays a scenario has to know. */
export interface Role {
  readonly settings: Settings
  /** Messages that it sends. */
  readonly messages: readonly string[]
}

/** Throws `WattzupError` where a part of a scenario speaks of settings or messages that the role does not have. */
export function checkPart({ settings, messages }: Role, { place, state, events }: ScenarioPart): void {
  checkSettings(settings, state, `${place}.state`)
  for (const [i, { set = {}, silent = true, corrupt = true }] of events.entries()) {
    const event = `${place}.events[${i}]`
    checkSettings(settings, set, `${event}.set`)
    checkMessages(messages, silent, `${event}.silent`)
    checkMessages(messages, corrupt, `${event}.corrupt`)
  }
}

function checkSettings(settings: Settings, values: Readonly<Record<string, SettingValue>>, place: string): void {
  for (const [name, value] of Object.entries(values)) {
    const problem = settingProblem(settings, name, value)
    if (problem !== undefined) throw new WattzupError(`${place}: ${problem}`, { place })
  }
}

function checkMessages(known: readonly string[], names: true | readonly string[], place: string): void {
  if (names === true) return
  const strange = names.find(name => !known.includes(name))
  if (strange !== undefined) throw new WattzupError(`${place}: ${unknownText('message', strange, known)}`, { place })
}
