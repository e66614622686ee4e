import { WattzupError } from '../../../core/errors.ts'
import { nearest } from '../../../decode/suggest.ts'
import type { ScenarioEvent, ScenarioPart } from './scenario.ts'
import { type Settings, type SettingValue, settingProblem } from './setting.ts'

/** A change of a setting: from one value to another between two times, s. */
interface Change {
  readonly from: number
  readonly to: number
  readonly start: SettingValue | undefined
  readonly end: SettingValue
}

/** Messages that something happens to between two times, s. */
interface Spell {
  readonly from: number
  readonly to: number
  readonly messages: true | readonly string[]
}

/** What a device that plays a scenario has to know. */
export interface Role {
  readonly settings: Settings
  /** Messages that it sends. */
  readonly messages: readonly string[]
}

/** What holds at any moment of one part of a scenario. Keeps nothing: times are seconds since it began. */
export class Timeline {
  readonly #initial: Readonly<Record<string, SettingValue | undefined>>
  readonly #changes = new Map<string, Change[]>()
  readonly #silent: readonly Spell[]
  readonly #corrupt: readonly Spell[]
  readonly #restarts: readonly { readonly off: number; readonly on: number }[]

  /** `own` are settings of the user's, over those of the scenario. Throws `WattzupError` at names and values that do not fit. */
  constructor(role: Role, { state, events }: ScenarioPart, own: Readonly<Record<string, SettingValue>> = {}) {
    const ordered = [...events].sort((a, b) => a.at - b.at)
    check(role, { ...state, ...own }, ordered)
    const defaults = Object.entries(role.settings).map(([name, { initial }]) => [name, initial] as const)
    this.#initial = { ...Object.fromEntries(defaults), ...state, ...own }
    for (const event of ordered) this.#change(event)
    this.#silent = spells(ordered, 'silent')
    this.#corrupt = spells(ordered, 'corrupt')
    this.#restarts = ordered.flatMap(({ at, restart }) =>
      restart === undefined ? [] : [{ off: at, on: at + restart }],
    )
  }

  /** A number as it is then; undefined where it was never set and has no initial value. */
  number(name: string, at: number): number | undefined {
    const value = this.#value(name, at)
    return typeof value === 'number' ? value : undefined
  }

  text(name: string, at: number): string {
    return String(this.#value(name, at) ?? '')
  }

  isSilent(message: string, at: number): boolean {
    return holds(this.#silent, message, at)
  }

  isCorrupt(message: string, at: number): boolean {
    return holds(this.#corrupt, message, at)
  }

  /** When the device was switched on last; undefined where it is off. */
  onSince(at: number): number | undefined {
    const restart = this.#restarts.findLast(({ off }) => off <= at)
    if (restart === undefined) return 0
    return restart.on <= at ? restart.on : undefined
  }

  #change({ at, over = 0, set = {} }: ScenarioEvent): void {
    for (const [name, end] of Object.entries(set)) {
      const start = this.#value(name, at)
      const changes = this.#changes.get(name) ?? []
      this.#changes.set(name, [...changes, { from: at, to: at + over, start, end }])
    }
  }

  #value(name: string, at: number): SettingValue | undefined {
    const change = this.#changes.get(name)?.findLast(({ from }) => from <= at)
    if (change === undefined) return this.#initial[name]
    const { from, to, start, end } = change
    if (at >= to || typeof start !== 'number' || typeof end !== 'number') return end
    return start + ((end - start) * (at - from)) / (to - from)
  }
}

function spells(events: readonly ScenarioEvent[], key: 'silent' | 'corrupt'): Spell[] {
  return events.flatMap(event => {
    const messages = event[key]
    const { at, for: seconds = Number.POSITIVE_INFINITY } = event
    return messages === undefined ? [] : [{ from: at, to: at + seconds, messages }]
  })
}

function holds(spells: readonly Spell[], message: string, at: number): boolean {
  return spells.some(
    ({ from, to, messages }) => from <= at && at < to && (messages === true || messages.includes(message)),
  )
}

function check({ settings, messages }: Role, state: ScenarioPart['state'], events: readonly ScenarioEvent[]): void {
  const sets = [{ at: 0, set: state }, ...events]
  for (const { at, set = {} } of sets)
    for (const [name, value] of Object.entries(set)) checkSetting(settings, name, value, at)
  for (const { at, silent = true, corrupt = true } of events) {
    for (const list of [silent, corrupt]) if (list !== true) for (const name of list) checkMessage(messages, name, at)
  }
}

function checkSetting(settings: Settings, name: string, value: SettingValue, at: number): void {
  const setting = Object.hasOwn(settings, name) ? settings[name]! : undefined
  const problem = setting === undefined ? unknown(name, Object.keys(settings)) : settingProblem(setting, value)
  if (problem !== undefined) throw new WattzupError(`scenario, at ${at} s: ${name}: ${problem}`, { name })
}

function checkMessage(messages: readonly string[], name: string, at: number): void {
  if (messages.includes(name)) return
  throw new WattzupError(`scenario, at ${at} s: message ${name}: ${unknown(name, messages)}`, { name })
}

function unknown(name: string, known: readonly string[]): string {
  return `this device has none; ${nearest(name, known) ?? `it has ${known.join(', ')}`}`
}
