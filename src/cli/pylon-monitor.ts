import { isWattzupError, UsageError } from '../core/errors.ts'
import { MonitorModel } from '../protocols/pylontech/view/monitor-model.ts'
import { jsonText } from '../sinks/ndjson.ts'
import type { Io } from './io.ts'
import { monitorOnce } from './pylon-monitor-once.ts'
import { openSource } from './pylon-monitor-open.ts'
import type { MonitorOptions } from './pylon-monitor-options.ts'
import { MonitorScreen } from './pylon-monitor-screen.ts'

/** Runs `pylon monitor`. */
export async function runMonitor(io: Io, name: string | undefined, options: MonitorOptions): Promise<void> {
  checkFlags(options)
  const source = await openSource(io, name, options)
  if (options.once !== true) checkTerminal(io)
  const { intervalMs } = source
  const { staleAfter } = options
  const model = new MonitorModel({
    source: source.name,
    intervalMs,
    ...(staleAfter === undefined ? {} : { staleAfterMs: staleAfter * 1000 }),
  })
  if (options.once === true) {
    await monitorOnce(io, source, model, options)
    return
  }
  loadHistory(io, model, options.history)
  await new MonitorScreen(io, source, model, options).run()
  for (const problem of source.problems?.() ?? []) io.err.write(`wattzup: ${problem}\n`)
  if (options.history !== undefined) await io.files.replaceText(options.history, `${jsonText(model.history.save())}\n`)
}

function checkFlags({ once, json, check, size, history }: MonitorOptions): void {
  if (once === true && history !== undefined)
    throw new UsageError('--history is for curves, which --once does not draw')
  if (once === true) return
  for (const [name, value] of Object.entries({ json, check, size })) {
    if (value !== undefined) throw new UsageError(`--${name} needs --once`)
  }
}

function checkTerminal({ out, env }: Io): void {
  const instead = '--once prints one picture'
  if (!out.isTerminal) throw new UsageError(`standard output is no terminal; ${instead}`)
  if (env['TERM'] === 'dumb') throw new UsageError(`the terminal cannot be drawn on (TERM=dumb); ${instead}`)
}

/** Curves go on where an earlier run left them; a file that is not there or makes no sense is no reason to stop. */
function loadHistory(io: Io, model: MonitorModel, path: string | undefined): void {
  if (path === undefined || !io.files.exists(path)) return
  try {
    model.history.load(JSON.parse(io.files.readText(path)))
  } catch (error) {
    if (!isWattzupError(error) && !(error instanceof SyntaxError)) throw error
    model.complain(`${path} holds no curves; it is written anew at the end`)
  }
}
