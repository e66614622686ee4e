import { type Command, InvalidArgumentError, Option } from 'commander'
import { parseMacroArgument } from '../protocols/batgw/config/parse.ts'
import type { Macros } from './batgw-config.ts'
import { FORMATS, type Format, positive } from './live-options.ts'
import { addMqttOptions, type MqttFlags } from './mqtt-options.ts'

/** What `batgw bridge` was told on the command line. */
export interface BridgeFlags extends MqttFlags {
  /** The configuration file. */
  readonly file: string
  readonly define: Macros
  readonly check?: true
  /** How often it was given. */
  readonly verbose: number
  /** Charging and discharging are on from the start. */
  readonly charge: boolean
  readonly dryRun?: true
  readonly listenOnly?: true
  readonly write?: true
  /** The scenario that a simulated battery and a simulated inverter play. */
  readonly simulate?: string
  readonly print?: true
  readonly fast?: true
  /** s */
  readonly duration?: number
  /** None: no readings are printed. */
  readonly format?: Format
  readonly json?: true
  readonly jsonFile?: string
  readonly http?: string
}

/** Whether standard output is for frames. */
export function prints(flags: BridgeFlags): boolean {
  return isDry(flags) || flags.print === true
}

/** Whether nothing is to be sent. */
export function isDry({ dryRun, listenOnly }: BridgeFlags): boolean {
  return dryRun === true || listenOnly === true
}

const CONFIG_FILE = '/etc/batgw.conf'

/** Adds the options of `batgw bridge`; the short ones are those of the program that the configuration comes from. */
export function addBridgeOptions(command: Command): Command {
  command
    .optionsGroup('Gateway:')
    .option('-f, --file <path>', 'the configuration; - is standard input', CONFIG_FILE)
    .addOption(defineOption())
    .option('-n, --check', 'print the configuration in force and end; with -v what holds by default, too')
    .addOption(
      new Option('-v, --verbose', 'say more: limits; twice: every frame that was heard').argParser(more).default(0),
    )
    .addOption(
      new Option('-c, --charge <on|off>', 'begin with charging and discharging on or off')
        .argParser(onOff)
        .default(true, 'on'),
    )
    .option('-d, --foreground', 'stay in the foreground, which it always does')
    .option('--dry-run', 'print what would be sent, send nothing')
    .option('--listen-only', 'the same, and adapters acknowledge nothing')
    .option('--write', 'allow it to open and close the contactors: for contactors "managed"')
    .option('--simulate <scenario>', 'with a simulated battery and inverter; both interfaces must be virtual:NAME')
    .option('--print', 'print all frames of both buses on standard output, heard and sent')
    .option(
      '--fast',
      'do not wait: time passes as fast as it goes; for recordings and simulations, without MQTT and HTTP',
    )
    .option('--duration <s>', 'stop after so many seconds', positive)
    .optionsGroup('Output:')
    .addOption(new Option('--format <format>', 'readings on standard output').choices(FORMATS))
    .option('--json', 'the same as --format ndjson')
    .option('--json-file <path>', 'the newest values in a file, replaced as a whole')
    .option('--http <[host:]port>', 'the same at http://HOST:PORT/, by default for this machine only')
  return addMqttOptions(command)
}

/** `-D name=value`, as often as one likes. */
export function defineOption(): Option {
  return new Option('-D, --define <name=value>', 'a macro for the configuration, before those in it')
    .argParser(macro)
    .default(new Map(), 'none')
}

function macro(text: string, before: Macros): Macros {
  const parsed = parseMacroArgument(text)
  if (parsed === undefined)
    throw new InvalidArgumentError(`Could not parse macro definition ${text}; write NAME=VALUE.`)
  return new Map([...before, parsed])
}

function more(_: string, count: number): number {
  return count + 1
}

function onOff(text: string): boolean {
  const word = text.toLowerCase()
  if (['on', '1'].includes(word)) return true
  if (['off', '0'].includes(word)) return false
  throw new InvalidArgumentError('It must be on or off.')
}
