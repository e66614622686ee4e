import type { Clock } from '../core/clock.ts'
import { isWattzupError } from '../core/errors.ts'
import type { Answer, Asker } from './sec1000-asker.ts'
import { LEAST_INTERVAL } from './sec1000-options.ts'
import type { Sec1000Run } from './sec1000-run.ts'

/**
 * Asks every `intervalMs` until the run ends, and publishes. A controller that does not answer is told of once, and asked
 * again after the usual time. Between two requests are never less than 5 s.
 */
export async function watch(
  { run, notes }: Sec1000Run,
  asker: Asker,
  ask: () => Promise<Answer>,
  intervalMs: number,
  clock: Clock,
): Promise<void> {
  let lost = false
  while (!run.signal.aborted) {
    const began = clock.now()
    let waitMs = intervalMs
    try {
      const { reading } = await ask()
      if (lost) notes.say(`${asker.name} answers again`)
      lost = false
      await run.sink.write(reading)
      const left = began + intervalMs - clock.now()
      waitMs = Math.min(Math.max(left, LEAST_INTERVAL * 1000), intervalMs) // clocks are set back now and then
    } catch (error) {
      if (run.signal.aborted || !isWattzupError(error)) throw error
      if (!lost) notes.say(`${error.message}; trying again every ${intervalMs / 1000} s`)
      lost = true
    }
    await clock.sleep(waitMs, run.signal)
  }
}
