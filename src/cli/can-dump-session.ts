import { canUrl } from '../core/can-address.ts'
import { ALL_ERRORS } from '../core/can-filter.ts'
import { type FrameLines, LogLines, ScreenLines } from '../framing/writers/candump-lines.ts'
import { WRITABLE_LOGS } from '../framing/writers/formats.ts'
import { Losses } from '../framing/writers/losses.ts'
import type { DumpFormat, DumpOptions } from './can-dump-options.ts'
import { DumpRun } from './can-dump-run.ts'
import { type DumpSource, interfaceNames } from './can-dump-source.ts'
import { DumpStats } from './can-dump-stats.ts'
import { FrameDecoding } from './can-frame-decoding.ts'
import { CanFrameLog } from './can-frame-log.ts'
import { FewLines } from './few-lines.ts'
import { FramePrinter } from './frame-printer.ts'
import type { Io } from './io.ts'
import type { LiveRun } from './live-run.ts'
import { CanBuses } from './open-can.ts'
import { unlessStopped } from './unless-stopped.ts'
import type { WatchedOutput } from './watched-output.ts'

/** One run of `can dump`: opens the buses, hands on what they say until the run ends, and tells how it went. */
export class DumpSession {
  readonly #io: Io
  readonly #options: DumpOptions
  readonly #run: LiveRun
  readonly #output: WatchedOutput

  constructor(io: Io, options: DumpOptions, run: LiveRun, output: WatchedOutput) {
    this.#io = io
    this.#options = options
    this.#run = run
    this.#output = output
  }

  async run(sources: readonly DumpSource[], format: DumpFormat | undefined): Promise<void> {
    const { clock } = this.#io
    const { stats: every, bitrate } = this.#options
    const names = interfaceNames(sources)
    const print = format === undefined ? undefined : await this.#printer(format, names)
    const log = this.#options.log === undefined ? undefined : this.#log(sources, names)
    const { bounds } = this.#run
    const isDecoded = this.#options.decode !== undefined
    const decode = isDecoded ? new FrameDecoding(this.#run.stream(), () => bounds.stop()) : undefined
    const notes = new FewLines(line => this.#run.note(line), clock)
    const targets = {
      bounds,
      notes,
      ...(print === undefined ? {} : { print }),
      ...(log === undefined ? {} : { log }),
      ...(decode === undefined ? {} : { decode }),
    }
    const dump = new DumpRun(targets, every !== undefined)
    const stats = new DumpStats(dump.tallies, bitrate, line => this.#run.note(line), clock)
    try {
      await unlessStopped(this.#listen(dump, sources, print?.printer, stats), this.#run.signal)
    } finally {
      log?.flush()
      await print?.printer.end(clock)
    }
    const failure = print?.printer.failure ?? decode?.failure
    if (failure !== undefined) throw failure
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
    const busy = () => (printer === undefined ? this.#output.drained() : printer.busy())
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
