import { WattzupError } from '../../../core/errors.ts'
import { nearest } from '../../../decode/suggest.ts'
import type { Side } from '../gateway-event.ts'
import type { SettingValue } from './setting.ts'

/** Something that happens once; times are seconds since the device was switched on for the first time. */
export interface ScenarioEvent {
  readonly at: number
  /** Settings that change, numbers steadily where it takes `over` seconds. */
  readonly set?: Readonly<Record<string, SettingValue>>
  readonly over?: number
  /** Messages that are not sent, or all; `for` so many seconds, or to the end. */
  readonly silent?: true | readonly string[]
  /** Messages that are damaged on the way, likewise. */
  readonly corrupt?: true | readonly string[]
  readonly for?: number
  /** Switched off for so many seconds, then on again as if for the first time. */
  readonly restart?: number
}

/** What one side of a scenario begins with, and what happens to it. */
export interface ScenarioPart {
  readonly state: Readonly<Record<string, SettingValue>>
  readonly events: readonly ScenarioEvent[]
}

/** A story that a pretended battery and a pretended inverter play, each its part. */
export interface Scenario {
  readonly title: string
  readonly parts: Readonly<Record<Side, ScenarioPart>>
}

/** Nothing happens. */
export const EMPTY_PART: ScenarioPart = { state: {}, events: [] }

const DOES = ['set', 'silent', 'corrupt', 'restart'] as const

/** Reads the text of a scenario file, whose `name` stands before messages. Throws `WattzupError`, with the place. */
export function parseScenario(text: string, name: string): Scenario {
  return readScenario(parsed(text, name), name)
}

/** Reads what a scenario file holds; throws likewise. */
export function readScenario(content: unknown, name: string): Scenario {
  const reader = new Reader(name)
  const file = reader.object(content, '', ['title', 'battery', 'inverter'])
  if (typeof file['title'] !== 'string') throw reader.problem('title', 'is missing; expected a text')
  const part = (side: Side) => (file[side] === undefined ? EMPTY_PART : readPart(reader, file[side], side))
  return { title: file['title'], parts: { battery: part('battery'), inverter: part('inverter') } }
}

function parsed(text: string, name: string): unknown {
  try {
    return JSON.parse(text)
  } catch (error) {
    throw new WattzupError(`${name} is no JSON: ${(error as Error).message}`, { name })
  }
}

function readPart(reader: Reader, value: unknown, path: string): ScenarioPart {
  const { state = {}, events = [] } = reader.object(value, path, ['state', 'events'])
  const list = reader.list(events, `${path}.events`)
  return {
    state: reader.values(state, `${path}.state`),
    events: list.map((event, i) => readEvent(reader, event, `${path}.events[${i}]`)),
  }
}

function readEvent(reader: Reader, value: unknown, path: string): ScenarioEvent {
  const event = reader.object(value, path, ['at', 'over', 'for', ...DOES])
  const does = DOES.filter(key => event[key] !== undefined)
  if (does.length !== 1) throw reader.problem(path, `expected one of ${DOES.join(', ')}, found ${does.length}`)
  const seconds = (key: string) =>
    event[key] === undefined ? {} : { [key]: reader.seconds(event[key], `${path}.${key}`) }
  const { set, silent, corrupt } = event
  return {
    ...{ at: reader.seconds(event['at'], `${path}.at`), ...seconds('over'), ...seconds('for'), ...seconds('restart') },
    ...(set === undefined ? {} : { set: reader.values(set, `${path}.set`) }),
    ...(silent === undefined ? {} : { silent: reader.messages(silent, `${path}.silent`) }),
    ...(corrupt === undefined ? {} : { corrupt: reader.messages(corrupt, `${path}.corrupt`) }),
  }
}

/** Reads the parts of a file, and says where something else was expected. */
class Reader {
  readonly #name: string

  constructor(name: string) {
    this.#name = name
  }

  problem(path: string, text: string): WattzupError {
    return new WattzupError(`${this.#name}: ${path === '' ? '' : `${path}: `}${text}`, { path })
  }

  object(value: unknown, path: string, keys: readonly string[]): Record<string, unknown> {
    const object = this.#record(value, path)
    const strange = Object.keys(object).find(key => !keys.includes(key))
    if (strange === undefined) return object
    const near = nearest(strange, keys)
    throw this.problem(path, `${JSON.stringify(strange)} is unknown; ${near ?? `expected ${keys.join(', ')}`}`)
  }

  list(value: unknown, path: string): readonly unknown[] {
    if (Array.isArray(value)) return value
    throw this.problem(path, 'expected a list, [ ... ]')
  }

  seconds(value: unknown, path: string): number {
    if (typeof value === 'number' && value >= 0 && value <= 1e9) return value
    throw this.problem(path, `expected seconds, 0 or more, found ${JSON.stringify(value) ?? 'nothing'}`)
  }

  messages(value: unknown, path: string): true | readonly string[] {
    if (value === true) return true
    if (Array.isArray(value) && value.every(name => typeof name === 'string')) return value
    throw this.problem(path, 'expected true, or a list of messages')
  }

  values(value: unknown, path: string): Readonly<Record<string, SettingValue>> {
    const object = this.#record(value, path)
    for (const [name, one] of Object.entries(object)) {
      if (typeof one !== 'number' && typeof one !== 'string')
        throw this.problem(`${path}.${name}`, 'expected a number or a text')
    }
    return object as Record<string, SettingValue>
  }

  #record(value: unknown, path: string): Record<string, unknown> {
    if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value as Record<string, unknown>
    throw this.problem(path, 'expected an object, { ... }')
  }
}
