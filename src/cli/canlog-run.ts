import { UsageError, WattzupError } from '../core/errors.ts'
import { ByteWriter } from '../core/writer.ts'
import { type LogResult, readLog } from '../pipeline.ts'
import type { CanlogOptions } from '../protocols/ecoflow/canlog/options.ts'
import { type Palette, PLAIN_PALETTE } from '../protocols/ecoflow/canlog/paint.ts'
import type { CanlogPorts, Format } from '../protocols/ecoflow/canlog/ports.ts'
import { problemText } from '../protocols/ecoflow/canlog/problems.ts'
import { CanlogSession } from '../protocols/ecoflow/canlog/session.ts'
import { skippedInLogs } from './can-convert-report.ts'
import type { CanlogFlags } from './canlog-flags.ts'
import { CanlogStructSource } from './canlog-structs.ts'
import { colorLevel } from './color.ts'
import type { Io } from './io.ts'
import { LogChooser } from './log-chooser.ts'
import { progressText } from './progress.ts'
import { StatusLine } from './status-line.ts'

/** Runs `canlog` over the logs at `paths`, one after the other as if they were one. */
export async function runCanlog(
  io: Io,
  paths: readonly string[],
  options: CanlogOptions,
  flags: CanlogFlags,
): Promise<void> {
  const out = new ByteWriter(bytes => io.out.write(bytes))
  const structs = await CanlogStructSource.open(io, flags['structs'] as string | undefined)
  const ports = await portsOf(io, out, flags, formatOf(flags, options))
  const chooser = new LogChooser(flags['csv'] === true, options.compat)
  const status = new StatusLine(io, !io.out.isTerminal)
  let session: CanlogSession | undefined
  // a log that proves to be CSV prints no time, so the first one must be seen before the run can be set up
  const start = () => (session ??= new CanlogSession(timed(options, chooser, flags), structs.current, ports))
  const stopped = () => io.signal.aborted || (session?.stopped ?? false)
  const results: LogResult[] = []
  const failures: WattzupError[] = []
  for (const path of paths) {
    if (stopped()) break
    try {
      const result = await readOne(path)
      results.push(result)
      if (result.failure !== undefined) throw result.failure
    } catch (error) {
      // what was decoded of a log that breaks off is not lost, and the next log may be good
      const known = isAbout(error, path)
      if (!known || paths.length === 1) out.flush()
      if (!known) throw error
      failures.push(error)
      io.err.write(`wattzup: ${error.message}\n`)
    }
  }
  status.done()
  finish(start(), results, failures)

  async function readOne(path: string): Promise<LogResult> {
    const input = await io.open(path)
    try {
      return await readLog(input, {
        choose: (from, head, complete) => chooser.choose(from.name, head, complete, () => start().sink),
        drained: (from, bytes) => {
          if (from.live) out.flush()
          status.update(elapsed => progressText(from, bytes, elapsed))
          if (structs.changed(text => ports.note(text))) session?.reload(structs.current)
        },
        stopped,
      })
    } finally {
      input.close()
    }
  }

  function finish(run: CanlogSession, read: readonly LogResult[], failed: readonly WattzupError[]): void {
    run.finish(read.reduce((sum, { lines }) => sum + lines, 0))
    out.flush()
    const lost = [run.tally.summary, skippedInLogs(read, paths.length > 1)].filter(text => text !== undefined)
    for (const text of lost) io.err.write(`wattzup: ${text}\n`)
    if (failed.length > 0) io.status.code = Math.max(...failed.map(error => error.exitCode))
    else if (run.stopped && !options.compat) io.status.code = 1
    else if (flags['strict'] === true && lost.length > 0) io.status.code = 1
  }
}

/** Whether it is the log at `path` that failed: an output that cannot be written ends the run. */
function isAbout(error: unknown, path: string): error is WattzupError {
  return error instanceof WattzupError && [error.context['path'], error.context['name']].includes(path)
}

/** `--json` means NDJSON for messages and one document for reports. */
function formatOf(flags: CanlogFlags, { reports }: CanlogOptions): Format {
  const { count, sum, hist, pivot, stat, scan, scanFloat, meta, pmm, grid } = reports
  const reporting =
    count !== 'off' ||
    sum ||
    hist ||
    pivot !== undefined ||
    stat ||
    scan ||
    scanFloat ||
    meta !== undefined ||
    pmm ||
    grid
  const format = flags['format'] ?? (flags['json'] === true ? (reporting ? 'json' : 'ndjson') : 'text')
  if (format === 'json' && !reporting) {
    throw new UsageError('--format json prints reports: add one, such as --count, or use --format ndjson for messages')
  }
  return format as Format
}

function timed(options: CanlogOptions, chooser: LogChooser, flags: CanlogFlags): CanlogOptions {
  if (!chooser.sawCsv || flags['time'] === true) return options
  return { ...options, columns: { ...options.columns, time: false } }
}

async function portsOf(io: Io, out: ByteWriter, flags: CanlogFlags, format: Format): Promise<CanlogPorts> {
  const compat = flags['compat'] === true
  const note = (text: string) => io.err.write(`wattzup: ${text}\n`)
  return {
    out,
    note: compat ? text => line(out, text) : note,
    complain: (problem, wide) => {
      if (compat) line(out, problemText(problem, wide))
      else io.err.write(`${format === 'text' ? problemText(problem, false) : JSON.stringify(problem)}\n`)
    },
    files: io.files,
    palette: await palette(io, flags),
    format,
    raw: flags['raw'] === true,
    guesses: flags['guesses'] === true,
    width: io.out.isTerminal ? io.out.columns : undefined,
  }
}

function line(out: ByteWriter, text: string): void {
  out.text(text)
  out.endLine()
}

async function palette(io: Io, flags: CanlogFlags): Promise<Palette> {
  const level = flags['plain'] === true ? 0 : colorLevel(io, flags['color'])
  if (level === 0) return PLAIN_PALETTE
  const { paletteOf } = await import('../protocols/ecoflow/canlog/palette.ts')
  return paletteOf(level)
}
