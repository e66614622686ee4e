import { type Command, InvalidArgumentError, Option } from 'commander'
import { type LiveCanAddress, parseCanUrl } from '../core/can-address.ts'
import { DEFAULT_FAULT_SHARE, FRAME_FAULTS } from '../protocols/batgw/simulator/faults.ts'
import type { SimulatorKind } from '../protocols/batgw/simulator/node.ts'
import { builtInScenario, SCENARIO_NAMES } from '../protocols/batgw/simulator/scenarios/scenarios.ts'
import { expectedOf } from '../protocols/batgw/simulator/setting.ts'
import { bitRateOption } from './can-bit-rate.ts'
import { liveAddress } from './can-play-target.ts'
import { faultsHelp } from './fault-rates.ts'
import { positive } from './live-options.ts'
import { wholeNumber } from './number-arguments.ts'
import { taken } from './option-value.ts'

export const DEFAULT_START = '2026-06-01T06:00:00Z'
/** Length of a log, s, where nothing else is said. */
export const LOG_SECONDS = 60

/** Texts by name. */
export type Texts = ReadonlyMap<string, string>

/** What `simulate battery` and `simulate inverter` were told. */
export interface SimulateCanFlags {
  readonly scenario: string
  readonly show?: true
  readonly set: Texts
  readonly options: string
  readonly faults: string
  readonly seed: number
  readonly duration?: number
  readonly bitrate: number
  readonly start: string
}

/** Adds the options of `simulate battery` and `simulate inverter`. */
export function addSimulateCanOptions(command: Command): Command {
  return command
    .optionsGroup('Device:')
    .option('--scenario <name|file>', 'what happens to it, see below', 'normal')
    .option('--show', 'print the scenario as a file to begin your own with, and end')
    .addOption(
      new Option('--set <name=value>', 'a setting, over that of the scenario; several times')
        .argParser(setting)
        .default(new Map(), 'none'),
    )
    .option('--options <text>', 'as in the block of the configuration of batgw bridge, such as: pack "standard"', '')
    .option('--faults <list>', 'what is wrong with its frames, comma-separated', '')
    .option('--seed <n>', 'whole number that everything random follows from', wholeNumber(0), 1)
    .optionsGroup('Bus; without one a log is written, same seed, same bytes:')
    .addOption(bitRateOption('set for slcan'))
    .option('--duration <s>', `stop after so many seconds; a log has ${LOG_SECONDS} by default`, positive)
    .option('--start <time>', 'time of the first frame of a log: ISO 8601 (UTC), Unix seconds, or now', DEFAULT_START)
}

/** What a bus argument means: everything but a recording. */
export function simulatedBus(text: string): LiveCanAddress {
  return taken(() => liveAddress(parseCanUrl(text)))
}

/** Faults, scenarios, and the settings of each kind. */
export function simulateCanHelp(
  kinds: readonly { readonly name: string; readonly simulator: SimulatorKind }[],
): string {
  return faultsHelp(FRAME_FAULTS, 'frames', DEFAULT_FAULT_SHARE) + scenariosHelp() + kinds.map(settingsHelp).join('')
}

function scenariosHelp(): string {
  const rows = SCENARIO_NAMES.map(name => [name, builtInScenario(name).title] as const)
  return `\nScenarios; docs/commands/simulate-can.md says how to write one:\n${columns(rows)}`
}

function settingsHelp({ name, simulator }: { readonly name: string; readonly simulator: SimulatorKind }): string {
  const rows = Object.entries(simulator.settings).map(([key, setting]) => {
    const initial = setting.initial === undefined ? '' : `, at first ${setting.initial}`
    return [key, `${setting.help}: ${expectedOf(setting)}${initial}`] as const
  })
  return `\nSettings of ${name}:\n${columns(rows)}\nMessages of ${name}: ${simulator.messages.join(', ')}\n`
}

function columns(rows: readonly (readonly [string, string])[]): string {
  const width = Math.max(...rows.map(([first]) => first.length)) + 2
  return rows.map(([first, second]) => `  ${first.padEnd(width)}${second}\n`).join('')
}

function setting(text: string, before: Texts): Texts {
  const [, name, value] = /^(\w+)=(.*)$/.exec(text) ?? []
  if (name === undefined || value === undefined) throw new InvalidArgumentError('Write NAME=VALUE.')
  return new Map([...before, [name, value]])
}
