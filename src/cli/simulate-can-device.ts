import { UsageError } from '../core/errors.ts'
import { nearest } from '../decode/suggest.ts'
import type { GivenOptions, OptionRule } from '../protocols/batgw/config/option.ts'
import type { Side } from '../protocols/batgw/gateway-event.ts'
import { DEFAULT_FAULT_SHARE, FRAME_FAULTS } from '../protocols/batgw/simulator/faults.ts'
import type { SimulatorKind } from '../protocols/batgw/simulator/node.ts'
import { parseScenario, type Scenario } from '../protocols/batgw/simulator/scenario.ts'
import { builtInScenario, isScenarioName, SCENARIO_NAMES } from '../protocols/batgw/simulator/scenarios/scenarios.ts'
import type { SettingValue } from '../protocols/batgw/simulator/setting.ts'
import type { SimulationParts } from '../protocols/batgw/simulator/simulation.ts'
import { Timeline } from '../protocols/batgw/simulator/timeline.ts'
import { parseFaultRates } from './fault-rates.ts'
import type { Io } from './io.ts'
import { openStructs } from './open-structs.ts'
import { readText } from './read-text.ts'

/** What batteries and inverters have in common for those who pretend to be one. */
export interface PretendedKind {
  readonly name: string
  readonly options: readonly OptionRule<unknown>[]
  readonly simulator: SimulatorKind
  /** Its file in `structs/`. */
  readonly structs: string | ((options: GivenOptions) => string)
}

/** A device to be pretended. */
export interface Pretended {
  readonly kind: PretendedKind
  readonly options: GivenOptions
  readonly side: Side
  readonly scenario: Scenario
  /** Settings over those of the scenario. */
  readonly set: Readonly<Record<string, SettingValue>>
  readonly faults: string
  readonly seed: number
}

/** No scenario is longer, bytes. */
const LONGEST = 1_000_000
/** A path, or a name of a file with its ending, or standard input; any other word is meant to be the name of a scenario. */
const PATH = /[./\\]|^-$/

/** A scenario that comes with the program, or that of a file. Rejects with `WattzupError`. */
export async function openScenario(io: Io, name: string): Promise<Scenario> {
  if (isScenarioName(name)) return builtInScenario(name)
  if (!PATH.test(name)) throw new UsageError(`there is no scenario ${name}; ${known(name)} For a file write ./${name}`)
  return parseScenario(await readText(io, name, LONGEST), name)
}

function known(name: string): string {
  return nearest(name, SCENARIO_NAMES) ?? `there are ${SCENARIO_NAMES.join(', ')}.`
}

/** What a simulation of the device is made from, but for whoever is told what it does. Rejects with `WattzupError`. */
export async function simulationParts(
  io: Io,
  { kind, options, side, scenario, set, faults, seed }: Pretended,
): Promise<Omit<SimulationParts, 'tell'>> {
  const { simulator, structs } = kind
  const library = await openStructs(io, undefined)
  return {
    kind: simulator,
    options,
    structs: library.load(typeof structs === 'string' ? structs : structs(options)),
    timeline: new Timeline(simulator, scenario.parts[side], set),
    faults: parseFaultRates(faults, FRAME_FAULTS, DEFAULT_FAULT_SHARE),
    seed,
  }
}
