import { TransportError, UsageError } from '../core/errors.ts'
import { ByteWriter } from '../core/writer.ts'
import { FittingSink } from '../framing/writers/fitting-sink.ts'
import { FORMAT_OF_ENDING, WRITABLE_LOGS, type WritableFormat } from '../framing/writers/formats.ts'
import type { Zone } from '../framing/zone.ts'
import { type LogResult, readLog } from '../pipeline.ts'
import { LogOutput } from './can-convert-output.ts'
import { isBad, skippedText } from './can-convert-report.ts'
import type { Io } from './io.ts'
import { LogChooser } from './log-chooser.ts'
import { progressText } from './progress.ts'
import { StatusLine } from './status-line.ts'

/** What `can convert` was asked to do. */
export interface ConvertOptions {
  readonly to?: WritableFormat
  readonly tz?: Zone
  readonly force?: true
  readonly strict?: true
}

const COMPRESSED = '.gz'

/** Writes the log at `from` in another format to `to`; both may be `-`. What was lost is told on standard error. */
export async function convertLog(io: Io, from: string, to: string, options: ConvertOptions): Promise<void> {
  const target = WRITABLE_LOGS[options.to ?? formatOfName(to)]
  if (to === '-' && io.out.isTerminal && target.isBinary) {
    throw new UsageError(`${target.name} is no text for a terminal; name a file, or pipe it on`)
  }
  if (to !== '-' && io.files.isSame(from, to)) {
    throw new UsageError(`cannot write ${to}: it is the input; name another file`)
  }
  const output = await LogOutput.open(io, to, options.force === true, to.endsWith(COMPRESSED))
  try {
    const out = new ByteWriter(bytes => output.write(bytes))
    const sink = new FittingSink(target, out, options.tz)
    const result = await read(io, from, to, options, sink, out)
    finish(io, from, options, sink, result, () => {
      sink.end()
      out.flush()
      output.end()
    })
  } finally {
    output.close()
  }
}

async function read(
  io: Io,
  from: string,
  to: string,
  { tz }: ConvertOptions,
  sink: FittingSink,
  out: ByteWriter,
): Promise<LogResult> {
  const chooser = new LogChooser(false, false, 'can convert', {
    zeroIsTime: true,
    ...(tz === undefined ? {} : { zone: tz }),
  })
  const status = new StatusLine(io, to !== '-' || !io.out.isTerminal)
  const input = await io.open(from)
  try {
    return await readLog(input, {
      choose: ({ name }, head, complete) => chooser.choose(name, head, complete, () => sink),
      drained: (_, bytes) => {
        if (input.live) out.flush()
        status.update(elapsed => progressText(input, bytes, elapsed))
      },
      stopped: () => io.signal.aborted,
    })
  } finally {
    status.done()
    input.close()
  }
}

/** Ends the output, unless there is nothing that it could hold, and tells what became of the log. */
function finish(
  io: Io,
  from: string,
  { strict }: ConvertOptions,
  sink: FittingSink,
  result: LogResult,
  end: () => void,
): void {
  const skipped = skippedText(result)
  const { failure } = result
  if (sink.frames > 0 || (failure === undefined && !isBad(result))) end()
  const lines = [...(skipped === undefined ? [] : [skipped]), ...sink.report]
  for (const line of lines) io.err.write(`wattzup: ${line}\n`)
  if (failure !== undefined) throw failure
  if (sink.frames === 0 && isBad(result)) {
    throw new TransportError(`cannot convert ${from}: no frame in it could be used`, { path: from })
  }
  if (strict === true && (isBad(result) || sink.report.length > 0)) io.status.code = 1
}

function formatOfName(path: string): WritableFormat {
  if (path === '-')
    throw new UsageError(`standard output needs a format: --to ${Object.keys(WRITABLE_LOGS).join(', ')}`)
  const plain = path.endsWith(COMPRESSED) ? path.slice(0, -COMPRESSED.length) : path
  const ending = plain.slice(plain.lastIndexOf('.') + 1).toLowerCase()
  if (Object.hasOwn(FORMAT_OF_ENDING, ending)) return FORMAT_OF_ENDING[ending]!
  const known = Object.keys(FORMAT_OF_ENDING).map(name => `.${name}`)
  throw new UsageError(`the name ${path} says no format: use one of ${known.join(', ')}, or --to FORMAT`)
}
