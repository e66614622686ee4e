import { WattzupError } from '../../../core/errors.ts'
import { checkPart, type Role } from './check-part.ts'
import type { ScenarioEvent, ScenarioPart } from './scenario.ts'
import type { SettingValue } from './setting.ts'

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

/** What holds at any moment of one part of a scenario. Keeps nothing: times are seconds since it began. */
export class Timeline {
  readonly #initial: Readonly<Record<string, SettingValue | undefined>>
  readonly #changes = new Map<string, Change[]>()
  readonly #silent: readonly Spell[]
  readonly #corrupt: readonly Spell[]
  readonly #restarts: readonly { readonly off: number; readonly on: number }[]

  /**
   * `own` are settings of the user's, over those of the scenario and known to fit. Throws `WattzupError` where the scenario
   * does not fit the role.
   */
  constructor(role: Role, part: ScenarioPart, own: Readonly<Record<string, SettingValue>> = {}) {
    checkPart(role, part)
    const { place, state, events } = part
    const ordered = [...events].sort((a, b) => a.at - b.at)
    const defaults = Object.entries(role.settings).map(([name, { initial }]) => [name, initial] as const)
    this.#initial = { ...Object.fromEntries(defaults), ...state, ...own }
    for (const event of ordered) this.#change(event, place)
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

  /** When the device was switched on last; undefined where it is off. Where restarts overlap the longest counts. */
  onSince(at: number): number | undefined {
    const since = this.#restarts.reduce((latest, { off, on }) => (off <= at ? Math.max(latest, on) : latest), 0)
    return since <= at ? since : undefined
  }

  #change({ at, over = 0, set = {} }: ScenarioEvent, place: string): void {
    for (const [name, end] of Object.entries(set)) {
      const start = this.#value(name, at)
      if (over > 0 && start === undefined)
        throw new WattzupError(`${place}: ${name} changes at ${at} s from nothing; give it a value in state`, { place })
      const changes = this.#changes.get(name) ?? []
      this.#changes.set(name, changes)
      changes.push({ from: at, to: at + over, start, end })
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
