import { canUrl } from '../core/can-address.ts'
import { ALL_ERRORS } from '../core/can-filter.ts'
import { StructError, UsageError } from '../core/errors.ts'
import { StructSet } from '../decode/struct-set.ts'
import { type FrameLines, LogLines, ScreenLines } from '../framing/writers/candump-lines.ts'
import type { StampKind } from '../framing/writers/candump-stamp.ts'
import { WRITABLE_LOGS } from '../framing/writers/formats.ts'
import { Losses } from '../framing/writers/losses.ts'
import { CAN_REJECTS, canFrames, isForCanFrames } from '../protocols/can/can-frames.ts'
import { DumpRun, FrameDecoding } from './can-dump-run.ts'
import { type DumpSource, interfaceNames } from './can-dump-source.ts'
import { DumpStats } from './can-dump-stats.ts'
import { CanFrameLog, FRAME_LOG } from './can-frame-log.ts'
import { FewLines } from './few-lines.ts'
import { FramePrinter } from './frame-printer.ts'
import type { Io } from './io.ts'
import type { Format, LiveFlags } from './live-options.ts'
import { type LiveRun, liveRun } from './live-run.ts'
import { CanBuses } from './open-can.ts'
import { openStructs } from './open-structs.ts'

/** Forms of frames on standard output, and of readings. */
export const FRAME_FORMATS = ['screen', 'candump', 'ndjson'] as const
export const READING_FORMATS = ['text', 'ndjson', 'csv'] as const
export type DumpFormat = (typeof FRAME_FORMATS | typeof READING_FORMATS)[number]

export interface DumpOptions extends Omit<LiveFlags, 'format'> {
  readonly format?: DumpFormat
  readonly candump?: true
  readonly timestamp?: StampKind
  readonly quiet?: true
  readonly decode?: string
  /** Seconds. */
  readonly stats?: number
  /** bit/s. */
  readonly bitrate: number
  readonly listenOnly?: true
  /** Of recordings. */
  readonly speed: number
}

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
  await liveRun(io, sinks, traits, run => new Dump(io, options, run).run(sources, isDecoded ? undefined : format))
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

class Dump {
  readonly #io: Io
  readonly #options: DumpOptions
  readonly #run: LiveRun

  constructor(io: Io, options: DumpOptions, run: LiveRun) {
    this.#io = io
    this.#options = options
    this.#run = run
  }

  async run(sources: readonly DumpSource[], format: DumpFormat | undefined): Promise<void> {
    const { clock } = this.#io
    const { stats: every, bitrate } = this.#options
    const names = interfaceNames(sources)
    const print = format === undefined ? undefined : await this.#printer(format, names)
    const log = this.#options.log === undefined ? undefined : this.#log(sources, names)
    const notes = new FewLines(line => this.#run.note(line), clock)
    const targets = {
      bounds: this.#run.bounds,
      notes,
      ...(print === undefined ? {} : { print }),
      ...(log === undefined ? {} : { log }),
      ...(this.#options.decode === undefined ? {} : { decode: new FrameDecoding(this.#run.stream()) }),
    }
    const dump = new DumpRun(targets, every !== undefined)
    const stats = new DumpStats(dump.tallies, bitrate, line => this.#run.note(line), clock)
    try {
      await this.#listen(dump, sources, print?.printer, stats)
    } finally {
      log?.flush()
      await print?.printer.end(clock)
    }
    if (print?.printer.failure !== undefined) throw print.printer.failure
    notes.end()
    this.#report(dump, stats, print?.printer.dropped ?? 0)
  }

  async #listen(
    dump: DumpRun,
    sources: readonly DumpSource[],
    printer: FramePrinter | undefined,
    stats: DumpStats,
  ): Promise<void> {
    const { signal } = this.#run
    const { speed, stats: every, bitrate: bitRate, listenOnly = false } = this.#options
    const busy = () => printer?.busy()
    await using buses = new CanBuses(this.#io, { command: 'can dump', pace: { speed, gapMs: 0 }, busy })
    const opened = []
    for (const { address, filters } of sources) {
      // the load of a bus is that of all its frames
      const wanted = every === undefined ? filters : { conditions: [], isJoined: false, errors: ALL_ERRORS }
      opened.push({ bus: await buses.open(address, { filters: wanted, bitRate, listenOnly }, signal), filters })
    }
    for (const { bus, filters } of opened) dump.add(bus, filters)
    const telling = every === undefined ? undefined : stats.every(every, signal)
    await aborted(signal)
    await telling
    if (buses.hasFailed) this.#io.status.code = 1
  }

  async #printer(format: DumpFormat, names: readonly string[]) {
    const { bounds } = this.#run
    const printer = new FramePrinter(await this.#io.liveOutput(() => bounds.stop()), () => bounds.stop())
    return { printer, lines: this.#lines(format, printer, names) }
  }

  #lines(format: DumpFormat, { writer }: FramePrinter, names: readonly string[]): FrameLines {
    const { timestamp } = this.#options
    if (format === 'candump') return new LogLines(writer, names, timestamp)
    if (format !== 'ndjson') return new ScreenLines(writer, names, timestamp)
    const json = WRITABLE_LOGS.ndjson.create(writer, { losses: new Losses(), interfaces: [] })
    return { write: frame => json.write(frame, 0) }
  }

  /** Frames of all buses go to one file, so that it can be played as it was. */
  #log(sources: readonly DumpSource[], names: readonly string[]): CanFrameLog {
    const origin = sources.map(({ address }) => canUrl(address)).join('+')
    return new CanFrameLog(origin, names, packet => this.#run.received(packet), this.#io.clock)
  }

  #report({ tallies }: DumpRun, stats: DumpStats, dropped: number): void {
    if (this.#options.stats !== undefined) stats.end()
    for (const { troubles } of tallies) if (troubles !== undefined) this.#run.note(troubles)
    if (dropped > 0) this.#run.note(`${dropped} frames not printed: nobody read the output fast enough`)
  }
}

function aborted(signal: AbortSignal): Promise<void> {
  return new Promise(resolve => {
    if (signal.aborted) resolve()
    signal.addEventListener('abort', () => resolve(), { once: true })
  })
}
