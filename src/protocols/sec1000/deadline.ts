import type { Clock } from '../../core/clock.ts'
import { TimeoutError } from '../../core/errors.ts'

/**
 * Runs `use` for at most `ms` in all, however many steps it has: then the signal that it is given aborts with a
 * `TimeoutError`.
 */
export async function within<T>(
  ms: number,
  clock: Clock,
  signal: AbortSignal,
  use: (signal: AbortSignal) => Promise<T>,
): Promise<T> {
  const settled = new AbortController()
  const late = new AbortController()
  const expired = () => late.abort(new TimeoutError(`no answer within ${ms / 1000} s`, { ms }))
  clock.sleep(ms, settled.signal).then(expired, () => {}) // settled first
  try {
    return await use(AbortSignal.any([signal, late.signal]))
  } finally {
    settled.abort()
  }
}
