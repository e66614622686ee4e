import { alarmsOf } from '../protocols/pylontech/view/alarms.ts'
import type { MonitorModel } from '../protocols/pylontech/view/monitor-model.ts'
import { painted } from '../protocols/pylontech/view/paint.ts'
import { drawStill } from '../protocols/pylontech/view/screen.ts'
import { hasValues, isStale } from '../protocols/pylontech/view/stack.ts'
import { jsonText } from '../sinks/ndjson.ts'
import type { Io } from './io.ts'
import { isColored, lookAt } from './pylon-monitor-look.ts'
import type { MonitorOptions } from './pylon-monitor-options.ts'
import { redacted } from './pylon-monitor-redact.ts'
import type { MonitorSource } from './pylon-monitor-source.ts'

/** Exit statuses: of no data, and with `--check` of values that are old and of alarms. */
const NO_DATA = 3
const STALE = 4
const ALARM = 5

/** Prints one picture of a source, or its document; sets the exit status. */
export async function monitorOnce(
  io: Io,
  source: MonitorSource,
  model: MonitorModel,
  options: MonitorOptions,
): Promise<void> {
  const found = await source.once(io.signal)
  for (const problem of source.problems?.() ?? []) io.err.write(`wattzup: ${problem}\n`)
  const document = found === undefined ? undefined : redacted(found.document, options.redact === true)
  if (found !== undefined && document !== undefined) model.take(document, found.at)
  if (document === undefined || model.stack?.modules.some(hasValues) !== true) {
    io.err.write(`wattzup: no data of any module from ${source.name}\n`)
    io.status.code = NO_DATA
    return
  }
  io.out.write(options.json === true ? `${jsonText(document)}\n` : picture(io, model, options, source.now()))
  if (options.check === true) io.status.code = statusOf(model, source.now())
}

/** Exactly as large as the user wants it; else as wide as the terminal, and as many lines as it takes. */
function picture(io: Io, model: MonitorModel, options: MonitorOptions, now: number): string {
  const { columns, rows } = options.size ?? { columns: io.out.columns, rows: undefined }
  const lines = drawStill(model.content, lookAt(io, options, model, now), columns, rows)
  const isColor = isColored(io, options)
  return lines.map(line => `${painted(line, isColor).trimEnd()}\n`).join('')
}

function statusOf({ stack, staleAfterMs }: MonitorModel, now: number): number {
  const modules = stack?.modules ?? []
  if (modules.some(module => alarmsOf(module).length > 0)) return ALARM
  return modules.some(module => isStale(module, now, staleAfterMs)) ? STALE : 0
}
