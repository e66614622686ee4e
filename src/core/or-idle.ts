import type { Clock } from './clock.ts'

/** Waits for what comes next; when it has not come after `ms`, calls `idle` once and goes on waiting. */
export async function orIdle<T>(
  next: Promise<T>,
  ms: number,
  clock: Clock,
  idle: () => void | Promise<void>,
): Promise<T> {
  const arrived = new AbortController()
  const watching = clock.sleep(ms, arrived.signal).then(idle, () => {}) // it came first
  try {
    return await next
  } finally {
    arrived.abort()
    await watching
  }
}
