import type { MonotonicClock } from './monotonic-clock.ts'

/** Time as an argument, so that tests hold it still. */
export interface Clock {
  /** Unix time in ms. */
  now(): number
  /** Ends after `ms`, or rejects with the signal's reason when it aborts first. */
  sleep(ms: number, signal: AbortSignal): Promise<void>
}

/** Timers of the machine go no further, ms. */
const LONGEST_TIMER_MS = 2 ** 31 - 1

/** The machine's clock. */
export const systemClock: Clock & MonotonicClock = {
  now: () => Date.now(),
  monotonic: () => performance.now(),
  sleep: (ms, signal) =>
    new Promise((resolve, reject) => {
      if (signal.aborted) {
        reject(signal.reason)
        return
      }
      let left = ms
      let timer = begin()
      signal.addEventListener('abort', stopped, { once: true })
      function begin(): ReturnType<typeof setTimeout> {
        return setTimeout(done, Math.min(left, LONGEST_TIMER_MS))
      }
      function done(): void {
        left -= LONGEST_TIMER_MS
        if (left > 0) {
          timer = begin()
          return
        }
        signal.removeEventListener('abort', stopped)
        resolve()
      }
      function stopped(): void {
        clearTimeout(timer)
        reject(signal.reason)
      }
    }),
}

/** Lets pending events through, such as signals, in the middle of long synchronous work. */
export function yieldToEvents(): Promise<void> {
  return new Promise(resolve => setImmediate(resolve))
}
