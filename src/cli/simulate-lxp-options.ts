import { type Command, InvalidArgumentError, Option } from 'commander'
import type { StructSet } from '../decode/struct-set.ts'
import { MODELS, type Model } from '../protocols/lxp/model.ts'
import { SimulatedDongle } from '../protocols/lxp/simulator/dongle.ts'
import { SimulatedRegisters } from '../protocols/lxp/simulator/registers.ts'
import { positive } from './live-options.ts'
import { number, wholeNumber } from './number-arguments.ts'

export const DEFAULT_START = '2026-06-01T10:00:00Z'

/** What the commands that pretend to be a dongle have in common. */
export interface InverterFlags {
  readonly model: Model
  readonly protocol?: string
  readonly serial: string
  readonly datalog: string
  readonly seed: number
  readonly start: string
  readonly speed: number
  readonly interval: number
  readonly faults: string
  readonly duration?: number
  readonly journal?: string
  readonly force?: true
  readonly structs?: string
}

/** Adds the options of a pretended inverter: what it is, in what time it lives, when to stop. */
export function addInverterOptions(command: Command, model: Model): Command {
  return command
    .optionsGroup('Device:')
    .addOption(new Option('--model <model>', 'what the inverter is').choices(MODELS).default(model))
    .addOption(new Option('--protocol <n>', 'version of the dongle: 2 for lxp, else 5').choices(['2', '5']))
    .option('--serial <text>', 'serial number of the inverter, 10 characters', serialNumber, 'DEMO000001')
    .option('--datalog <text>', 'serial number of the dongle, 10 characters', serialNumber, 'DEMODONGLE')
    .option('--seed <n>', 'whole number that everything random follows from', wholeNumber(0), 1)
    .optionsGroup('Time:')
    .option('--start <time>', 'time of the device: ISO 8601 (UTC), Unix seconds, or now', DEFAULT_START)
    .option('--speed <factor>', 'how fast its time goes, 0.1 to 10000', number(0.1, 10_000), 1)
    .option('--interval <s>', 'seconds of its time between two bursts', number(0.1), 120)
    .option('--duration <s>', 'stop after so many seconds', positive)
    .optionsGroup('Other:')
    .option('--faults <list>', 'what goes wrong, comma-separated', '')
    .option('--journal <file>', 'every good frame that was sent, as lines of JSON')
    .option('--force', 'overwrite the journal')
    .option('--structs <dir>', 'your definitions over the built-in ones')
}

/** The dongle that the options describe; its time begins at `start`, Unix ms. */
export function dongleOf(structs: StructSet, flags: InverterFlags, start: number): SimulatedDongle {
  const { model, seed, serial, datalog, interval } = flags
  const protocol = Number(flags.protocol ?? (model === 'lxp' ? 2 : 5))
  const registers = new SimulatedRegisters(structs, { model, seed, start, serial })
  const identity = { protocol, datalog, inverter: serial }
  return new SimulatedDongle(registers, { identity, eg4: model !== 'lxp', intervalSeconds: interval })
}

function serialNumber(text: string): string {
  if (/^[\x21-\x7e]{10}$/.test(text)) return text
  throw new InvalidArgumentError('It must be 10 letters and digits.')
}
