import { WattzupError } from '../../../core/errors.ts'
import { parseJson } from '../../../decode/json.ts'
import { visible } from '../../../decode/problems.ts'
import type { Side } from '../gateway-event.ts'
import { ScenarioReader } from './scenario-reader.ts'
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
  /** What messages call it: `mine.json: battery`. */
  readonly place: string
  readonly state: Readonly<Record<string, SettingValue>>
  /** In the order of the file. */
  readonly events: readonly ScenarioEvent[]
}

/** A story that a pretended battery and a pretended inverter play, each its part. */
export interface Scenario {
  readonly title: string
  readonly parts: Readonly<Record<Side, ScenarioPart>>
}

/** More than a story needs; each frame looks through them. */
const MOST_EVENTS = 1000

const DOES = ['set', 'silent', 'corrupt', 'restart'] as const
type Does = (typeof DOES)[number]

/** How long something takes, and what it can be said of. */
const LASTS: Readonly<Record<'over' | 'for', readonly Does[]>> = { over: ['set'], for: ['silent', 'corrupt'] }

/** Reads the text of a scenario file, whose `name` stands before messages. Throws `WattzupError`, with the place. */
export function parseScenario(text: string, name: string): Scenario {
  const { value, problems } = parseJson(text)
  const [problem] = problems
  if (problem === undefined) return readScenario(value, name)
  const { line, column, text: what, suggestion } = problem
  const hint = suggestion === undefined ? '' : `; ${suggestion}`
  throw new WattzupError(visible(`${name}:${line}:${column}: ${what}${hint}`), { name })
}

/** Reads what a scenario file holds; throws likewise. */
export function readScenario(content: unknown, name: string): Scenario {
  const reader = new ScenarioReader(name)
  const { title, battery, inverter } = reader.object(content, '', ['title', 'battery', 'inverter'])
  return {
    title: reader.title(title),
    parts: { battery: readPart(reader, battery, 'battery'), inverter: readPart(reader, inverter, 'inverter') },
  }
}

/** A side of which nothing is said is there, and nothing happens to it. */
function readPart(reader: ScenarioReader, value: unknown, path: string): ScenarioPart {
  const { state, events } = value === undefined ? {} : reader.object(value, path, ['state', 'events'])
  const list = events === undefined ? [] : reader.list(events, `${path}.events`, MOST_EVENTS)
  return {
    place: reader.place(path),
    state: state === undefined ? {} : reader.values(state, `${path}.state`),
    events: list.map((event, i) => readEvent(reader, event, `${path}.events[${i}]`)),
  }
}

function readEvent(reader: ScenarioReader, value: unknown, path: string): ScenarioEvent {
  const event = reader.object(value, path, ['at', 'over', 'for', ...DOES])
  const does = DOES.filter(key => event[key] !== undefined)
  const [what] = does
  if (what === undefined || does.length > 1)
    throw reader.problem(path, `expected one of ${DOES.join(', ')}, found ${does.join(' and ') || 'none'}`)
  for (const [key, those] of Object.entries(LASTS)) {
    if (event[key] !== undefined && !those.includes(what))
      throw reader.problem(`${path}.${key}`, `goes with ${those.join(' and ')}, not with ${what}`)
  }
  const seconds = (key: 'at' | 'over' | 'for' | 'restart') =>
    event[key] === undefined ? {} : { [key]: reader.seconds(event[key], `${path}.${key}`) }
  const { set, silent, corrupt } = event
  return {
    ...{ at: reader.seconds(event['at'], `${path}.at`), ...seconds('over'), ...seconds('for'), ...seconds('restart') },
    ...(set === undefined ? {} : { set: reader.values(set, `${path}.set`) }),
    ...(silent === undefined ? {} : { silent: reader.messages(silent, `${path}.silent`) }),
    ...(corrupt === undefined ? {} : { corrupt: reader.messages(corrupt, `${path}.corrupt`) }),
  }
}
