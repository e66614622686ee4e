import type { Endpoint } from '../core/endpoint.ts'
import { isWattzupError } from '../core/errors.ts'
import type { Io } from './io.ts'
import { Asker } from './sec1000-asker.ts'
import type { RequestFlags } from './sec1000-options.ts'
import { type Output, type Sec1000Run, sec1000Run } from './sec1000-run.ts'

/** Does a run that asks a controller; one that is stopped has not failed. */
export async function withController(
  io: Io,
  endpoint: Endpoint,
  flags: RequestFlags,
  output: Output,
  intervalMs: number,
  use: (opened: Sec1000Run, asker: Asker) => Promise<void>,
): Promise<void> {
  await sec1000Run(io, flags, output, intervalMs, async opened => {
    try {
      await use(opened, new Asker(io, endpoint, flags, opened))
    } catch (error) {
      const { run } = opened
      const stopped = run.signal.aborted && (error === run.signal.reason || isWattzupError(error))
      if (!stopped) throw error
    }
  })
}
