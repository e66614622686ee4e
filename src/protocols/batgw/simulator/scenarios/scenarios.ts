import { readScenario, type Scenario } from '../scenario.ts'
import cellSpread from './cell-spread.json' with { type: 'json' }
import cold from './cold.json' with { type: 'json' }
import empty from './empty.json' with { type: 'json' }
import full from './full.json' with { type: 'json' }
import hot from './hot.json' with { type: 'json' }
import normal from './normal.json' with { type: 'json' }
import restart from './restart.json' with { type: 'json' }
import silentBattery from './silent-battery.json' with { type: 'json' }
import silentInverter from './silent-inverter.json' with { type: 'json' }

/** Scenarios that come with the program, by name. */
const FILES = {
  normal,
  'silent-battery': silentBattery,
  'silent-inverter': silentInverter,
  cold,
  hot,
  'cell-spread': cellSpread,
  full,
  empty,
  restart,
} as const

export type ScenarioName = keyof typeof FILES

export const SCENARIO_NAMES = Object.keys(FILES) as readonly ScenarioName[]

export function isScenarioName(name: string): name is ScenarioName {
  return Object.hasOwn(FILES, name)
}

/** A scenario that comes with the program. */
export function builtInScenario(name: ScenarioName): Scenario {
  return readScenario(FILES[name], name)
}

/** The text of its file, to begin one's own with. */
export function scenarioText(name: ScenarioName): string {
  return `${JSON.stringify(FILES[name], null, 2)}\n`
}
