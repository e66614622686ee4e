import { Command, InvalidArgumentError, Option } from 'commander'
import { UsageError } from '../../core/errors.ts'
import type { Zone } from '../../protocols/lxp/local-time.ts'
import type { Model } from '../../protocols/lxp/model.ts'
import { examples } from '../examples.ts'
import type { Io } from '../io.ts'
import { type AnalyzeOptions, runAnalyze } from '../modbus-analyze.ts'
import { collectCommand } from '../modbus-collect-command.ts'
import { type CompareOptions, runCompare } from '../modbus-compare.ts'
import { addModelOption, zoneOption } from '../modbus-options.ts'
import { pollCommand } from '../modbus-poll-command.ts'
import { proxyCommand } from '../modbus-proxy-command.ts'
import { writeCommand } from '../modbus-write-command.ts'

interface CommonOptions {
  readonly model?: Model
  readonly guesses?: true
  readonly utc?: true
  readonly tz?: Zone
  readonly structs?: string
}

interface AnalyzeFlags extends CommonOptions {
  readonly format: 'document' | 'ndjson'
  readonly json?: true
  readonly all?: true
  readonly requests?: true
  readonly strict?: true
}

interface CompareFlags extends CommonOptions {
  readonly json?: true
  readonly maxSkew: number
  readonly tolerance?: number
  readonly map?: string
  readonly time?: number
}

/** `wattzup modbus`: EG4 and LuxPower dongles, and packets of theirs. */
export function modbusCommand(io: Io): Command {
  return new Command('modbus')
    .description(
      'EG4 and LuxPower inverters behind their dongles: what they say, what they are asked, what they are set to.',
    )
    .addCommand(collectCommand(io))
    .addCommand(pollCommand(io))
    .addCommand(writeCommand(io))
    .addCommand(proxyCommand(io))
    .addCommand(analyzeCommand(io))
    .addCommand(compareCommand(io))
    .addHelpText(
      'after',
      examples(
        'modbus collect --hosts 192.168.1.50 --output-dir packets',
        'modbus poll 192.168.1.50 --once',
        'modbus analyze samples/lxp/*.bin --format ndjson',
      ),
    )
}

function analyzeCommand(io: Io): Command {
  return common(new Command('analyze'), 'zone of the times in file names')
    .description('Decode saved packets: files of one frame or of many, with whatever stands between them.')
    .argument('<file...>', 'saved packets, - for standard input')
    .optionsGroup('Output:')
    .addOption(
      new Option('-f, --format <format>', 'one document, or one line per frame')
        .choices(['document', 'ndjson'])
        .default('document'),
    )
    .option('--json', 'the same as --format ndjson')
    .option('--all', 'registers without a meaning too, as plain numbers')
    .optionsGroup('Input:')
    .option('--requests', 'the frames were sent to the dongle, not by it')
    .option('--strict', 'exit with 1 if anything was rejected')
    .addHelpText(
      'after',
      examples(
        'modbus analyze samples/lxp/2026-0301-100000.192_0_2_7.0001.bin',
        'modbus analyze samples/lxp/*.bin --format ndjson --utc',
        'modbus analyze - --model 6000xp --all < samples/lxp/stream.bin',
      ),
    )
    .action(async (files: string[], flags: AnalyzeFlags) => {
      if (files.includes('-') && io.stdinIsTerminal) throw new UsageError('standard input is a terminal: name a file')
      await runAnalyze(io, files, analyzeOptions(flags))
    })
}

function analyzeOptions(flags: AnalyzeFlags): AnalyzeOptions {
  return {
    lines: flags.json === true || flags.format === 'ndjson',
    model: flags.model,
    all: flags.all ?? false,
    guesses: flags.guesses ?? false,
    requests: flags.requests ?? false,
    strict: flags.strict ?? false,
    zone: flags.utc === true ? 0 : (flags.tz ?? 'local'),
    structs: flags.structs,
  }
}

function compareCommand(io: Io): Command {
  return common(new Command('compare'), "zone of the CSV's times")
    .description("Compare saved packets of one burst with the nearest row of the portal's export, as CSV.")
    .argument('<file...>', 'packets, and the CSV as the last one')
    .optionsGroup('Comparison:')
    .option('--max-skew <s>', 'the row may be so many seconds away', positive, 300)
    .option('--tolerance <n>', 'difference that is allowed; else half a digit of the CSV', positive)
    .option('--map <file.json>', 'names of values by header: { "My header": "battery_voltage" }')
    .option('--time <time>', 'when the packets came, ISO 8601, where their names do not say it', isoTime)
    .option('--json', 'one JSON document instead of a table')
    .addHelpText(
      'after',
      examples(
        'modbus compare samples/lxp/2026-0301-100000.192_0_2_7.0001.bin samples/lxp/portal.csv',
        'modbus compare samples/lxp/2026*.bin samples/lxp/portal.csv --utc --tz UTC --max-skew 60',
        'modbus compare samples/lxp/2026*.bin samples/lxp/portal.csv --tolerance 0.5 --json',
      ),
    )
    .action(async (files: string[], flags: CompareFlags) => {
      if (files.length < 2) throw new UsageError('compare needs packets and a CSV: modbus compare PACKET... CSV')
      await runCompare(io, files.slice(0, -1), files.at(-1)!, compareOptions(flags))
    })
}

function compareOptions(flags: CompareFlags): CompareOptions {
  return {
    json: flags.json ?? false,
    model: flags.model,
    guesses: flags.guesses ?? false,
    packetZone: flags.utc === true ? 0 : 'local',
    csvZone: flags.tz ?? 'local',
    maxSkewMs: flags.maxSkew * 1000,
    tolerance: flags.tolerance,
    map: flags.map,
    time: flags.time,
    structs: flags.structs,
  }
}

function common(command: Command, zoneOf: string): Command {
  return addModelOption(command)
    .option('--guesses', 'values whose meaning is a guess too')
    .option('--utc', 'times in file names are UTC, not local')
    .addOption(zoneOption(zoneOf))
    .option('--structs <dir>', 'folder of definitions of your own, used before the built-in ones')
}

function positive(text: string): number {
  const value = Number(text)
  if (text.trim() !== '' && value >= 0 && Number.isFinite(value)) return value
  throw new InvalidArgumentError('It must be a number, 0 or more.')
}

function isoTime(text: string): number {
  const ms = /^\d{4}-\d\d-\d\dT\d\d:\d\d(:\d\d(\.\d+)?)?(Z|[+-]\d\d:\d\d)$/.test(text) ? Date.parse(text) : Number.NaN
  if (Number.isNaN(ms)) throw new InvalidArgumentError('Write it like 2026-03-01T10:00:00Z.')
  return ms
}
