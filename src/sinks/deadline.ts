import { type Clock, yieldToEvents } from '../core/clock.ts'

/** Whether `work` is done within `ms`; it goes on if not. Rejects when `work` does so before. */
export async function isDoneWithin(ms: number, work: Promise<unknown>, clock: Clock): Promise<boolean> {
  const over = new AbortController()
  let done = false
  const working = work.finally(() => {
    done = true
  })
  const late = clock.sleep(ms, over.signal).then(
    () => yieldToEvents(), // work that is done at this very moment counts
    () => {}, // the work was done first
  )
  try {
    await Promise.race([working, late])
    return done
  } finally {
    over.abort()
  }
}
