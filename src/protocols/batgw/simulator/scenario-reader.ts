import { WattzupError } from '../../../core/errors.ts'
import { visible } from '../../../decode/problems.ts'
import { nearest } from '../../../decode/suggest.ts'
import { foundText, type SettingValue } from './setting.ts'

/** Some 30 years: no scenario is longer, s. */
const LONGEST_S = 1e9
/** What a person can read, and nothing that moves the cursor of a terminal. */
const TITLE = /^\P{C}{1,200}$/u

/** Reads the parts of a scenario file, and says where something else was expected. Throws `WattzupError`. */
export class ScenarioReader {
  readonly #name: string

  /** `name` is what messages call the file. */
  constructor(name: string) {
    this.#name = name
  }

  problem(path: string, text: string): WattzupError {
    return new WattzupError(`${this.place(path)}: ${text}`, { path })
  }

  /** What messages call a part of the file: `mine.json: battery.events[2]`. */
  place(path: string): string {
    return visible(path === '' ? this.#name : `${this.#name}: ${path}`)
  }

  /** An object with no other keys than these. */
  object(value: unknown, path: string, keys: readonly string[]): Readonly<Record<string, unknown>> {
    const object = this.#record(value, path)
    const strange = Object.keys(object).find(key => !keys.includes(key))
    if (strange === undefined) return object
    const near = nearest(strange, keys)
    throw this.problem(path, `${foundText(strange)} is unknown; ${near ?? `expected ${keys.join(', ')}`}`)
  }

  list(value: unknown, path: string, most: number): readonly unknown[] {
    if (!Array.isArray(value)) throw this.problem(path, `expected a list, found ${foundText(value)}`)
    if (value.length <= most) return value
    throw this.problem(path, `expected a list of at most ${most}, found ${value.length}`)
  }

  title(value: unknown): string {
    if (typeof value === 'string' && TITLE.test(value)) return value
    throw this.problem('title', `expected a line of text, found ${foundText(value)}`)
  }

  seconds(value: unknown, path: string): number {
    if (typeof value === 'number' && value >= 0 && value <= LONGEST_S) return value
    throw this.problem(path, `expected seconds, 0 to ${LONGEST_S}, found ${foundText(value)}`)
  }

  messages(value: unknown, path: string): true | readonly string[] {
    if (value === true) return true
    if (Array.isArray(value) && value.every(name => typeof name === 'string')) return value
    throw this.problem(path, `expected true, or a list of messages, found ${foundText(value)}`)
  }

  values(value: unknown, path: string): Readonly<Record<string, SettingValue>> {
    const values = new Map<string, SettingValue>()
    for (const [name, one] of Object.entries(this.#record(value, path))) {
      if (typeof one !== 'number' && typeof one !== 'string')
        throw this.problem(`${path}.${name}`, `expected a number or a text, found ${foundText(one)}`)
      values.set(name, one)
    }
    return Object.fromEntries(values)
  }

  #record(value: unknown, path: string): Readonly<Record<string, unknown>> {
    if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value as Record<string, unknown>
    throw this.problem(path, `expected an object, { ... }, found ${foundText(value)}`)
  }
}
