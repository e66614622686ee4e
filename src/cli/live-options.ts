import { type Command, InvalidArgumentError, Option } from 'commander'
import { addMqttOptions, type MqttFlags } from './mqtt-options.ts'

/** Formats of readings on standard output. */
export const FORMATS = ['text', 'ndjson', 'csv'] as const
export type Format = (typeof FORMATS)[number]

/** What every command that listens to devices understands. */
export interface LiveFlags extends MqttFlags {
  /** None: nothing is printed. */
  readonly format?: Format
  readonly json?: true
  readonly jsonFile?: string
  readonly http?: string
  readonly httpCors?: string
  readonly log?: string
  /** MiB, files. */
  readonly logSize: number
  readonly logKeep?: number
  /** Readings, seconds, seconds. */
  readonly count?: number
  readonly duration?: number
  readonly timeout?: number
  readonly traceBytes?: true
  readonly filter: boolean
  readonly guesses?: true
  readonly structs?: string
}

/** Formats of a command, where they are not those of all. */
export interface FormatChoice {
  readonly formats: readonly string[]
  /** What `--json` stands for. */
  readonly json: string
}

const USUAL: FormatChoice = { formats: FORMATS, json: 'ndjson' }

/**
 * Adds the options of readings: where they go, when to stop, what to leave out. Without a `format` nothing is printed
 * unless the user says so.
 */
export function addLiveOptions(command: Command, format?: Format, { formats, json }: FormatChoice = USUAL): Command {
  const output = new Option('-f, --format <format>', 'readings on standard output').choices(formats)
  command
    .optionsGroup('Output:')
    .addOption(format === undefined ? output : output.default(format))
    .option('--json', `the same as --format ${json}`)
    .option('--json-file <path>', 'the newest values of all devices in a file, replaced as a whole')
    .option('--http <[host:]port>', 'the same at http://HOST:PORT/, by default for this machine only')
    .option('--http-cors <origin>', 'web pages that may read it: https://dash.lan, or * for all')
    .option('--log <dir>', 'all bytes as they came, in files that this program reads')
    .option('--log-size <mib>', 'begin a new file of bytes at this size', positive, 64)
    .option('--log-keep <n>', 'keep the last files of each source, not all', atLeastOne)
    .option('--guesses', 'values whose meaning is a guess too')
    .option('--no-filter', 'implausible values and counters that fall too')
    .option('--trace-bytes', 'bytes that were rejected, on standard error')
    .option('--structs <dir>', 'folder of definitions of your own, used before the built-in ones')
    .optionsGroup('End:')
    .option('--count <n>', 'stop after so many readings', atLeastOne)
    .option('--duration <s>', 'stop after so many seconds', positive)
    .option('--timeout <s>', 'exit 3 when nothing has come after so many seconds', positive)
  return addMqttOptions(command)
}

/** A whole number above 0. */
export function atLeastOne(text: string): number {
  if (/^[1-9]\d{0,15}$/.test(text)) return Number(text)
  throw new InvalidArgumentError('It must be a whole number, 1 or more.')
}

/** A number above 0. */
export function positive(text: string): number {
  const value = Number(text)
  if (text.trim() !== '' && value > 0 && Number.isFinite(value)) return value
  throw new InvalidArgumentError('It must be a number above 0.')
}
