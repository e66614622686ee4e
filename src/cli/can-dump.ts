import { StructError, UsageError } from '../core/errors.ts'
import { StructSet } from '../decode/struct-set.ts'
import { CAN_REJECTS, canFrames, isForCanFrames } from '../protocols/can/can-frames.ts'
import { type DumpFormat, type DumpOptions, FRAME_FORMATS, READING_FORMATS } from './can-dump-options.ts'
import { DumpSession } from './can-dump-session.ts'
import type { DumpSource } from './can-dump-source.ts'
import { FRAME_LOG } from './can-frame-log.ts'
import type { Io } from './io.ts'
import type { Format } from './live-options.ts'
import { liveRun } from './live-run.ts'
import { openStructs } from './open-structs.ts'
import { WatchedOutput } from './watched-output.ts'

/** Things arrive a few times a second, as far as brokers are concerned. */
const INTERVAL_MS = 1000

/** Runs `can dump`: prints, logs or decodes the frames of buses until the run ends. */
export async function runDump(io: Io, sources: readonly DumpSource[], options: DumpOptions): Promise<void> {
  const structs = await structsOf(io, options)
  const format = formatOf(options)
  const { format: _, json: __, ...flags } = options
  const isDecoded = options.decode !== undefined
  const traits = {
    protocol: canFrames(structs),
    log: FRAME_LOG,
    reasons: CAN_REJECTS,
    intervalMs: INTERVAL_MS,
    countsItself: !isDecoded,
    quiet: !isDecoded,
  }
  const sinks = isDecoded && format !== undefined ? { ...flags, format: format as Format } : flags
  const output = new WatchedOutput(io)
  const world = output.world
  await liveRun(world, sinks, traits, run =>
    new DumpSession(world, options, run, output).run(sources, isDecoded ? undefined : format),
  )
}

/** What is decoded by; of nothing where nothing is to be decoded. */
async function structsOf(io: Io, { decode, structs: folder, ...flags }: DumpOptions): Promise<StructSet> {
  if (decode === undefined) {
    const lacking = (['jsonFile', 'http', 'mqtt', 'guesses'] as const).find(name => flags[name] !== undefined)
    if (lacking !== undefined)
      throw new UsageError(`${OPTION[lacking]} is for readings: say what they are with --decode`)
    return new StructSet('can', { family: 'can', messages: {} })
  }
  const structs = (await openStructs(io, folder)).load(decode)
  if (isForCanFrames(structs)) return structs
  throw new StructError(`${decode}: no message of it is a CAN frame; keys are IDs such as 123 or 18FF50E5`)
}

const OPTION = { jsonFile: '--json-file', http: '--http', mqtt: '--mqtt', guesses: '--guesses' } as const

/** The form of what is printed; undefined where nothing is. */
function formatOf({ format, candump, json, quiet, decode }: DumpOptions): DumpFormat | undefined {
  if (quiet === true) return undefined
  const chosen = candump === true ? 'candump' : json === true ? 'ndjson' : format
  const known: readonly DumpFormat[] = decode === undefined ? FRAME_FORMATS : READING_FORMATS
  if (chosen === undefined) return known[0]
  if (known.includes(chosen)) return chosen
  const what = decode === undefined ? 'frames are printed as' : 'with --decode readings are printed as'
  throw new UsageError(`${what} ${known.join(', ')}, not as ${chosen}`)
}
