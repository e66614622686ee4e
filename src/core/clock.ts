import type { MonotonicClock } from './monotonic-clock.ts'

/** Time as an argument, so that tests hold it still. */
export interface Clock {
  /** Unix time in ms. */
  now(): number
  /** Ends after `ms`, or rejects with the signal's reason when it aborts first. */
  sleep(ms: number, signal: AbortSignal): Promise<void>
}

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
      const timer = setTimeout(done, ms)
      signal.addEventListener('abort', stopped, { once: true })
      function done(): void {
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
